// Notices, by their hash and in force.
import * as v from 'valibot'
import { Notice } from '../../core/notice.ts'
import { WidgetConfig } from '../answers/widget.ts'
import { ACCEPT, ACCEPT_LANGUAGE, json, LANG, type Operation, PAGE, PUBLIC, TEXT } from './terms.ts'

const problems = ['unknown_site', 'not_found']
const DRAWN = 'Part of the page that draws an old banner or form again; it has that one notice and records nothing.'

/** Operations on notices. */
export const NOTICE_OPERATIONS: readonly Operation[] = [
  {
    method: 'get', path: '/v1/sites/:site/notices/current', id: 'findCurrentNotice', tag: 'Notices', summary: 'The notice in force',
    parameters: [LANG, { name: 'scope', in: 'query', text: '`device`: cookies and tags. `contact`: messages to a person. Else the first that the site has.', schema: v.picklist(['device', 'contact']) }, ACCEPT_LANGUAGE],
    answers: [{ status: 302, text: 'Its address.', headers: ['Location', 'Vary', ...PUBLIC] }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash', id: 'getNotice', tag: 'Notices', summary: 'A notice, immutable',
    text: 'Its canonical JSON (RFC 8785) hashes to the address.', parameters: [ACCEPT],
    answers: [{ status: 200, text: 'The notice.', content: { ...json(Notice), ...PAGE }, headers: ['Cache-Control', 'Vary'] }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash/compare/:other', id: 'compareNotices', tag: 'Notices', summary: 'Two notices, word by word, as a page', parameters: [LANG, ACCEPT_LANGUAGE],
    answers: [{ status: 200, text: 'The page.', content: PAGE, headers: ['Cache-Control', 'Vary'] }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash/preview', id: 'previewNotice', tag: 'Notices', summary: 'The banner or form of that notice, drawn again',
    text: 'For a sandboxed frame of the service’s own pages.',
    parameters: [{ name: 'boxes', in: 'query', text: 'Ids of the boxes that the form showed, with spaces between; else all.' }, { name: 'build', in: 'query', text: 'The widget build that drew it; else the present one.' }],
    answers: [{ status: 200, text: 'The page.', content: PAGE, headers: ['Cache-Control'] }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash/widget.js', id: 'getNoticeWidget', tag: 'Notices', summary: 'The script that draws that notice', text: DRAWN,
    parameters: [{ name: 'build', in: 'query', text: 'The widget build; the present one where it is not kept.' }],
    answers: [{ status: 200, text: 'The script.', content: { 'text/javascript': TEXT }, headers: PUBLIC }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash/widget.json', id: 'getNoticeWidgetConfig', tag: 'Notices', summary: 'The configuration for drawing that notice', text: DRAWN,
    answers: [{ status: 200, text: 'The configuration.', content: json(WidgetConfig), headers: PUBLIC }], problems,
  },
  {
    method: 'get', path: '/v1/sites/:site/notices/:hash/notices/:same', id: 'getNoticeBelow', tag: 'Notices', summary: 'That notice, where the drawn widget looks for it', text: DRAWN,
    answers: [{ status: 200, text: 'The notice.', content: json(Notice), headers: PUBLIC }], problems,
  },
]
