// For a site's operators: contacts and contact lists.
import * as v from 'valibot'
import { ContactAnswer, ContactPage, EnsuredContact, LineResult, ListEnd, MadeLink, NotedEvent, PurgeAnswer, SuppressionsAnswer } from '../answers/contacts.ts'
import { Accepted } from '../answers/problem.ts'
import { ContactChange, NewContact, NewLink, PurgeDecision, VerbalDecision } from '../routes/contacts.ts'
import { type Answer, type Contents, json, JSON_PROBLEMS, NDJSON_TYPE, type Operation, OPERATOR_PROBLEMS, type Parameter, TEXT } from './terms.ts'

const PATH = '/v1/sites/:site/contacts'
const idText = 'The contact.'

const answer = (status: number, text: string, content: Contents): Answer => ({ status, text, content, headers: ['Cache-Control'] })
const query = (name: string, text: string, schema?: v.GenericSchema): Parameter => ({ name, in: 'query', text, ...(schema ? { schema } : {}) })

/** Operations on contacts. */
export const CONTACT_OPERATIONS: readonly Operation[] = [
  {
    method: 'post', path: PATH, id: 'createContact', tag: 'Contacts', scope: 'contacts:write', summary: 'Make a contact',
    text: 'A new one is asked once by mail what it would like, unless `ask` is false.', body: { content: json(NewContact) },
    answers: [answer(201, 'It was made.', json(EnsuredContact)), answer(200, 'It was there.', json(EnsuredContact))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'email', 'suppressed'],
  },
  {
    method: 'get', path: PATH, id: 'listContacts', tag: 'Contacts', scope: 'contacts:read', summary: 'Contacts, 500 at a time', text: 'In the order of ids.',
    parameters: [query('after', '`next` of the page before.'), query('purge', 'Only those that wait to be purged, or were kept.', v.picklist(['proposed', 'kept']))],
    answers: [answer(200, 'Some of them.', json(ContactPage))], problems: [...OPERATOR_PROBLEMS, 'invalid'],
  },
  {
    method: 'patch', path: `${PATH}/:id`, id: 'changeContact', tag: 'Contacts', scope: 'contacts:write', idText, summary: 'Say what changed about a contact', body: { content: json(ContactChange) },
    answers: [answer(200, 'The contact as it is now.', json(ContactAnswer))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'not_found'],
  },
  {
    method: 'post', path: `${PATH}/:id/purge`, id: 'decidePurge', tag: 'Contacts', scope: 'contacts:write', idText, summary: 'Keep or erase a contact that is put up for purging',
    text: 'That is one without an opt-in and without a contract for three months.', body: { content: json(PurgeDecision) },
    answers: [answer(200, 'It is done.', json(PurgeAnswer))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'not_found'],
  },
  {
    method: 'post', path: `${PATH}/:id/verbal`, id: 'noteVerbal', tag: 'Contacts', scope: 'contacts:write', idText, summary: 'Note what somebody said to staff',
    text: 'Attested by the service as such, and mailed to the person with a link that undoes it.', body: { content: json(VerbalDecision) },
    answers: [answer(201, 'It was recorded.', json(NotedEvent))], problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'not_found', 'later_decision', 'unknown_purpose'],
  },
  {
    method: 'post', path: `${PATH}/:id/links`, id: 'createLink', tag: 'Contacts', scope: 'contacts:write', idText, summary: 'Make a link, or mail one', body: { content: json(NewLink) },
    answers: [answer(201, 'The link. Whoever has it can use it.', json(MadeLink)), answer(202, 'It goes by mail.', json(Accepted))],
    problems: [...OPERATOR_PROBLEMS, ...JSON_PROBLEMS, 'not_found', 'unknown_purpose'],
  },
  {
    method: 'post', path: '/v1/sites/:site/contact-list', id: 'importContacts', tag: 'Contacts', scope: 'contacts:write', summary: 'Take a contact list over',
    text: 'CSV with `,`, `;` or tab; a header line names the columns. The answer is a JSON line for each line as it goes; what goes wrong on the way cuts it off before its last line.',
    parameters: [
      query('dry_run', '`1`: nothing is written.'), query('ask', '`0`: no mails.'), query('purposes', 'What the list claims agreements for, ids with commas between. They do not count until their owner confirms them.'),
      query('source', 'Where the addresses are from, for lines that do not say.'),
    ],
    body: { content: { 'text/csv': TEXT } },
    answers: [answer(200, 'A line for each, then the totals.', { [NDJSON_TYPE]: { lines: v.union([LineResult, ListEnd]) } })],
    problems: [...OPERATOR_PROBLEMS, 'media_type', 'invalid', 'unknown_purpose'],
  },
  {
    method: 'get', path: '/v1/sites/:site/contact-list', id: 'exportContacts', tag: 'Contacts', scope: 'contacts:export', summary: 'All contacts as CSV', text: 'Nothing in it is what a spreadsheet would run.',
    answers: [{ status: 200, text: 'The list.', content: { 'text/csv': TEXT }, headers: ['Cache-Control', 'Content-Disposition'] }], problems: OPERATOR_PROBLEMS,
  },
  {
    method: 'post', path: '/v1/sites/:site/suppressions', id: 'suppress', tag: 'Contacts', scope: 'contacts:write', summary: 'Addresses that nobody may write to',
    text: 'One a line: an address, or its SHA-256 or MD5 in hex. Only keyed hashes are kept.', body: { content: { 'text/plain': TEXT, 'text/csv': TEXT } },
    answers: [answer(200, 'They are suppressed.', json(SuppressionsAnswer))], problems: [...OPERATOR_PROBLEMS, 'media_type', 'invalid'],
  },
]
