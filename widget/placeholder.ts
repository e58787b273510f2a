// What stands where a held-back embed will be: what it needs, from whom it comes, and two buttons: for all of its kind,
// and for this one alone. In the colours of the page, with a picture and words of the page's own where it has some.
import type { FirstLayer } from '../core/protocol.ts'
import { fillIn } from '../ui/words.ts'
import { loadWords } from './words.ts'

/** What can be done about it. */
export interface PlaceholderActions {
  /** Grants the purposes, for everything of the kind. */
  allow: () => void
  /** Loads this one, now and on this page. */
  loadOnce: () => void
}

const STYLE = ';place-content:center;justify-items:center;gap:10px;padding:12px;overflow:auto;background:#8882 center/cover;font:14px/1.4 system-ui;text-align:center'
const WORDS_STYLE = 'padding:4px 10px;border-radius:8px;background:Canvas;color:CanvasText;color-scheme:light dark'
const BUTTON_STYLE = `all:revert;min-height:36px;padding:6px 16px;font:inherit;border:1px solid;border-radius:8px;cursor:pointer;background:Canvas;color:CanvasText;color-scheme:light dark`

/** Fills a placeholder for `embed`. Without a purpose that the notice asks about there is no button: nobody can allow that. */
export async function fillPlaceholder(place: HTMLElement, embed: HTMLElement, [, language, , , asked]: FirstLayer, purposeIds: readonly string[], actions: PlaceholderActions): Promise<void> {
  const purposes = asked.filter(([id]) => purposeIds.includes(id))
  if (purposes.length === 0 || purposes.length < purposeIds.length) return
  const words = await loadWords(language)
  const { saysoText, saysoPoster } = embed.dataset
  place.lang = language
  place.role = 'group'
  place.ariaLabel = embed.title || fillIn(words.blocked_embed, { purpose: purposes.map(([, statement]) => statement).join(' ') })
  place.style.cssText += STYLE
  // The page's own file: before a choice nobody else is asked for anything.
  if (saysoPoster && new URL(saysoPoster, location.href).origin === location.origin) place.style.backgroundImage = `url(${JSON.stringify(saysoPoster)})`
  const add = (tag: string, textContent: string, cssText: string) => {
    const element = Object.assign(document.createElement(tag), { textContent })
    element.style.cssText = cssText
    place.append(element)
    return element
  }
  if (saysoText) add('strong', saysoText, WORDS_STYLE)
  add('span', fillIn(words.blocked_embed, { purpose: purposes.map(([, statement, about]) => `${statement} ${about}`).join(' ') }), WORDS_STYLE)
  for (const [label, act] of [[words.allow_and_load, actions.allow], [words.load_once, actions.loadOnce]] as const) {
    const button = add('button', label!, BUTTON_STYLE) as HTMLButtonElement
    button.type = 'button'
    button.onclick = act
  }
}
