// What is remembered of a choice, for how long, and what is not taken for one.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { readChoice, writeChoice } from '../../widget/choice.ts'
import { writeFlag } from '../../widget/flag.ts'
import { createPageConfig, readCookie, startFresh, until, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

const DAY_MS = 86_400_000
const KEY = 'CsUYapGGPo4'
const put = (value: string) => {
  document.cookie = `sayso=${value};Path=/`
}

describe('the cookie', () => {
  test('gives back what was written', () => {
    const before = Date.now()
    writeChoice(KEY, 'grw', '')
    const [letters, timeMs, flag] = readChoice(KEY, '---')
    expect([letters, flag]).toEqual(['grw', ''])
    expect(Number(timeMs)).toBeGreaterThanOrEqual(before)
    expect(document.cookie).toMatch(/^sayso=CsUYapGGPo4\.grw\.\d{13}\.$/)
  })

  test('a refusal is remembered as long as a grant: 183 days from the decision, however often it is written', () => {
    const written: string[] = []
    const spy = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => void written.push(text))
    for (const letters of ['g', 'r']) writeChoice(KEY, letters, '')
    spy.mockRestore()
    for (const text of written) expect(text).toMatch(new RegExp(`;Path=/;SameSite=Lax;Max-Age=${183 * DAY_MS / 1000}$`))

    put(`${KEY}.r.${Date.now() - 10 * DAY_MS}.-`)
    const again: string[] = []
    const original = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie')!
    const secondSpy = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => {
      again.push(text)
      original.set!.call(document, text)
    })
    writeFlag(KEY, '-', '')
    secondSpy.mockRestore()
    expect(Number(/Max-Age=(\d+)/.exec(again[0]!)![1])).toBeCloseTo(173 * DAY_MS / 1000, -1)
  })

  test.each([179, 182])('still holds after %i days', (days) => {
    put(`${KEY}.r.${Date.now() - days * DAY_MS}.`)
    expect(readChoice(KEY, '-')[0]).toBe('r')
  })

  test.each([
    ['older than 183 days', () => `${KEY}.g.${Date.now() - 184 * DAY_MS}.`],
    ['about another choice', () => `AAAAAAAAAAA.g.${Date.now()}.`],
    ['an unknown state', () => `${KEY}.y.${Date.now()}.`],
    ['a state too many', () => `${KEY}.gg.${Date.now()}.`],
    ['a state too few', () => `${KEY}..${Date.now()}.`],
    ['no time', () => `${KEY}.g..`],
    ['a word', () => 'yes'],
    ['nothing', () => ''],
    ['something behind it', () => `${KEY}.g.${Date.now()}.!`],
  ])('counts as no choice: %s', (_, value) => {
    put(value())
    expect(readChoice(KEY, '-')).toEqual(['-'])
  })
})

describe('on a page', () => {
  const { choiceKey } = createPageConfig()

  test('a remembered refusal shows no banner', async () => {
    put(`${choiceKey}.rrr.${Date.now()}.`)
    const page = await visit({ isBannerDue: false })
    await page.sayso.ready
    expect(page.banner).toBeNull()
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    expect(page.service.requests).toEqual([])
  })

  test('with other purposes or recipients the earlier grant is over, and people are asked again', async () => {
    put(`AAAAAAAAAAA.ggg.${Date.now()}.`)
    const page = await visit()
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    expect(page.box('analytics').checked).toBe(false)
  })

  test('what was decided in part is asked again in full, and holds as far as it goes', async () => {
    put(`${choiceKey}.g--.${Date.now()}.`)
    const page = await visit()
    expect(page.sayso.allowed('telepathy')).toBe(false)
    expect(page.sayso.choices()).toEqual({ analytics: true, video: false, advertising: false })
  })

  test('re-opened, the banner shows exactly the stored state, has the focus, and closes without changing it', async () => {
    put(`${choiceKey}.grw.${Date.now()}.`)
    const page = await visit({ html: '<a href="#" data-sayso-open>Privacy choices</a>', isBannerDue: false })
    const opener = page.document.querySelector<HTMLElement>('[data-sayso-open]')!
    opener.focus()
    opener.click()
    await until(() => page.banner)
    expect(['analytics', 'video', 'advertising'].map((id) => page.box(id).checked)).toEqual([true, false, false])
    expect(page.banner!.contains(page.document.activeElement)).toBe(true)
    expect(page.document.activeElement!.tagName).toBe('H2')
    page.box('video').click()
    page.button('close').click()
    expect(page.banner).toBeNull()
    expect(page.document.activeElement).toBe(opener)
    expect(page.sayso.choices()).toEqual({ analytics: true, video: false, advertising: false })
  })

  test('where cookies are blocked the choice holds for this page, and nothing breaks', async () => {
    const page = await visit({ prepare: (window) => {
      Object.defineProperty(window.document, 'cookie', { get: () => '', set: () => undefined })
    } })
    page.button('accept-all').click()
    page.document.dispatchEvent(new page.window.Event('visibilitychange'))
    expect(page.sayso.allowed('video')).toBe(true)
    await until(() => page.service.taken.length === 1)
  })

  test('where even asking for cookies throws, people are asked and nothing is allowed before', async () => {
    const page = await visit({ prepare: (window) => {
      Object.defineProperty(window.document, 'cookie', { get: () => { throw new Error('no') }, set: () => { throw new Error('no') } })
    } })
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    page.button('reject-all').click()
    await until(() => page.service.taken.length === 1)
  })

  test('deleted cookies mean no consent any more', async () => {
    const page = await visit()
    page.button('accept-all').click()
    await until(() => page.service.taken.length === 1)
    await until(() => readCookie()?.flag === '')
    page.document.cookie = 'sayso=;Path=/;Max-Age=0'
    page.document.dispatchEvent(new page.window.Event('visibilitychange'))
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
  })

  test('a page that was put aside undecided follows what was decided meanwhile, once it is shown again', async () => {
    // What is put aside hears nothing.
    const aside = await visit({ prepare: (window) => Object.assign(window, { BroadcastChannel: class { postMessage() {} } }) })
    const other = await visit()
    other.button('accept-all').click()
    expect(aside.sayso.allowed('analytics')).toBe(false)
    aside.document.dispatchEvent(new aside.window.Event('visibilitychange'))
    expect(aside.sayso.allowed('analytics')).toBe(true)
    expect(aside.banner).toBeNull()
  })

  test('two tabs: what is withdrawn in one stops in the other', async () => {
    const [one, two] = [await visit(), await visit()]
    one.button('accept-all').click()
    await until(() => two.sayso.allowed('analytics'))
    expect(two.banner).toBeNull()
    const changes: unknown[] = []
    two.sayso.on('change', (detail) => changes.push(detail))
    one.sayso.withdraw('analytics')
    await until(() => !two.sayso.allowed('analytics'))
    expect(changes).toEqual([{ decisions: [{ purpose_id: 'analytics', event_state: 'withdrawn' }] }])
    await until(() => one.service.taken.length === 2)
    expect(two.service.taken).toEqual([])
  })
})
