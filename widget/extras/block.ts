// Automatic mode: what comes from a listed host is parked before it loads, whoever put it on the page. It becomes an
// ordinary parked element, so gate and placeholders do the rest. For this the tag stands first in the head, not async.
//
// Not held back: what a style sheet or a script asks for by fetch, and what the browser's preload scanner fetches (but
// does not run) out of the page's own HTML; park such tags by hand. See docs/services.md.
import type { Extra } from '../../core/protocol.ts'

/** Purpose by host: `cdn.example.com`, or with the beginning of a path. */
export type BlockSettings = readonly (readonly [host: string, purposeId: string])[]

const ADDRESSES = ['src', 'href', 'data'] as const
type Loading = HTMLElement & Partial<Record<(typeof ADDRESSES)[number] | 'type', string>>

/** Parks from now on. */
export function createBlock(hosts: BlockSettings): Extra {
  let isAllowed = (_purposeId: string) => false

  function findPurpose(address: string): string | undefined {
    try {
      const { host, pathname } = new URL(address, document.baseURI)
      return hosts.find(([known]) => known.includes('/') ? `${host}${pathname}`.startsWith(known) : host === known)?.[1]
    } catch {
      return undefined
    }
  }

  function park(element: Loading): void {
    if (element.dataset.sayso !== undefined || !/^(script|iframe|img|link|object|embed|video|audio)$/.test(element.localName)) return
    const name = ADDRESSES.find((one) => element.getAttribute(one))
    const purpose = name && findPurpose(element.getAttribute(name)!)
    if (!name || !purpose || isAllowed(purpose)) return
    element.dataset.sayso = purpose
    if (element.localName === 'script') {
      // Before the parser prepares it, a script of an unknown type is only text.
      if (element.type && element.type !== 'text/javascript') element.dataset.saysoType = element.type
      element.type = 'text/plain'
    } else {
      element.dataset[name] = element.getAttribute(name)!
      element.removeAttribute(name)
    }
  }

  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof HTMLElement)) continue
        park(node)
        for (const inner of node.querySelectorAll<HTMLElement>('[src],[href],[data]')) park(inner)
      }
    }
  }).observe(document, { childList: true, subtree: true })

  // What code makes begins to load as soon as it has an address (images) or stands on the page: that is before any observer.
  for (const prototype of [HTMLScriptElement.prototype, HTMLIFrameElement.prototype, HTMLImageElement.prototype]) {
    const own = Object.getOwnPropertyDescriptor(prototype, 'src')!
    Object.defineProperty(prototype, 'src', {
      ...own,
      set(this: Loading, address: string) {
        const purpose = this.dataset.sayso === undefined && findPurpose(String(address))
        if (!purpose || isAllowed(purpose)) return own.set!.call(this, address)
        this.dataset.sayso = purpose
        if (this.localName !== 'script') {
          this.dataset.src = String(address)
          return
        }
        if (this.type && this.type !== 'text/javascript') this.dataset.saysoType = this.type
        this.type = 'text/plain'
        own.set!.call(this, address)
      },
    })
  }

  return (allowed, _letters, banner) => {
    if (!banner) isAllowed = allowed
  }
}
