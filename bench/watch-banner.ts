// Runs in every measured page, before anything of it, alike for all: sees the banner come and go.
// A banner stands from the first frame in which anything of it is painted: a box in the viewport, not hidden, with
// more than zero opacity all the way up. Its time is when the main thread is done with that frame.

/** What a page tells at the end of a visit; times in milliseconds since navigation start. */
export interface Seen {
  shownMs?: number
  goneAfterMs?: number
  isShown: boolean
  longTasks: number[]
  layoutShift: number
}

declare global {
  interface Window {
    benchRead(): Seen
    /** A CDP binding: called with `shown` and `gone`. */
    benchTell(what: string): void
  }
}

/** Self-contained, since its text is what is sent. `path`: selectors through shadow roots, outermost first. */
export function watchBanner(path: string[]): void {
  const seen: Seen = { isShown: false, longTasks: [], layoutShift: 0 }
  let clickedMs: number | undefined

  const find = (): Element | null => {
    let scope: ParentNode | null | undefined = document
    let found: Element | null = null
    for (const selector of path) {
      found = scope?.querySelector(selector) ?? null
      scope = found?.shadowRoot
    }
    return found
  }
  const isPainted = (): boolean => {
    const banner = find()
    if (!banner) return false
    const { width, height, top, right, bottom, left } = banner.getBoundingClientRect()
    if (width * height === 0 || bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) return false
    if (getComputedStyle(banner).visibility !== 'visible') return false
    for (let at: Element | null = banner; at; at = at.assignedSlot ?? at.parentElement ?? ((at.getRootNode() as ShadowRoot).host ?? null)) {
      if (Number(getComputedStyle(at).opacity) === 0) return false
    }
    return true
  }
  const look = (): void => {
    const wasShown = seen.isShown
    seen.isShown = isPainted()
    const isNews = wasShown !== seen.isShown
    if (isNews) {
      // A message posted from a frame's callback is taken up after that frame was laid out and painted.
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        const nowMs = performance.now()
        if (clickedMs === undefined) seen.shownMs ??= nowMs
        else seen.goneAfterMs ??= nowMs - clickedMs
        window.benchTell(clickedMs === undefined ? 'shown' : 'gone')
      }
      port2.postMessage(0)
    }
    if (!(isNews && seen.isShown === (clickedMs === undefined))) requestAnimationFrame(look)
  }
  // Until there is something to look at, no frame is asked for: that alone would slow a page down.
  new MutationObserver((_changes, observer) => {
    if (!document.querySelector(path[0]!)) return
    observer.disconnect()
    requestAnimationFrame(look)
  }).observe(document, { childList: true, subtree: true, attributes: true })

  addEventListener('click', ({ timeStamp }) => {
    if (clickedMs !== undefined || !seen.isShown) return
    clickedMs = timeStamp
    requestAnimationFrame(look)
  }, { capture: true })

  new PerformanceObserver((list) => {
    seen.longTasks.push(...list.getEntries().map(({ duration }) => duration))
  }).observe({ type: 'longtask', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { hadRecentInput: boolean; value: number })[]) {
      if (!entry.hadRecentInput) seen.layoutShift += entry.value
    }
  }).observe({ type: 'layout-shift', buffered: true })

  window.benchRead = () => seen
}
