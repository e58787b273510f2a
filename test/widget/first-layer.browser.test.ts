// The banner as a visitor meets it: what it says, that nothing is ticked, that no button is more than the others.
import { userEvent } from 'vitest/browser'
import axe from 'axe-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { notices } from './fixtures/notice.ts'
import { SmallService } from './fixtures/small-service.ts'
import { createPageConfig, startFresh, until, type Visit, visit, type VisitOptions } from './fixtures/visit.ts'

beforeEach(startFresh)

const BUTTONS = ['reject-all', 'save', 'accept-all'] as const

/** What a page style sheet might do to buttons it does not know about. */
const HOSTILE = `
  * { position: static !important; float: left; letter-spacing: 4px; transition: all 1s; text-transform: uppercase }
  button, [data-sayso-action] { all: unset !important; display: none !important; font-size: 4px !important; opacity: .1 !important }
  [data-sayso-action=accept-all] { display: block !important; font-size: 40px !important; padding: 60px !important; background: lime !important }
  sayso-banner { margin: 80px !important; transform: scale(.5) }
  input[type=checkbox] { display: none !important }
  label, p, h2, small { visibility: hidden !important; color: transparent !important; font-size: 1px !important }
`

function addStyle(text: string): (window: Window) => void {
  return (window) => {
    window.document.head.append(Object.assign(window.document.createElement('style'), { textContent: text }))
  }
}

/** Relative luminance and contrast, WCAG 2.2. */
function luminance(color: string): number {
  const [r, g, b] = color.match(/[\d.]+/g)!.slice(0, 3).map((part) => {
    const channel = Number(part) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

function measureButtons(page: Visit) {
  const paper = page.window.getComputedStyle(page.banner!.shadowRoot!.querySelector('card')!).backgroundColor
  return BUTTONS.map((action) => {
    const style = page.window.getComputedStyle(page.button(action))
    const { width, height } = page.button(action).getBoundingClientRect()
    return {
      area: width * height, height, font: `${style.fontSize} ${style.fontWeight} ${style.fontFamily}`, padding: style.padding,
      text: contrast(style.color, style.backgroundColor), prominence: contrast(style.backgroundColor, paper), visibility: style.visibility, opacity: style.opacity,
    }
  })
}

function expectEqualButtons(page: Visit): void {
  const [reject, ...others] = measureButtons(page)
  expect(reject!.text).toBeGreaterThan(4.5)
  expect(reject!.height).toBeGreaterThanOrEqual(24)
  for (const other of others) {
    expect(other.area / reject!.area).toBeGreaterThan(0.9)
    expect(other.area / reject!.area).toBeLessThan(1.1)
    expect(other).toEqual({ ...reject, area: expect.any(Number), height: expect.any(Number) })
  }
}

function isOnScreen(page: Visit, element: Element): boolean {
  const { top, bottom, left, right, width } = element.getBoundingClientRect()
  return width > 0 && top >= 0 && left >= 0 && bottom <= page.window.innerHeight && right <= page.window.innerWidth
}

describe('before the choice', () => {
  test('the banner says who asks, what for, who gets the data, how long, and how to withdraw', async () => {
    const page = await visit()
    const text = page.banner!.textContent!
    const { controller, withdrawal, purposes } = notices.en.device
    for (const part of [controller.name, withdrawal, '183 days', ...purposes.map((purpose) => purpose.statement_text)]) expect(text).toContain(part)
    for (const { recipients, retention } of purposes.slice(1)) for (const part of [...recipients, retention]) expect(text).toContain(part)
    const [hash] = createPageConfig().layer
    expect(page.banner!.querySelector('a')!.href).toBe(`https://consent.example/v1/sites/shop/notices/${hash}`)
  })

  test('what is optional has a box that is not ticked; what is necessary has none', async () => {
    const page = await visit()
    const boxes = [...page.banner!.querySelectorAll<HTMLInputElement>('input')]
    expect(boxes.map(({ name, type, checked, defaultChecked }) => [name, type, checked, defaultChecked]))
      .toEqual(['analytics', 'video', 'advertising'].map((id) => [id, 'checkbox', false, false]))
  })

  test('nothing is stored, and nothing but our own code and notice is asked for', async () => {
    const page = await visit()
    await until(() => page.service.requests[1])
    expect(page.service.requests).toEqual([expect.stringContaining('/widget.json'), expect.stringContaining('/notices/')])
    expect(document.cookie).toBe('')
    expect(localStorage.length).toBe(0)
    expect(await indexedDB.databases()).toEqual([])
    expect(await page.sayso.receipts()).toEqual([])
    expect(await indexedDB.databases()).toEqual([])
  })

  test('the page keeps its focus, its scrolling and its layout', async () => {
    const page = await visit({ html: '<p id="first">Words</p><div style="height:3000px"></div>', isBannerDue: false })
    const before = page.document.querySelector('#first')!.getBoundingClientRect().top
    await until(() => page.banner)
    expect(page.document.activeElement).toBe(page.document.body)
    expect(page.document.querySelector('#first')!.getBoundingClientRect().top).toBe(before)
    page.window.scrollTo(0, 500)
    expect(page.window.scrollY).toBe(500)
    expect(page.banner!.role).toBe('region')
    expect(page.banner!.ariaLabel).toBe('Your privacy choices')
  })
})

describe('no button is more than another', () => {
  const looks: [string, VisitOptions][] = [320, 768, 1280].flatMap((width) => (['en', 'de'] as const).map((language): [string, VisitOptions] =>
    [`${width} px, ${language}`, { width, language, config: { otherLanguages: [] } }]))

  test.each(looks)('%s', async (_, options) => {
    const page = await visit(options)
    expectEqualButtons(page)
    for (const action of BUTTONS) expect(isOnScreen(page, page.button(action))).toBe(true)
  })

  test.each([320, 1280])('under a hostile style sheet, %i px', async (width) => {
    const page = await visit({ width, prepare: addStyle(HOSTILE) })
    const calm = await visit({ width })
    expectEqualButtons(page)
    expect(page.button('reject-all').getBoundingClientRect().toJSON()).toEqual(calm.button('reject-all').getBoundingClientRect().toJSON())
    for (const element of page.banner!.children) expect(page.window.getComputedStyle(element).visibility).toBe('visible')
    expect(page.box('video').getBoundingClientRect().width).toBeGreaterThanOrEqual(20)
  })

  test('in forced colours the words stand out: no plate of their own colour is put behind them', async () => {
    const page = await visit()
    for (const action of BUTTONS) expect(page.window.getComputedStyle(page.button(action)).forcedColorAdjust).toBe('none')
  })

  test('a long text at 320 px stays inside the banner', async () => {
    const page = await visit({ width: 320, language: 'de', config: { otherLanguages: [] } })
    const card = page.banner!.shadowRoot!.querySelector('card')!
    expect(card.scrollWidth).toBeLessThanOrEqual(card.clientWidth)
  })
})

describe('every way to decide', () => {
  test('a blocker that hides the banner wins, and nothing is allowed', async () => {
    const page = await visit({ prepare: addStyle('sayso-banner { display: none }') })
    expect(page.banner!.getBoundingClientRect().height).toBe(0)
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
  })

  test('Escape grants nothing and leaves no trace', async () => {
    const page = await visit()
    page.button('accept-all').focus()
    await userEvent.keyboard('{Escape}')
    await until(() => !page.banner)
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    expect(document.cookie).toBe('')
  })

  test('with the keyboard, rejecting is as near as accepting, and every control can be reached', async () => {
    const page = await visit()
    const order = [...page.banner!.querySelectorAll<HTMLElement>('input, a, button')].map((control) => control.tabIndex)
    expect(order.every((tabIndex) => tabIndex === 0)).toBe(true)
    expect(page.banner!.hasAttribute('tabindex')).toBe(false)
  })

  test('axe finds nothing', async () => {
    const page = await visit()
    const script = page.document.createElement('script')
    script.textContent = axe.source
    page.document.head.append(script)
    const { violations } = await (page.window as unknown as { axe: typeof axe }).axe.run(page.banner!)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

describe('language', () => {
  test('the page’s language wins over the one that came, and the host says so', async () => {
    const service = new SmallService()
    service.configs.de = createPageConfig({}, 'de')
    const page = await visit({ service, prepare: (window) => { window.document.documentElement.lang = 'de-AT' } })
    expect(page.banner!.lang).toBe('de')
    expect(page.button('reject-all').textContent).toBe('Alles ablehnen')
  })

  test('where the other language cannot be had, the one that came is shown and says what it is', async () => {
    const service = new SmallService()
    service.intercept = (url) => url.includes('widget.json') ? new Response('', { status: 503 }) : undefined
    const page = await visit({ service, prepare: (window) => { window.document.documentElement.lang = 'de' } })
    expect(page.banner!.lang).toBe('en')
  })

  test('right to left, the boxes stand on the right', async () => {
    const page = await visit({ prepare: (window) => { window.document.documentElement.dir = 'rtl' } })
    const label = page.banner!.querySelector('label')!
    expect(page.box('analytics').getBoundingClientRect().left).toBeGreaterThan(label.getBoundingClientRect().left)
  })
})
