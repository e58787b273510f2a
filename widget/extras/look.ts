// A site's own looks for the banner: style behind its own, and a logo. The three buttons stay alike, for one rule styles
// them all.
import type { Extra } from '../../core/protocol.ts'

/** `rules` are style rules, one text each. */
export interface LookSettings {
  rules: readonly string[]
  logo?: { src: string; alt: string }
}

/** Applies them to every banner that is shown. */
export function createLook({ rules, logo }: LookSettings): Extra {
  return (_isAllowed, _letters, banner) => {
    if (!banner) return
    const sheet = banner.shadowRoot!.adoptedStyleSheets[0]!
    for (const rule of rules) sheet.insertRule(rule, sheet.cssRules.length)
    if (!logo) return
    // Of a height that is known before it comes, so that nothing moves then.
    sheet.insertRule('::slotted(img){grid-column:1/-1!important;height:32px!important;margin-bottom:8px!important}', sheet.cssRules.length)
    banner.prepend(Object.assign(document.createElement('img'), { slot: 'list', ...logo }))
  }
}
