// The banner's first layer: a host whose text and controls are its light-DOM children, so that assistive
// technology, privacy tools and strict policies see plain elements, slotted into a shadow root with our style.
import type { FirstLayer } from '../../core/protocol.ts'
import css from './banner.css?inline'

const create = (tag: string, properties?: object): HTMLElement => Object.assign(document.createElement(tag), properties)

/** Makes what asks; it is not in the document yet. `isReopened`: there is a choice, so closing leaves it as it is. */
export type BuildBanner = (layer: FirstLayer, siteUrl: string, isTicked: (purposeId: string) => boolean, isReopened?: boolean) => HTMLElement

/** Builds the banner. */
export const buildBanner: BuildBanner = (
  [hash, lang, title, intro, asked, facts, fullNotice, choose, close, rejectAll, save, acceptAll], siteUrl, isTicked, isReopened,
) => {
  const host = create('sayso-banner', { role: 'region', lang, ariaLabel: title })
  const add = (slot: string, tag: string, textContent: string, more?: object) => host.appendChild(create(tag, { slot, textContent, ...more }))
  const addButton = (slot: string, action: string, label: string) => {
    add(slot, 'button', label).dataset.saysoAction = action
  }

  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  // A name of our own, so that the style of this one element meets none of the panel's.
  const card = create('card')
  root.append(card)
  for (const name of ['list', 'facts', 'actions']) card.append(create('slot', { name }))

  add('list', 'h2', title, { tabIndex: -1 })
  add('list', 'p', intro)
  for (const [name, statement, about] of asked) {
    const id = `sayso-${name}`
    add('list', 'input', '', { type: 'checkbox', name, id, checked: isTicked(name) })
    add('list', 'label', statement, { htmlFor: id })
    add('list', 'small', about)
  }
  for (const fact of facts) add('facts', 'small', fact)
  add('facts', 'a', fullNotice, { href: `${siteUrl}notices/${hash}` })
  addButton('facts', 'choose', choose)
  if (isReopened) addButton('facts', 'close', close)
  addButton('actions', 'reject-all', rejectAll)
  addButton('actions', 'save', save)
  addButton('actions', 'accept-all', acceptAll)
  return host
}
