// For operators: records and evidence.
import * as v from 'valibot'
import { EXPORT_TYPE, ExportEnd, ExportHeader, ExportLeaf } from '../../core/export.ts'
import { ErasedAnswer } from '../answers/records.ts'
import { ACCEPT, form, json, LANG, type Operation, OPERATOR_PROBLEMS, PAGE } from './terms.ts'

/** The lines of an export. */
export const EXPORT_LINES = { lines: v.union([ExportHeader, ExportLeaf, ExportEnd]) }

const HIDDEN = 'Whoever may not is not told whether there is one.'

/** Operations on records. */
export const RECORD_OPERATIONS: readonly Operation[] = [
  {
    method: 'get', path: '/v1/records/:id/export', id: 'exportRecord', tag: 'Records', scope: 'records:export', idText: 'record_id', summary: 'Everything an auditor needs about a record, in one file', text: HIDDEN,
    answers: [{ status: 200, text: 'A header, a line for each leaf, an end.', content: { [EXPORT_TYPE]: EXPORT_LINES }, headers: ['Cache-Control', 'Content-Disposition'] }], problems: ['not_found'],
  },
  {
    method: 'delete', path: '/v1/records/:id', id: 'eraseRecord', tag: 'Records', scope: 'records:erase', idText: 'record_id', summary: 'Erase a record', text: `A contact’s record takes the contact with it. The leaves of the log stay. ${HIDDEN}`,
    answers: [{ status: 200, text: 'It is erased.', content: json(ErasedAnswer), headers: ['Cache-Control'] }], problems: ['not_found'],
  },
  {
    method: 'get', path: '/v1/sites/:site/accesses', id: 'exportAccesses', tag: 'Records', scope: 'accesses:read', summary: 'Who read and took out what, in one file',
    text: 'The export of the log of accesses. What operators read is recorded there before it is answered; so is this.',
    answers: [{ status: 200, text: 'A header, a line for each leaf, an end.', content: { [EXPORT_TYPE]: EXPORT_LINES }, headers: ['Cache-Control', 'Content-Disposition'] }], problems: OPERATOR_PROBLEMS,
  },
  {
    method: 'get', path: '/evidence/:id', id: 'getEvidence', tag: 'Records', scope: 'evidence', idText: 'event_id', summary: 'An event beside what was shown, as a page', parameters: [LANG, ACCEPT],
    answers: [{ status: 200, text: 'The page.', content: PAGE, headers: ['Cache-Control'] }, { status: 401, text: 'The page that asks for the token, where a page is asked for.', content: PAGE, headers: ['WWW-Authenticate'] }],
    problems: ['unauthorized', 'not_found', 'erased'],
  },
  {
    method: 'post', path: '/evidence/:id', id: 'postEvidence', tag: 'Records', idText: 'event_id', summary: 'The same, from the page that asks for the token', text: 'The token is for this one request and is kept nowhere.', parameters: [LANG],
    body: { content: form({ token: v.optional(v.string()), lang: v.optional(v.string()) }) },
    answers: [{ status: 200, text: 'The page.', content: PAGE, headers: ['Cache-Control'] }, { status: 401, text: 'The page that asks for the token again.', content: PAGE, headers: ['WWW-Authenticate'] }],
    problems: ['origin', 'media_type', 'too_large', 'invalid', 'not_found', 'erased'],
  },
]
