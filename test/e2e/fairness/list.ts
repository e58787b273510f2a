// Lines of the fairness list that are looked at in more than one place: on an ordinary page, and wherever line 19 says.
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import type { ShopPage } from '../shop-page.ts'
import { HOSTILE_AT_REST } from './prominence.ts'

/** The choices of somebody who allowed nothing. */
export const NOTHING = { analytics: false, video: false, advertising: false }

/** A page with words enough to scroll, a parked tag that writes a cookie, and a link that opens the choice again. */
export const writePage = (tag: string, more = '') => `<!doctype html><html lang="en"><title>Page</title>${HOSTILE_AT_REST}<main><h1>Page</h1>${more}<p>${'Words of the page. '.repeat(1500)}</p></main>
  ${tag}<script type="text/plain" data-sayso="analytics">document.title = 'counted'; document.cookie = 'ff_visit=1;Path=/'</script><footer><a href="#" data-sayso-open>Choices</a></footer>`

/** 6: how many presses of Tab lead to each control of the banner. */
export async function countTabStops(page: Page): Promise<Record<string, number>> {
  const stops: Record<string, number> = {}
  for (let stop = 1; stop <= 20 && !stops['accept-all']; stop += 1) {
    await page.keyboard.press('Tab')
    const action = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.saysoAction)
    if (action) stops[action] ??= stop
  }
  return stops
}

/** 8: every kind of event that somebody's script might mistake for a yes. */
export async function fireEveryEvent({ banner }: ShopPage): Promise<void> {
  await banner.evaluate((host) => {
    for (const target of [host, ...host.querySelectorAll('[data-sayso-action]')]) {
      for (const type of ['mouseover', 'pointerdown', 'pointerup', 'mousedown', 'touchstart', 'touchend', 'scroll', 'focus', 'blur', 'submit', 'reset', 'change', 'input', 'keydown', 'keyup', 'animationend', 'transitionend', 'dblclick', 'contextmenu']) target.dispatchEvent(new Event(type, { bubbles: true }))
    }
    for (const type of ['visibilitychange', 'freeze', 'resume', 'scroll', 'fullscreenchange']) document.dispatchEvent(new Event(type))
    for (const type of ['pagehide', 'pageshow', 'beforeunload', 'blur', 'focus', 'resize', 'hashchange', 'popstate', 'online', 'offline', 'storage', 'message']) window.dispatchEvent(new Event(type))
  })
}

/** 9: what has to be said before the choice can be seen on the banner. */
export async function expectSaidBeforehand({ banner }: ShopPage): Promise<void> {
  for (const words of ['Fern & Filament GmbH', 'Count my visits', 'Tallyleaf Analytics BV', '90 days', '183 days', 'You can change your mind at any time']) {
    const said = banner.getByText(words).first()
    await said.scrollIntoViewIfNeeded()
    await expect(said, words).toBeInViewport()
  }
}
