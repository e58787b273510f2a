// The first layer: the part of a notice that a banner shows before anybody has clicked. It is a projection of
// the notice, so a device can check that what it rendered is what the notice with that hash says.
import type { Notice } from './notice.ts'
import { isOptional } from './purpose.ts'

/** One purpose on the first layer. */
export interface LayerPurpose {
  id: string
  statement_text: string
  recipients: string[]
  retention: string
  /** Names of cookies and storage keys, `*` for any characters; removed on withdrawal. */
  tags: string[]
}

/** What the banner shows, from one notice. */
export interface FirstLayer {
  language: string
  controller: string
  withdrawal: string
  validity_duration: string
  labels: Notice['labels']
  /** Device purposes that people are asked about. */
  asked: LayerPurpose[]
  /** Statements of device purposes that do not rest on consent: text, never a checkbox. */
  told: string[]
}

/** The first layer of a notice. */
export function projectFirstLayer(notice: Notice): FirstLayer {
  const device = notice.purposes.filter((purpose) => purpose.scope === 'device')
  return {
    language: notice.language,
    controller: notice.controller.name,
    withdrawal: notice.withdrawal,
    validity_duration: notice.validity_duration,
    labels: notice.labels,
    asked: device.filter(isOptional).map(({ id, statement_text, recipients, retention, tags }) => ({ id, statement_text, recipients, retention, tags })),
    told: device.filter((purpose) => !isOptional(purpose)).map((purpose) => purpose.statement_text),
  }
}
