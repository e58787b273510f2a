// What is embedded and not allowed: frames, images, films, sounds and objects are put away behind a placeholder of their
// size, style sheets are let go of, and all of it comes back when it is allowed. Until this is loaded an embed is simply
// empty: its addresses are parked in data-src, data-srcset, data-poster, data-data, data-href.
import type { Context } from './context.ts'
import { fillPlaceholder } from './placeholder.ts'

const ADDRESSES = ['src', 'srcset', 'poster', 'data', 'href'] as const
type Parkable = HTMLElement & Partial<Record<(typeof ADDRESSES)[number], string>>

// What decides where an embed stands and how large it is, so that its stand-in moves nothing.
const PLACE = ['position', 'inset', 'margin', 'float', 'gridArea', 'flex'] as const
const SMALLEST_PX = 50

/** Names of the addresses that an element has parked. */
const listParked = (element: HTMLElement) => ADDRESSES.filter((name) => element.dataset[name])

const listPurposes = (element: HTMLElement) => element.dataset.sayso!.match(/\S+/g) ?? []

/** Makes the function that brings the embeds in line with what is allowed now. */
export function createEmbeds(context: Context, allow: (purposeIds: readonly string[]) => void): () => void {
  const heldBy = new WeakMap<Element, Parkable>()

  function isFree(element: HTMLElement): boolean {
    const purposeIds = listPurposes(element)
    return purposeIds.length > 0 && purposeIds.every((id) => window.sayso!.allowed(id))
  }

  function hold(embed: Parkable): void {
    const style = getComputedStyle(embed)
    const placeholder = document.createElement('div')
    for (const property of PLACE) placeholder.style[property] = style[property]
    const { offsetWidth: width, offsetHeight: height } = embed
    const isVisible = width > SMALLEST_PX && height > SMALLEST_PX
    // A width in per cent stays one, so that the page may become narrower.
    placeholder.style.cssText += `;width:${embed.style.width.endsWith('%') ? embed.style.width : `${width}px`};aspect-ratio:${width}/${height};max-width:100%;box-sizing:border-box`
    if (!isVisible) placeholder.hidden = true
    placeholder.dataset.sayso = embed.dataset.sayso
    heldBy.set(placeholder, embed)
    embed.replaceWith(placeholder)
    const purposeIds = listPurposes(embed)
    const loadOnce = () => {
      // Asked for by this person, for this page: without a purpose the gate leaves it alone.
      delete embed.dataset.sayso
      placeholder.replaceWith(embed)
      free(embed)
      embed.focus()
    }
    if (isVisible) void fillPlaceholder(placeholder, embed, context.layer, purposeIds, { allow: () => allow(purposeIds), loadOnce })
  }

  function free(embed: Parkable): void {
    for (const name of listParked(embed)) embed[name] ||= embed.dataset[name]!
  }

  /** Takes the addresses away; what was loaded goes with them. */
  function unload(embed: Parkable): void {
    for (const name of listParked(embed)) embed.removeAttribute(name)
    if (embed instanceof HTMLMediaElement) embed.load()
  }

  return () => {
    for (const element of document.querySelectorAll<Parkable>('[data-sayso]')) {
      const embed = heldBy.get(element)
      if (isFree(element)) {
        if (!embed) continue
        element.replaceWith(embed)
        free(embed)
      } else if (!embed && element.localName !== 'script' && listParked(element).length > 0) {
        unload(element)
        // A style sheet has no place on the page.
        if (element.localName !== 'link') hold(element)
      }
    }
  }
}
