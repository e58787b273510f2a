// All operations, in the order of the page.
import { CONTACT_OPERATIONS } from './contacts.ts'
import { EVENT_OPERATIONS } from './events.ts'
import { LINK_OPERATIONS } from './links.ts'
import { LOG_OPERATIONS } from './log.ts'
import { MAIL_OPERATIONS } from './mails.ts'
import { NOTICE_OPERATIONS } from './notices.ts'
import { RECORD_OPERATIONS } from './records.ts'
import { SERVICE_OPERATIONS } from './service.ts'
import type { Operation } from './terms.ts'
import { WIDGET_OPERATIONS } from './widget.ts'

/** All operations. */
export const OPERATIONS: readonly Operation[] = [
  ...EVENT_OPERATIONS, ...WIDGET_OPERATIONS, ...NOTICE_OPERATIONS, ...LOG_OPERATIONS, ...LINK_OPERATIONS, ...CONTACT_OPERATIONS, ...MAIL_OPERATIONS, ...RECORD_OPERATIONS, ...SERVICE_OPERATIONS,
]
