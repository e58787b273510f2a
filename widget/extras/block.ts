// Automatic mode: what comes from a listed host is parked before it loads, whoever put it on the page. It becomes an
// ordinary parked element, so gate and placeholders do the rest. For this the tag stands first in the head, not async.
//
// Not held back: what a style sheet or a script asks for by fetch, and what is asked for as HTML is parsed, of the page
// itself or of `innerHTML` (scripts then do not run, frames and images do not stay); park such tags by hand. See docs/services.md.
import type { Extra } from '../../core/protocol.ts'

/** Purpose by host: `cdn.example.com`, or with the beginning of a path. */
export type BlockSettings = readonly (readonly [host: string, purposeId: string])[]

const ADDRESSES = ['src', 'srcset', 'href', 'data'] as const
type Name = (typeof ADDRESSES)[number]
type Loading = HTMLElement & Partial<Record<Name | 'type', string>>

const LOADS = /^(script|iframe|img|link|object|embed|video|audio)$/
const isScriptType = (type: string) => /^(|module|(text|application)\/(x-)?(java|ecma)script)$/i.test(type)

/** Parks from now on. */
export function createBlock(hosts: BlockSettings): Extra {
  let isAllowed = (_purposeId: string) => false
  const parked = new WeakSet<Element>()
  const isHeld = (element: HTMLElement) => parked.has(element) && element.dataset.sayso !== undefined && !isAllowed(element.dataset.sayso)

  function findPurpose(address: string): string | undefined {
    try {
      // Of a `srcset` the first.
      const { host, pathname } = new URL(address.trim().split(/\s/)[0]!, document.baseURI)
      return hosts.find(([known]) => known.includes('/') ? `${host}${pathname}`.startsWith(known) : host === known)?.[1]
    } catch {
      return undefined
    }
  }

  /** Notes whether this address waits for a purpose, and if so the purpose. A site that parks by hand, and who asked for one embed alone, is left alone. */
  function mark(element: HTMLElement, address: string): boolean {
    if (isHeld(element)) return true
    const { sayso, saysoOnce } = element.dataset
    const purpose = sayso === undefined && saysoOnce === undefined && findPurpose(address)
    if (!purpose || isAllowed(purpose)) return false
    element.dataset.sayso = purpose
    parked.add(element)
    return true
  }

  /** Before the browser prepares it, a script of an unknown type is only text. */
  function parkScript(script: Loading, type: string): void {
    if (type === 'module') script.dataset.saysoType = type
    setType.call(script, 'text/plain')
  }

  function park(element: Loading): void {
    if (!LOADS.test(element.localName)) return
    for (const name of ADDRESSES) {
      const address = element.getAttribute(name)
      if (!address || !mark(element, address)) continue
      if (element.localName === 'script') {
        if (isScriptType(element.type!)) parkScript(element, element.type!)
      } else {
        element.dataset[name] = address
        element.removeAttribute(name)
      }
    }
  }

  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof HTMLElement)) continue
        park(node)
        for (const inner of node.querySelectorAll<HTMLElement>('[src],[srcset],[href],[data]')) park(inner)
      }
    }
  }).observe(document, { childList: true, subtree: true })

  // What code makes begins to load as soon as it has an address (images) or stands on the page: that is before any observer.
  const { set: setType } = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, 'type')! as { set: (type: string) => void }

  function guard<Made extends HTMLElement>(prototype: Made, name: string, isTaken: (element: Made, value: string) => boolean): void {
    const own = Object.getOwnPropertyDescriptor(prototype, name)!
    Object.defineProperty(prototype, name, {
      ...own,
      set(this: Made, value: unknown) {
        if (!isTaken(this, String(value))) own.set!.call(this, value)
      },
    })
  }

  const keep = (name: Name) => (element: HTMLElement, address: string) => {
    const isKept = mark(element, address)
    if (isKept) element.dataset[name] = address
    return isKept
  }
  guard(HTMLIFrameElement.prototype, 'src', keep('src'))
  guard(HTMLImageElement.prototype, 'src', keep('src'))
  guard(HTMLImageElement.prototype, 'srcset', keep('srcset'))
  guard(HTMLLinkElement.prototype, 'href', keep('href'))
  // A script keeps its address, which may be one that a policy of the page has trusted, and waits by its type.
  guard(HTMLScriptElement.prototype, 'src', (script, address) => {
    if (mark(script, address) && isScriptType(script.type)) parkScript(script, script.type)
    return false
  })
  guard(HTMLScriptElement.prototype, 'type', (script, type) => {
    const isKept = isHeld(script) && isScriptType(type)
    if (isKept) parkScript(script, type)
    return isKept
  })

  const { setAttribute } = Element.prototype
  Element.prototype.setAttribute = function set(this: Loading, name: string, value: string) {
    const property = name.toLowerCase() as Name
    if (/^(src|srcset|href|type)$/.test(property) && /^(script|iframe|img|link)$/.test(this.localName) && property in this) this[property] = value
    else setAttribute.call(this, name, value)
  }

  // What is written runs before any observer hears of it.
  const parkWritten = (html: string) => html.replace(/<script\b(?=[^>]*?\ssrc\s*=\s*["']?([^"'\s>]+))/gi, (tag, address: string) => {
    const purpose = findPurpose(address)
    return purpose && !isAllowed(purpose) ? `${tag} type="text/plain" data-sayso="${purpose}"` : tag
  })
  for (const name of ['write', 'writeln'] as const) {
    const own = Document.prototype[name]
    Document.prototype[name] = function write(...parts) {
      own.apply(this, parts.flatMap((part) => {
        const html = String(part)
        const safe = parkWritten(html)
        // What a policy of the page has trusted cannot be changed, only left out.
        return safe === html ? [part] : typeof part === 'string' ? [safe] : []
      }))
    }
  }

  return (allowed, _letters, banner) => {
    if (!banner) isAllowed = allowed
  }
}
