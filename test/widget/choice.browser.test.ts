// What is remembered of a choice, for how long, and what is not taken for one.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { readChoice, writeChoice } from '../../widget/choice.ts'
import { createPageConfig, startFresh, until, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

const DAY_SECONDS = 86_400
const now = () => Math.floor(Date.now() / 1000)
const put = (value: string) => {
  document.cookie = `sayso=${value};Path=/`
}

describe('the cookie', () => {
  test('gives back what was written', () => {
    const choice = { key: 'CsUYapGGPo4', timeSeconds: now(), flag: '', states: { analytics: 'g', video: 'r', 'a_b-c': 'w' } as const }
    expect(writeChoice({ ...choice })).toBe(true)
    expect(readChoice()).toEqual(choice)
    expect(document.cookie).toMatch(/^sayso=1\.CsUYapGGPo4\.\d{10}\.\.analytics:g\.video:r\.a_b-c:w$/)
  })

  test('a refusal is remembered as long as a grant: 183 days from the decision, however often it is written', () => {
    const written: string[] = []
    const spy = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => void written.push(text))
    const timeSeconds = now() - 10 * DAY_SECONDS
    for (const state of ['g', 'r'] as const) writeChoice({ key: 'CsUYapGGPo4', timeSeconds, flag: '', states: { analytics: state } })
    spy.mockRestore()
    for (const text of written) expect(text).toMatch(new RegExp(`;Path=/;SameSite=Lax;Max-Age=${173 * DAY_SECONDS}$`))
  })

  test.each([179, 182])('still holds after %i days', (days) => {
    put(`1.CsUYapGGPo4.${now() - days * DAY_SECONDS}..analytics:r`)
    expect(readChoice()?.states).toEqual({ analytics: 'r' })
  })

  test.each([
    ['older than 183 days', () => `1.CsUYapGGPo4.${now() - 184 * DAY_SECONDS}..analytics:g`],
    ['another format', () => `2.CsUYapGGPo4.${now()}..analytics:g`],
    ['an unknown state', () => `1.CsUYapGGPo4.${now()}..analytics:y`],
    ['a word', () => 'yes'],
    ['nothing', () => ''],
    ['something behind it', () => `1.CsUYapGGPo4.${now()}..analytics:g!`],
  ])('counts as no choice: %s', (_, value) => {
    put(value())
    expect(readChoice()).toBeUndefined()
  })
})

describe('on a page', () => {
  const { choiceKey } = createPageConfig()

  test('a remembered refusal shows no banner', async () => {
    put(`1.${choiceKey}.${now()}..analytics:r.video:r.advertising:r`)
    const page = await visit({ isBannerDue: false })
    await page.sayso.ready
    expect(page.banner).toBeNull()
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    expect(page.service.requests).toEqual([])
  })

  test('with other purposes or recipients the earlier grant is over, and people are asked again', async () => {
    put(`1.AAAAAAAAAAA.${now()}..analytics:g.video:g.advertising:g`)
    const page = await visit()
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
    expect(page.box('analytics').checked).toBe(false)
  })

  test('a purpose in the cookie that the notice does not have is not allowed', async () => {
    put(`1.${choiceKey}.${now()}..telepathy:g.analytics:g`)
    const page = await visit()
    expect(page.sayso.allowed('telepathy')).toBe(false)
    expect(page.sayso.choices()).toEqual({ analytics: true, video: false, advertising: false })
  })

  test('re-opened, the banner shows exactly the stored state, has the focus, and closes without changing it', async () => {
    put(`1.${choiceKey}.${now()}..analytics:g.video:r.advertising:w`)
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
    await until(() => readChoice()?.flag === '')
    page.document.cookie = 'sayso=;Path=/;Max-Age=0'
    page.document.dispatchEvent(new page.window.Event('visibilitychange'))
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
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
