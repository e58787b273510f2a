// The banner's first layer: a host whose text and controls are its light-DOM children, so that assistive
// technology, privacy tools and strict policies see plain elements, slotted into a shadow root with our style.
import type { WidgetConfig } from '../../core/protocol.ts'
import { formatDuration } from '../../ui/duration.ts'
import { formatNoticeUrl } from '../notice-url.ts'
import css from './banner.css?inline'

/** What a visitor can press; the value of data-sayso-action. */
export type ActionName = 'accept-all' | 'reject-all' | 'save' | 'close' | 'choose'

/** Builds the banner; it is not in the document yet. `isReopened`: there is a choice, so closing leaves it as it is. */
export function buildBanner(config: WidgetConfig, isTicked: (purposeId: string) => boolean, isReopened: boolean): HTMLElement {
  const { words } = config
  const { hash, layer } = config.deviceNotice!
  const { labels } = layer
  const host = document.createElement('sayso-banner')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  const card = document.createElement('div')
  card.className = 'card'

  function addSection(slotName: string): void {
    const section = document.createElement('div')
    section.className = slotName
    section.append(Object.assign(document.createElement('slot'), { name: slotName }))
    card.append(section)
  }

  function add(slot: string, tag: string, properties: object): HTMLElement {
    return host.appendChild(Object.assign(document.createElement(tag), { slot }, properties))
  }

  function addButton(slot: string, action: ActionName, textContent: string | undefined): void {
    add(slot, 'button', { type: 'button', textContent }).dataset.saysoAction = action
  }

  for (const slot of ['text', 'list', 'facts', 'actions']) addSection(slot)
  root.append(card)
  host.role = 'region'
  host.lang = layer.language
  host.ariaLabel = labels.title!

  add('text', 'h2', { textContent: labels.title, tabIndex: -1 })
  add('text', 'p', { textContent: labels.intro })
  for (const { id, statement_text, recipients, retention } of layer.asked) {
    const htmlFor = `sayso-${id}`
    add('list', 'input', { type: 'checkbox', name: id, id: htmlFor, checked: isTicked(id) })
    add('list', 'label', { htmlFor, textContent: statement_text })
    add('list', 'small', { textContent: `${words.recipients}: ${recipients.join(', ')}. ${words.kept}: ${retention}` })
  }
  for (const textContent of [
    `${words.who}: ${layer.controller}`,
    layer.told[0] && `${words.necessary}: ${layer.told.join(' ')}`,
    words.validity!.replace('{{duration}}', formatDuration(layer.validity_duration, layer.language)),
    layer.withdrawal,
  ]) if (textContent) add('facts', 'p', { textContent })
  add('facts', 'a', { href: formatNoticeUrl(config, hash), target: '_blank', textContent: labels.full_notice, title: words.opens_in_new_tab })
  addButton('facts', 'choose', labels.choose)
  if (isReopened) addButton('facts', 'close', labels.close)
  addButton('actions', 'reject-all', labels.reject_all)
  addButton('actions', 'save', labels.save)
  addButton('actions', 'accept-all', labels.accept_all)
  return host
}
