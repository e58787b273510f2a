// What is embedded and not allowed: frames, images, films, sounds and objects are put away behind a placeholder of their
// size, style sheets are let go of, and all of it comes back when it is allowed. Until this is loaded an embed is simply
// empty: its addresses are parked in data-src, data-srcset, data-poster, data-data, data-href.
import type { Context } from './context.ts'
import { measurePlace, type Place } from './place.ts'
import { fillPlaceholder } from './placeholder.ts'

const ADDRESSES = ['src', 'srcset', 'poster', 'data', 'href'] as const
type Parkable = HTMLElement & Partial<Record<(typeof ADDRESSES)[number], string>>

// What may stand in one of these has addresses of its own, and no purpose of its own.
const WHOLES = 'video,audio,picture'
const PARTS = ':scope>:is(source,track,img)'

/** Names of the addresses that an element has parked. */
const listParked = (element: HTMLElement) => ADDRESSES.filter((name) => element.dataset[name])

/** The embed, and what stands in it, as far as an address is parked there. */
const listParts = (embed: Parkable): Parkable[] =>
  [embed, ...(embed.matches(WHOLES) ? embed.querySelectorAll<Parkable>(PARTS) : [])].filter((part) => listParked(part).length > 0)

const listPurposes = (element: HTMLElement) => element.dataset.sayso!.match(/\S+/g) ?? []

/** Gives an embed its addresses, where it does not have them yet. */
function free(embed: Parkable): void {
  let isNew = false
  for (const part of listParts(embed)) {
    for (const name of listParked(part)) {
      if (part[name]) continue
      part[name] = part.dataset[name]!
      isNew = true
    }
  }
  // A film does not look at its sources again by itself.
  if (isNew && embed instanceof HTMLMediaElement) embed.load()
}

/** Takes the addresses away; what was loaded goes with them. */
function unload(embed: Parkable): void {
  for (const part of listParts(embed)) for (const name of listParked(part)) part.removeAttribute(name)
  if (embed instanceof HTMLMediaElement) embed.load()
}

/** Makes the function that brings the embeds in line with what is allowed now. */
export function createEmbeds(context: Context, allow: (purposeIds: readonly string[]) => void): () => void {
  const heldBy = new WeakMap<Element, Parkable>()

  function isFree(element: HTMLElement): boolean {
    const purposeIds = listPurposes(element)
    return purposeIds.length > 0 && purposeIds.every((id) => window.sayso!.allowed(id))
  }

  /** Puts an embed back where its placeholder stands, with the focus where a button of that had it. */
  function putBack(embed: Parkable, placeholder: HTMLElement): void {
    const hadFocus = placeholder.contains(document.activeElement)
    placeholder.replaceWith(embed)
    free(embed)
    if (hadFocus) embed.focus()
  }

  function hold(embed: Parkable): void {
    const place: Place | undefined = measurePlace(embed)
    const placeholder = document.createElement('div')
    placeholder.dataset.sayso = embed.dataset.sayso
    if (place) Object.assign(placeholder.style, place)
    else placeholder.hidden = true
    heldBy.set(placeholder, embed)
    embed.replaceWith(placeholder)
    const purposeIds = listPurposes(embed)
    const loadOnce = () => {
      // Asked for by this person, for this page: without a purpose the gate leaves it alone, and so does blocking by host.
      delete embed.dataset.sayso
      embed.dataset.saysoOnce = ''
      putBack(embed, placeholder)
    }
    if (place) void fillPlaceholder(placeholder, embed, context.layer, purposeIds, { allow: () => allow(purposeIds), loadOnce })
  }

  return () => {
    for (const element of document.querySelectorAll<Parkable>('[data-sayso]')) {
      if (element.localName === 'script') continue
      const embed = heldBy.get(element)
      if (isFree(element)) {
        if (embed) putBack(embed, element)
        else free(element)
      } else if (!embed && listParts(element).length > 0) {
        unload(element)
        // A style sheet has no place on the page.
        if (element.localName !== 'link') hold(element)
      }
    }
  }
}
