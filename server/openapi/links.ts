// Personal links: asking for one, the preference centre behind it, unsubscribing.
import * as v from 'valibot'
import { EXPORT_TYPE } from '../../core/export.ts'
import { Accepted } from '../answers/problem.ts'
import { BoundKey } from '../answers/records.ts'
import { BindingWish } from '../routes/key-bindings.ts'
import { LinkWish } from '../routes/new-link.ts'
import { EXPORT_LINES } from './records.ts'
import { ACCEPT, ACCEPT_LANGUAGE, type Answer, form, FORM_PROBLEMS, json, LANG, type Operation, PAGE, type Parameter } from './terms.ts'

const text = v.optional(v.string())
const HANDLE: Parameter = { name: 'h', in: 'query', text: 'The handle of the visit, where cookies are off.' }
const FOR: Parameter = { name: 'for', in: 'query', text: 'What the code is asked for.', schema: v.picklist(['export', 'address', 'erase']) }
const SITE: Parameter = { name: 'site', in: 'query', text: 'The site whose page it is.' }

/** Fields that every form of a visit has. */
const VISIT = { csrf: text, h: text, lang: text }
const CHOICE = form({
  ...VISIT,
  purpose: v.optional(v.array(v.string())), again: v.optional(v.array(v.string())),
  action_id: text, unsubscribe_all: text, event: text, key_binding: text,
})
const CHOICE_TEXT = 'A `purpose` for each ticked box. `event` is the browser’s own JWS of the same choice; a form is never refused for it.'

const page = (status: number, what: string): Answer => ({ status, text: what, content: PAGE, headers: ['Cache-Control'] })
const SHOWN = page(200, 'The page.')
const UNKNOWN = page(404, 'No link is open here: one and the same page for unknown, foreign, revoked and erased links.')
const STALE = page(403, 'The page again: the form is too old.')
const AT_FAULT = page(422, 'The page again, with what is at fault.')
const NEXT: Answer = { status: 303, text: 'Where to go on.', headers: ['Location', 'Cache-Control'] }

/** Operations behind personal links. */
export const LINK_OPERATIONS: readonly Operation[] = [
  {
    method: 'post', path: '/v1/sites/:site/links', id: 'askForLink', tag: 'Personal links', summary: '“E-mail me my link”',
    text: 'The same answer at the same time for known and unknown addresses. A body that is no form is read as JSON, whatever its type says. A site’s registered origins may call it from a page and read the answer.',
    parameters: [ACCEPT, ACCEPT_LANGUAGE],
    body: { content: { ...json(LinkWish), ...form({ email: v.string(), lang: text, language: text }) } },
    answers: [{ status: 202, text: 'A mail goes, if the address is known. A form is answered a page where one is asked for.', content: { ...json(Accepted), ...PAGE }, headers: ['Cache-Control'] }],
    problems: ['unknown_site', 'email', 'too_large', 'json_syntax', 'invalid'],
  },
  { method: 'get', path: '/p/new-link', id: 'showNewLink', tag: 'Personal links', summary: 'The page that asks for a new link', parameters: [LANG, ACCEPT_LANGUAGE], answers: [SHOWN] },
  {
    method: 'post', path: '/p/new-link', id: 'postNewLink', tag: 'Personal links', summary: 'Ask for a new link, from that page', parameters: [LANG],
    body: { content: form({ email: text, lang: text, csrf: text }) }, answers: [page(202, 'A mail goes, if the address is known.'), AT_FAULT], problems: FORM_PROBLEMS,
  },
  {
    method: 'get', path: '/p/:token', id: 'openLink', tag: 'Personal links', summary: 'Open a link', text: 'Opens a visit and takes the token out of the address. It changes no decision.', parameters: [LANG],
    answers: [{ ...NEXT, headers: [...NEXT.headers!, 'Set-Cookie'] }, page(200, 'The link’s time is over: unsubscribe from all, or ask for a new one. Nothing about the person.'), UNKNOWN],
  },
  {
    method: 'post', path: '/p/:token', id: 'postToLink', tag: 'Personal links', summary: 'Save a choice, or unsubscribe from all behind a link whose time is over', text: CHOICE_TEXT,
    parameters: [LANG], body: { content: CHOICE }, answers: [NEXT, page(200, 'Everything is withdrawn.'), UNKNOWN, AT_FAULT], problems: ['csrf', ...FORM_PROBLEMS],
  },
  {
    method: 'get', path: '/p/open', id: 'showPreferences', tag: 'Personal links', summary: 'The preference centre', text: 'By the cookie of the visit, or its handle.',
    parameters: [LANG, HANDLE, { name: 'saved', in: 'query', text: 'The event that was just saved.' }], answers: [SHOWN, UNKNOWN],
  },
  {
    method: 'post', path: '/p/open', id: 'savePreferences', tag: 'Personal links', summary: 'Save a choice', text: CHOICE_TEXT,
    parameters: [LANG, HANDLE, { name: 'notice', in: 'query', text: 'notice_hash of what was shown.' }],
    body: { content: CHOICE }, answers: [NEXT, UNKNOWN, STALE, AT_FAULT], problems: FORM_PROBLEMS,
  },
  {
    method: 'post', path: '/p/key-bindings', id: 'bindKey', tag: 'Personal links', summary: 'Let a browser’s key into a record of the person whose link is open',
    body: { content: form({ ...VISIT, ...BindingWish.entries }) },
    answers: [{ status: 201, text: 'The binding, signed by the service.', content: json(BoundKey), headers: ['Cache-Control'] }], problems: ['not_found', 'csrf', ...FORM_PROBLEMS],
  },
  { method: 'get', path: '/p/code', id: 'showCode', tag: 'Personal links', summary: 'What needs a code from the inbox: where it stands', parameters: [FOR, LANG, HANDLE], answers: [SHOWN, UNKNOWN] },
  {
    method: 'post', path: '/p/code', id: 'postCode', tag: 'Personal links', summary: 'Have a code sent, enter it, and do what it opens', parameters: [FOR, LANG, HANDLE],
    body: { text: '`do` says which step it is.', content: form({ ...VISIT, do: text, code: text, email: text, confirm: text }) },
    answers: [
      NEXT, { status: 200, text: 'The record, to be kept.', content: { [EXPORT_TYPE]: EXPORT_LINES }, headers: ['Cache-Control', 'Content-Disposition'] }, UNKNOWN, STALE, AT_FAULT,
      page(429, 'The page again: no more codes for now.'),
    ],
    problems: FORM_PROBLEMS,
  },
  { method: 'get', path: '/p/restore', id: 'showRestore', tag: 'Personal links', summary: 'Back to an earlier address: the page', parameters: [LANG, HANDLE], answers: [SHOWN, UNKNOWN] },
  {
    method: 'post', path: '/p/restore', id: 'restoreAddress', tag: 'Personal links', summary: 'Back to an earlier address', parameters: [LANG, HANDLE],
    body: { content: form({ ...VISIT, do: text }) }, answers: [NEXT, UNKNOWN, STALE, AT_FAULT], problems: FORM_PROBLEMS,
  },
  { method: 'get', path: '/p/erased', id: 'showErased', tag: 'Personal links', summary: 'Says that it is done, and nothing about anybody', parameters: [SITE, LANG], answers: [SHOWN, UNKNOWN] },
  { method: 'get', path: '/u/:token', id: 'showUnsubscribe', tag: 'Personal links', summary: 'The page of a withdraw-only link', parameters: [LANG], answers: [SHOWN, UNKNOWN] },
  {
    method: 'post', path: '/u/:token', id: 'unsubscribe', tag: 'Personal links', summary: 'Unsubscribe with one click (RFC 8058)', text: 'No cookie, no redirect; a repeat records nothing and sends no mail.', parameters: [LANG],
    body: { content: form({ 'List-Unsubscribe': v.literal('One-Click'), lang: text }) }, answers: [page(200, 'What the link covers is withdrawn.'), UNKNOWN], problems: ['media_type', 'too_large', 'invalid'],
  },
]
