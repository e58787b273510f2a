// Where the law lets a purpose run until somebody objects: on the banner it has words and one button in place of a box,
// for there is nothing to tick. Only for sites with such a rule, and only served where the rule holds.
import type { Extra } from '../../core/protocol.ts'

/** What the button says, and the words above it. */
export interface ObjectionSettings {
  object: string
  runs: string
}

const STYLE = '::slotted([data-sayso-object]){grid-column:1/-1!important;margin-bottom:8px!important}'

/** Puts the button in place of each box whose purpose nobody decided about. */
export function createObjection({ object, runs }: ObjectionSettings): Extra {
  return (_isAllowed, letters, banner, decide) => {
    if (!banner || !letters.includes('o')) return
    banner.shadowRoot!.adoptedStyleSheets[0]!.insertRule(STYLE)
    banner.querySelectorAll('input').forEach((box, i) => {
      if (letters[i] !== 'o') return
      const words = document.createElement('p')
      const label = box.nextElementSibling!
      words.slot = 'list'
      words.textContent = `${label.textContent} ${runs}`
      const button = document.createElement('button')
      button.type = 'button'
      button.slot = 'list'
      button.textContent = object
      button.dataset.saysoObject = box.name
      button.onclick = () => decide((id) => id === box.name ? false : undefined, 'o')
      box.remove()
      label.nextElementSibling!.after(button)
      label.replaceWith(words)
    })
  }
}
