// Holds back parked scripts, frames and images until every purpose they name is allowed, and takes frames and
// images away again when one no longer is. Works under `trusted-types 'none'`: only nodes of the page are moved.

/** An iframe or img with its address parked in data-src. */
type Embed = HTMLIFrameElement | HTMLImageElement

/** Fills the stand-in of an embed with words and, where its purposes can be allowed, a button. */
export type FillPlaceholder = (placeholder: HTMLElement, purposeIds: string[]) => void

// What decides where an embed stands and how large it is, so that its stand-in moves nothing.
const PLACE = ['position', 'inset', 'margin', 'float', 'gridArea', 'flex'] as const
const SMALLEST_PX = 50

// An element that names no purpose is never freed: '' is no purpose.
const listPurposes = (element: HTMLElement) => element.dataset.sayso!.trim().split(/\s+/)

/** Makes the function that brings the document in line with what is allowed now. */
export function createGate(isAllowed: (purposeId: string) => boolean, fillPlaceholder: FillPlaceholder): () => void {
  const heldBy = new WeakMap<Element, Embed>()
  let lastScript: Promise<unknown> = Promise.resolve()

  const isFree = (element: HTMLElement) => listPurposes(element).every(isAllowed)

  // One after the other, as the parser would have run them; what is withdrawn while it waits stays parked.
  function queueScript(script: HTMLScriptElement): void {
    lastScript = lastScript.then(() => new Promise<unknown>((done) => {
      if (script.type !== 'text/plain' || !script.isConnected || !isFree(script)) return done(0)
      script.type = script.dataset.saysoType ?? ''
      script.addEventListener('load', done)
      script.addEventListener('error', done)
      script.replaceWith(script)
      if (!script.src || script.hasAttribute('async')) done(0)
    }))
  }

  function hold(embed: Embed): void {
    const style = getComputedStyle(embed)
    const placeholder = document.createElement('div')
    for (const property of PLACE) placeholder.style[property] = style[property]
    const { offsetWidth: width, offsetHeight: height } = embed
    const isVisible = width > SMALLEST_PX && height > SMALLEST_PX
    placeholder.style.cssText += `;width:${width}px;height:${height}px;max-width:100%`
    if (!isVisible) placeholder.hidden = true
    embed.removeAttribute('src')
    placeholder.dataset.sayso = embed.dataset.sayso
    heldBy.set(placeholder, embed)
    embed.replaceWith(placeholder)
    if (isVisible) fillPlaceholder(placeholder, listPurposes(embed))
  }

  return () => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-sayso]')) {
      const embed = heldBy.get(element)
      if (element instanceof HTMLScriptElement) queueScript(element)
      else if (!isFree(element)) {
        if (!embed && element.dataset.src) hold(element as Embed)
      } else if (embed) {
        element.replaceWith(embed)
        embed.src = embed.dataset.src!
      } else if (element.dataset.src) (element as Embed).src ||= element.dataset.src
    }
  }
}
