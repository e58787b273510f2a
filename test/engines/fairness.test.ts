// What FAIRNESS asks of the rendered banner, in three engines; the numbers are its lines.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { describeEachEngine } from './each-engine.ts'
import { button, eventually, NOTHING } from './shop-visit.ts'

const WIDTHS = [320, 768, 1280]
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

describeEachEngine((scene) => {
  test.for(WIDTHS)('4, 5: refusing stands out as much as accepting, at %i px', async (width) => {
    const { shop } = scene
    const real = await shop.tab.widen(width)
    if (real !== width) console.warn(`This browser’s window is no narrower than ${real} px: tried there, NOT at ${width} px.`)
    await shop.openWithBanner()
    const look = async (action: 'accept-all' | 'reject-all' | 'save') => (await shop.look(button(action), (element) => {
      const { width: w, height, top, bottom } = element.getBoundingClientRect()
      const { fontSize, fontWeight, padding, color, backgroundColor, opacity, borderRadius } = getComputedStyle(element)
      return { tag: element.tagName, parent: element.parentElement!.tagName, area: w * height, height, isInside: top >= 0 && bottom <= innerHeight, style: { fontSize, fontWeight, padding, color, backgroundColor, opacity, borderRadius } }
    }))[0]!
    const accept = await look('accept-all')
    expect(accept).toMatchObject({ tag: 'BUTTON', parent: 'SAYSO-BANNER', isInside: true })
    for (const other of [await look('reject-all'), await look('save')]) {
      expect(other).toMatchObject({ tag: 'BUTTON', parent: 'SAYSO-BANNER', isInside: true, style: accept.style })
      expect(other.area / accept.area).toBeGreaterThan(0.9)
      expect(other.area / accept.area).toBeLessThan(1.1)
      expect(other.height).toBeGreaterThanOrEqual(24)
    }
    expect(await shop.run(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to scroll sideways').toBe(true)
    const { style } = accept
    expect(style.color, 'words and plate differ').not.toBe(style.backgroundColor)
  })

  test('6, 8: no button has the focus, each is as far by keyboard, and neither Escape, scrolling nor a click outside grants', async () => {
    const { shop, stage } = scene
    await shop.openWithBanner()
    const sizeBefore = await stage.logSize()
    const focused = () => shop.run(() => (document.activeElement as HTMLElement | null)?.dataset.saysoAction ?? document.activeElement?.tagName)
    expect(await focused()).toBe('BODY')
    const stops: Record<string, number> = {}
    for (let stop = 1; stop <= 20 && !(stops['accept-all'] && stops['reject-all']); stop += 1) {
      await shop.tab.press('Tab')
      stops[(await focused())!] ??= stop
    }
    expect(Math.abs(stops['accept-all']! - stops['reject-all']!)).toBeLessThanOrEqual(2)
    await shop.run(() => scrollTo(0, document.documentElement.scrollHeight))
    await shop.run(() => document.querySelector('h1')!.click())
    expect(await shop.sees(button('reject-all'))).toBe(true)
    expect(await shop.choices()).toEqual(NOTHING)
    await shop.tab.press('Escape')
    await shop.disappears('sayso-banner')
    expect(await shop.choices()).toEqual(NOTHING)
    expect(await shop.stored()).toEqual([])
    await shop.openWithBanner('/about')
    expect(await stage.logSize()).toBe(sizeBefore)
  })

  test('7, 11: nothing is ticked beforehand, and a refusal by keyboard is remembered', async () => {
    const { shop } = scene
    await shop.openWithBanner()
    expect(await shop.ticked()).toEqual([])
    await shop.run((selector) => document.querySelector<HTMLElement>(selector)!.focus(), button('reject-all'))
    await shop.tab.press('Enter')
    await shop.disappears('sayso-banner')
    await shop.awaitReceipts(1)
    await shop.open()
    await eventually(() => shop.choices()).toEqual(NOTHING)
    expect(await shop.sees('sayso-banner')).toBe(false)
  })

  test('9, 10: who asks, for what, how long and how to take it back, in the language that it says', async () => {
    const { shop } = scene
    for (const [path, language, label] of [['/', 'en', 'Reject all'], ['/de/', 'de', 'Alle ablehnen']] as const) {
      const { controller, withdrawal, purposes } = demoSite.notices.find((notice) => notice.language === language && notice.purposes[0]!.scope === 'device')!
      const words = [label, controller.name, withdrawal, ...purposes.map(({ statement_text }) => statement_text), purposes[1]!.retention, ...purposes[1]!.recipients]
      await shop.openWithBanner(path)
      const [banner] = await shop.look('sayso-banner', ({ lang, textContent, role }) => ({ lang, text: textContent!, role, name: document.querySelector('sayso-banner')!.getAttribute('aria-label') }))
      expect(banner).toMatchObject({ lang: language, role: 'region', name: expect.stringMatching(/\w/) })
      for (const word of words) expect(banner!.text).toContain(word)
      const [noticeUrl] = await shop.look('sayso-banner a', (link) => (link as unknown as HTMLAnchorElement).href)
      expect(await (await fetch(noticeUrl!, { headers: { accept: 'text/html' } })).text()).toMatch(new RegExp(`<html[^>]* lang="${language}"`))
    }
  })

  test('12: taking back is one press and a save away on every page, and at most two', async () => {
    const { shop } = scene
    await shop.openWithBanner()
    await shop.decide('accept-all')
    await shop.awaitReceipts(1)
    await shop.open('/about')
    await shop.reopen()
    expect(await shop.ticked()).toEqual(['analytics', 'video', 'advertising'])
    await shop.decide('reject-all')
    expect(await shop.choices()).toEqual(NOTHING)
    const { read } = await shop.awaitReceipts(2)
    expect(read.event.decisions.map(({ event_state }) => event_state)).toEqual(['withdrawn', 'withdrawn', 'withdrawn'])
    await eventually(() => shop.stored()).not.toContain('ff_ads')
  })

  test('17: axe finds nothing in the banner', async () => {
    const { shop } = scene
    await shop.openWithBanner()
    await shop.tab.evaluate(`(() => { ${AXE} })()`)
    const violations = await shop.run(async () => {
      const { axe } = window as unknown as { axe: { run(selector: string): Promise<{ violations: { id: string; help: string }[] }> } }
      return (await axe.run('sayso-banner')).violations.map(({ id, help }) => `${id}: ${help}`)
    })
    expect(violations).toEqual([])
  })

  test('18: a page that “back” brings again, and one that stands beside, follow what was decided elsewhere', async () => {
    const { shop } = scene
    await shop.openWithBanner()
    await shop.openWithBanner('/about')
    await shop.decide('reject-all')
    await shop.awaitReceipts(1)
    await shop.tab.back()
    await eventually(() => shop.run(() => location.pathname)).toBe('/')
    await shop.disappears('sayso-banner')
    expect(await shop.choices()).toEqual(NOTHING)

    await shop.run(() => new Promise<void>((resolve) => {
      document.body.append(Object.assign(document.createElement('iframe'), { id: 'beside', src: '/about', onload: () => resolve() }))
    }))
    const beside = () => shop.run(() => (document.querySelector<HTMLIFrameElement>('#beside')!.contentWindow as unknown as { sayso?: { allowed(id: string): boolean } }).sayso?.allowed('analytics'))
    await eventually(beside).toBe(false)
    await shop.run(() => (window as unknown as { sayso: { set(decisions: object): void } }).sayso.set({ analytics: true }))
    await eventually(beside).toBe(true)
    await shop.run(() => (window as unknown as { sayso: { withdraw(): void } }).sayso.withdraw())
    await eventually(beside).toBe(false)
  })
})
