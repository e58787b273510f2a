// A small button in the corner with which the choice is opened again, on pages that have no link of their own for it
// (FAIRNESS 12). Only for sites that did not turn it off; it steps aside while the banner stands.
import type { Extra } from '../../core/protocol.ts'

/** What the button says, and where it stands, as the CSS property `inset`. */
export interface ReopenSettings {
  label: string
  inset: string
}

const STYLE = 'all:initial;position:fixed;z-index:999999998;padding:8px 14px;font:14px/1.4 system-ui;cursor:pointer;color-scheme:light dark;color:canvastext;background:canvas;border:1px solid #8888;border-radius:12px;box-shadow:0 2px 12px #0004'

/** Puts the button on the page. */
export function createReopen({ label, inset }: ReopenSettings): Extra {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = label
  button.dataset.saysoOpen = ''
  // Each with !important, so that no style of the page hides it.
  button.style.cssText = `${STYLE};inset:${inset}`.replaceAll(/;|$/g, '!important;')

  // The banner takes the focus while this is away, so it is given back here.
  let wasPressed = false
  button.onclick = () => {
    wasPressed = true
  }

  function place(): void {
    if (document.readyState === 'loading') return
    const isDue = ![...document.querySelectorAll('sayso-banner,[data-sayso-open]')].some((other) => other !== button)
    if (isDue === button.isConnected) return
    if (!isDue) return button.remove()
    document.body.append(button)
    if (wasPressed) button.focus()
    wasPressed = false
  }

  new MutationObserver(place).observe(document, { childList: true, subtree: true })
  document.addEventListener('readystatechange', place)
  return place
}
