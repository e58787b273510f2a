// Frees parked scripts, and what is embedded with its addresses in data-… (src, href, data, poster, srcset), once every
// purpose they name is allowed, and unloads frames and images when one no longer is. Works under `trusted-types 'none'`: only nodes of the page are moved.

const PARKED = 'text/plain'

/** Makes the function that brings the document in line with what is allowed now; `onHeld` hears of what waits for more than that. */
export const createGate = (isAllowed: (purposeId: string) => boolean, onHeld: () => void): (() => void) => {
  let lastScript: Promise<unknown> = Promise.resolve()

  // An element that names no purpose is never freed.
  const isFree = ({ dataset }: HTMLElement) => dataset.sayso?.match(/\S+/g)?.every(isAllowed)

  // One after the other, as the parser would have run them; what is withdrawn while it waits stays parked.
  const queueScript = (script: HTMLScriptElement): void => {
    lastScript = lastScript.then(() => new Promise<unknown>((done) => {
      if (script.type === PARKED && script.isConnected && isFree(script)) {
        script.type = script.dataset.saysoType ?? ''
        script.addEventListener('load', done)
        script.addEventListener('error', done)
        script.replaceWith(script)
        if (script.src && !script.hasAttribute('async')) return
      }
      done(0)
    }))
  }

  return () => {
    for (const element of document.querySelectorAll<HTMLScriptElement>('[data-sayso],[data-sayso-opt-in]')) {
      const { src } = element.dataset
      if (element.type === PARKED) queueScript(element)
      else if (!isFree(element)) {
        if (src && element.src) {
          // Put in again without its address, it is a new and empty one.
          element.removeAttribute('src')
          element.replaceWith(element)
        }
        onHeld()
      } else for (const name in element.dataset) (element as unknown as Record<string, unknown>)[name] ||= element.dataset[name]
    }
  }
}
