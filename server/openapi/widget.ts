// The widget's script, and what it loads.
import { PinnedWidget, WidgetConfig } from '../answers/widget.ts'
import { ACCEPT_LANGUAGE, type Answer, BYTES, type Contents, IF_NONE_MATCH, json, LANG, type Operation, type Parameter, PUBLIC, TEXT, UNCHANGED } from './terms.ts'

const SCRIPT: Contents = { 'text/javascript': TEXT }
const FILES: Contents = { ...SCRIPT, 'text/css': TEXT, 'image/svg+xml': TEXT, 'font/woff2': BYTES }
const REGION: Parameter = { name: 'region', in: 'query', text: 'Where the visitor is (ISO 3166-2), for sites whose rules by place are told by the address.' }
const WISH = [LANG, REGION, ACCEPT_LANGUAGE]

const tagged = (text: string, content: Contents): Answer[] => [
  { status: 200, text, content, headers: [...PUBLIC, 'ETag'] }, { ...UNCHANGED, headers: [...UNCHANGED.headers!, ...PUBLIC] },
]

const file = (folder: string, id: string, text: string): Operation => ({
  method: 'get', path: `/${folder}/:name`, id, tag: 'Widget', summary: text, text: 'Names with a hash of the content never change.',
  parameters: [IF_NONE_MATCH], answers: tagged('The file.', FILES), problems: ['not_found'],
})

/** Operations of the widget. */
export const WIDGET_OPERATIONS: readonly Operation[] = [
  {
    method: 'get', path: '/v1/sites/:site/widget.js', id: 'getWidget', tag: 'Widget', summary: 'The script of the one tag',
    text: 'The loader with the banner’s words baked in. `lang` fixes the language, whatever the page is in.',
    parameters: [...WISH, IF_NONE_MATCH], answers: tagged('The script.', SCRIPT), problems: ['unknown_site'],
  },
  {
    method: 'get', path: '/v1/sites/:site/widget.json', id: 'getWidgetConfig', tag: 'Widget', summary: 'What the script asks for later',
    parameters: [...WISH, IF_NONE_MATCH], answers: tagged('The configuration.', json(WidgetConfig)), problems: ['unknown_site'],
  },
  {
    method: 'get', path: '/v1/sites/:site/pinned', id: 'pinWidget', tag: 'Widget', summary: 'The script as it is now, under an address that never changes',
    text: 'For pages that pin what they run (Subresource Integrity).',
    parameters: [LANG], answers: [{ status: 200, text: 'Its address and digest.', content: json(PinnedWidget), headers: PUBLIC }], problems: ['unknown_site'],
  },
  {
    method: 'get', path: '/v1/sites/:site/consent-default.js', id: 'getConsentDefault', tag: 'Widget', summary: 'Google’s consent default, for sites with signals/google',
    parameters: [IF_NONE_MATCH], answers: tagged('The script.', SCRIPT), problems: ['unknown_site', 'not_found'],
  },
  file('assets', 'getAsset', 'A part of the widget, or a pinned script'),
  file('page', 'getPageFile', 'A style sheet or script of the service’s own pages'),
]
