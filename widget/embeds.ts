// Frames and images whose purposes are not allowed: each is put away behind a placeholder of its size, and comes
// back when they are. Until this is loaded an embed is simply empty: its address is parked in data-src.
import type { Context } from './context.ts'
import { fillPlaceholder } from './placeholder.ts'

/** An iframe or img with its address parked in data-src. */
type Embed = HTMLIFrameElement | HTMLImageElement

// What decides where an embed stands and how large it is, so that its stand-in moves nothing.
const PLACE = ['position', 'inset', 'margin', 'float', 'gridArea', 'flex'] as const
const SMALLEST_PX = 50

const listPurposes = (element: HTMLElement) => element.dataset.sayso!.match(/\S+/g) ?? []

/** Makes the function that brings the embeds in line with what is allowed now. */
export function createEmbeds(context: Context, allow: (purposeIds: readonly string[]) => void): () => void {
  const heldBy = new WeakMap<Element, Embed>()

  function isFree(element: HTMLElement): boolean {
    const purposeIds = listPurposes(element)
    return purposeIds.length > 0 && purposeIds.every((id) => window.sayso!.allowed(id))
  }

  function hold(embed: Embed): void {
    const style = getComputedStyle(embed)
    const placeholder = document.createElement('div')
    for (const property of PLACE) placeholder.style[property] = style[property]
    const { offsetWidth: width, offsetHeight: height } = embed
    const isVisible = width > SMALLEST_PX && height > SMALLEST_PX
    placeholder.style.cssText += `;width:${width}px;height:${height}px;max-width:100%`
    if (!isVisible) placeholder.hidden = true
    placeholder.dataset.sayso = embed.dataset.sayso
    heldBy.set(placeholder, embed)
    embed.replaceWith(placeholder)
    const purposeIds = listPurposes(embed)
    if (isVisible) void fillPlaceholder(placeholder, context.layer, purposeIds, () => allow(purposeIds))
  }

  return () => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-sayso]')) {
      const embed = heldBy.get(element)
      if (isFree(element)) {
        if (!embed) continue
        element.replaceWith(embed)
        embed.src = embed.dataset.src!
      } else if (!embed && element.dataset.src && !(element instanceof HTMLScriptElement)) hold(element as Embed)
    }
  }
}
