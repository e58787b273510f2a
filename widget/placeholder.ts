// What stands where a held-back frame or image will be: what it needs, from whom it comes, and one button, in the
// colours of the page.
import type { FirstLayer } from '../core/protocol.ts'
import { fillIn } from '../ui/words.ts'
import { loadWords } from './words.ts'

/** Fills a placeholder. Without a purpose that the notice asks about there is no button: nobody can allow that. */
export async function fillPlaceholder(place: HTMLElement, [, language, , , asked]: FirstLayer, purposeIds: readonly string[], allow: () => void): Promise<void> {
  const purposes = asked.filter(([id]) => purposeIds.includes(id))
  if (purposes.length === 0 || purposes.length < purposeIds.length) return
  const words = await loadWords(language)
  place.lang = language
  place.style.cssText += ';display:grid;place-content:center;justify-items:center;gap:12px;padding:12px;box-sizing:border-box;overflow:auto;background:#8882;font:14px/1.4 system-ui;text-align:center'
  const text = document.createElement('span')
  text.textContent = fillIn(words.blocked_embed, { purpose: purposes.map(([, statement, about]) => `${statement} ${about}`).join(' ') })
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = words.allow_and_load!
  button.style.cssText = 'all:revert;min-height:36px;padding:6px 16px;font:inherit;color:inherit;background:none;border:1px solid;border-radius:8px;cursor:pointer'
  button.onclick = allow
  place.append(text, button)
}
