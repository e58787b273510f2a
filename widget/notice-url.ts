// Where a notice is a readable page of the service.
import type { WidgetConfig } from '../core/protocol.ts'

/** The address of a notice. */
export const formatNoticeUrl = ({ base, site }: WidgetConfig, hash: string) => `${base}/v1/sites/${site}/notices/${hash}`
