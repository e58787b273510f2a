// Frees parked scripts, and what is embedded with its addresses in data-… (src, href, data, poster, srcset), once every
// purpose they name is allowed, and unloads frames and images when one no longer is. Works under `trusted-types 'none'`: only nodes of the page are moved.

const PARKED = 'text/plain'

/**
 * Makes the function that brings the document in line with what is allowed now. `onHeld` hears of what this is not enough
 * for: what waits for more than is allowed, what stands in a film or a picture, and deferred scripts, which may run when
 * `getLastScript` says that all others did.
 */
export const createGate = (isAllowed: (purposeId: string) => boolean, onHeld: (getLastScript?: () => Promise<unknown>) => void): (() => void) => {
  let lastScript: Promise<unknown> = Promise.resolve()

  // An element that names no purpose is never freed.
  const isFree = (element: HTMLElement) => element.dataset.sayso?.match(/\S+/g)?.every(isAllowed)

  // One after the other, as the parser would have run them; what is withdrawn while it waits stays parked.
  const queueScript = (script: HTMLScriptElement): void => {
    lastScript = lastScript.then(() => {
      if (script.type !== PARKED || !script.isConnected || !isFree(script)) return
      script.type = script.dataset.saysoType ?? ''
      script.replaceWith(script)
      return script.src && !(script.attributes as NamedNodeMap & { async?: Attr }).async && new Promise((done) => {
        script.addEventListener('load', done)
        script.addEventListener('error', done)
      })
    })
  }

  return () => {
    for (const element of document.querySelectorAll<HTMLScriptElement>('[data-sayso],[data-sayso-opt-in]')) {
      if (element.type === PARKED) {
        if (!element.defer) queueScript(element)
        else if (isFree(element)) onHeld(() => lastScript)
      } else if (isFree(element)) {
        if (element.children[0]) onHeld()
        for (const name in element.dataset) (element as unknown as Record<string, unknown>)[name] ||= element.dataset[name]
      } else {
        if (element.dataset.src && element.src) {
          // Put in again without its address, it is a new and empty one.
          element.removeAttribute('src')
          element.replaceWith(element)
        }
        onHeld()
      }
    }
  }
}
