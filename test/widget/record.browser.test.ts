// From a press to a receipt: what the event says, that it is signed on the device, that it names what was shown, and
// what happens where the page cannot sign, store, fetch or trust.
import { beforeEach, describe, expect, test } from 'vitest'
import type { ConsentEvent } from '../../core/event.ts'
import { hashJson } from '../../core/hash.ts'
import { bakeConfig, notices } from './fixtures/notice.ts'
import { createProblem, SmallService } from './fixtures/small-service.ts'
import { addTag, createPageConfig, readCookie, readStored, startFresh, until, type Visit, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

/** The configuration with something else in one place of the banner. */
function breakLayer(at: number, value: unknown): unknown {
  const baked = bakeConfig(createPageConfig())
  return [...baked.slice(0, 4), baked[4].with(at, value as string)]
}

const statesOf = (page: Visit, i: number) => page.service.taken[i]!.event.decisions.map(({ event_state }) => event_state)
const recorded = (page: Visit, count: number) => until(() => page.service.taken.length === count && readCookie()?.flag !== undefined && page.service.taken[count - 1])

describe('an event', () => {
  test('says who, what, when, where, which words, and is signed by a key that cannot leave the device', async () => {
    const page = await visit()
    const before = Date.now()
    page.box('video').click()
    page.button('save').click()
    const { event, hash } = await recorded(page, 1)
    expect(hash).toMatch(/^[\w-]{43}$/)
    expect(event).toMatchObject({
      schema_version: '1', aud: { site: 'shop', origin: location.origin }, event_type: 'explicit', notice_hash: hashJson(notices.en.device),
      language: 'en', validity_duration: 'P183D', prev_event_hash: null, attestation: 'device', log_anchor: createPageConfig().anchor,
      source: { channel: 'banner', action: 'Save my choice', url: `${location.origin}/test/widget/fixtures/page.html`, build: '0.1.0+3f9ab12c' },
    })
    expect(event.decisions).toEqual([['analytics', 'refused'], ['video', 'given'], ['advertising', 'refused']].map(([purpose_id, event_state]) => ({
      purpose_id, event_state, statement_text: notices.en.device.purposes.find(({ id }) => id === purpose_id)!.statement_text,
    })))
    expect(Date.parse(event.event_time)).toBeGreaterThanOrEqual(before)
    const keys = await readStored<CryptoKeyPair>('key')
    expect(keys.privateKey.extractable).toBe(false)
  })

  test.each([['accept-all', 'Accept all', 'given'], ['reject-all', 'Reject all', 'refused']] as const)('%s names its button', async (action, label, state) => {
    const page = await visit()
    page.button(action).click()
    const { event } = await recorded(page, 1)
    expect(event.source.action).toBe(label)
    expect(statesOf(page, 0)).toEqual([state, state, state])
  })

  test('taking back is “withdrawn” where it was given and “refused” where it never was; events form a chain', async () => {
    const page = await visit()
    page.box('analytics').click()
    page.button('save').click()
    const first = await recorded(page, 1)
    await page.reopen()
    page.button('reject-all').click()
    const second = await recorded(page, 2)
    expect(statesOf(page, 1)).toEqual(['withdrawn', 'refused', 'refused'])
    expect(second.event.prev_event_hash).toBe(first.hash)
    expect(second.event.record_id).toBe(first.event.record_id)
    expect(second.event.salt).not.toBe(first.event.salt)
    const receipts = await page.sayso.receipts()
    expect(receipts).toHaveLength(2)
    expect(receipts[0]!.notice_hash).toBe(second.event.notice_hash)
  })

  test('window.sayso.set decides what it names, through the channel api, and ignores what is unknown', async () => {
    const page = await visit()
    const heard: unknown[] = []
    page.document.addEventListener('sayso:change', (event) => heard.push((event as CustomEvent).detail))
    page.sayso.set({ analytics: true, newsletter: true, video: 'yes' as unknown as boolean })
    const { event } = await recorded(page, 1)
    expect(event.source).toMatchObject({ channel: 'api', action: 'sayso.set()' })
    expect(heard).toEqual([{ decisions: [{ purpose_id: 'analytics', event_state: 'given' }, { purpose_id: 'video', event_state: 'refused' }] }])
    page.sayso.withdraw()
    await recorded(page, 2)
    expect(page.service.taken[1]!.event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['analytics', 'withdrawn']])
    page.sayso.withdraw()
    expect(heard).toHaveLength(2)
  })

  test('in German it has the German words', async () => {
    const page = await visit({ language: 'de', config: { otherLanguages: [] } })
    page.button('accept-all').click()
    const { event } = await recorded(page, 1)
    expect(event.language).toBe('de')
    expect(event.source.action).toBe('Alles akzeptieren')
  })
})

describe('where something is missing', () => {
  test('without crypto.subtle the event goes as a draft that the service attests', async () => {
    const page = await visit({ prepare: (window) => Object.defineProperty(window.crypto, 'subtle', { value: undefined }) })
    page.button('accept-all').click()
    const { event, hash } = await recorded(page, 1)
    expect(hash).toBeNull()
    expect('attestation' in event).toBe(false)
    expect(page.sayso.allowed('video')).toBe(true)
  })

  test('where the browser makes no keys and computes no hashes it is the same', async () => {
    const page = await visit({ prepare: (window) => {
      for (const name of ['generateKey', 'digest']) Object.defineProperty(window.crypto.subtle, name, { value: () => Promise.reject(new DOMException('refused', 'OperationError')) })
    } })
    page.button('reject-all').click()
    const { event } = await recorded(page, 1)
    expect('attestation' in event).toBe(false)
  })

  test('without IndexedDB the key is of this page only, and the event says so', async () => {
    const page = await visit({ prepare: (window) => Object.defineProperty(window, 'indexedDB', { value: undefined }) })
    page.button('reject-all').click()
    const { event } = await recorded(page, 1)
    expect((event as ConsentEvent).attestation).toBe('ephemeral')
    await until(() => readCookie()?.flag === '')
    expect(await page.sayso.receipts()).toHaveLength(1)
  })

  test('without locks between tabs it is recorded all the same', async () => {
    const page = await visit({ prepare: (window) => Object.defineProperty(window.navigator, 'locks', { value: undefined }) })
    page.button('accept-all').click()
    await recorded(page, 1)
  })

  test('while the recording part cannot be loaded the choice holds, and the next page records it as of then', async () => {
    const page = await visit({ config: { restUrl: '/nowhere.js' } })
    page.box('analytics').click()
    page.button('save').click()
    expect(page.sayso.allowed('analytics')).toBe(true)
    await until(() => page.consoleLines[0])
    const { timeMs } = readCookie()!
    page.leave()

    const next = await visit({ isBannerDue: false })
    const { event } = await recorded(next, 1)
    expect(event.event_time).toBe(new Date(timeMs).toISOString())
    expect(event.source).toMatchObject({ action: 'Save my choice', url: null })
    expect(statesOf(next, 0)).toEqual(['given', 'refused', 'refused'])
    await until(() => readCookie()?.flag === '')
  })

  test('offline the event waits on the device, and the next page sends it once', async () => {
    const page = await visit()
    await until(() => page.service.requests.some((url) => url.includes('/notices/')))
    page.service.intercept = () => { throw new TypeError('offline') }
    page.button('accept-all').click()
    await until(() => page.service.posts === 1)
    expect(readCookie()?.flag).toBe('-')
    page.leave()

    const next = await visit({ isBannerDue: false })
    await recorded(next, 1)
    await until(() => readCookie()?.flag === '')
    next.leave()
    const last = await visit({ isBannerDue: false })
    expect(last.service.requests).toEqual([])
    expect(await last.sayso.receipts()).toHaveLength(1)
  })

  test('coming back online sends what waits', async () => {
    const page = await visit()
    await until(() => page.service.requests.some((url) => url.includes('/notices/')))
    page.service.intercept = (url) => url.endsWith('/events') ? new Response('', { status: 503, headers: { 'retry-after': '3600' } }) : undefined
    page.button('accept-all').click()
    await until(() => page.service.posts === 1)
    page.service.intercept = () => undefined
    page.window.dispatchEvent(new page.window.Event('online'))
    await recorded(page, 1)
  })

  test('a final no is kept with its reason and said once in the console; the choice stays', async () => {
    const service = new SmallService()
    service.refuse = () => createProblem(422, '/log_anchor')
    const page = await visit({ service })
    page.button('accept-all').click()
    await until(() => page.consoleLines.some((line) => line.includes('could not be recorded')))
    expect(page.sayso.allowed('video')).toBe(true)
    await until(() => readCookie()?.flag === '')
    expect(await readStored('refused')).toMatchObject([{ problem: { status: 422 } }])
  })
})

describe('what cannot be trusted', () => {
  test('a banner whose words are not those of the notice is taken down, and nothing it granted stays', async () => {
    const config = createPageConfig()
    config.layer[4][0]![1] = 'Nothing much.'
    const page = await visit({ config })
    page.button('accept-all').click()
    await until(() => !page.sayso.allowed('analytics'))
    expect(page.banner).toBeNull()
    expect(page.service.taken).toEqual([])
    expect(page.consoleLines.join()).toContain('The banner shows other words')
  })

  test('a notice that does not have its hash makes no event', async () => {
    const service = new SmallService()
    service.intercept = (url) => url.includes('/notices/') ? Response.json({ ...notices.en.device, withdrawal: 'Never.' }) : undefined
    const page = await visit({ service })
    await until(() => !page.banner)
    expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
  })

  test.each([
    ['nothing', undefined], ['an empty object', {}], ['a text', 'x'],
    ['no banner', ['https://consent.example/v1/sites/shop/', '/widget/rest.ts', 'CsUYapGGPo4', []]],
    ['a banner without purposes', breakLayer(4, null)], ['a purpose that is none', breakLayer(4, [null])], ['no words', breakLayer(5, null)],
  ])('a broken configuration shows no banner, allows nothing and says one line: %s', async (_, baked) => {
    const page = await visit({ baked, isBannerDue: false, html: '<script type="text/plain" data-sayso="analytics">window.ran = ["x"]</script>' })
    await until(() => page.consoleLines.length === 1)
    expect(page.banner).toBeNull()
    expect(page.window.ran).toBeUndefined()
    expect(document.cookie).toBe('')
  })

  test('two copies of the tag are one widget', async () => {
    const page = await visit()
    await addTag(page)
    expect(page.document.querySelectorAll('sayso-banner')).toHaveLength(1)
    page.button('accept-all').click()
    await recorded(page, 1)
    expect(page.service.posts).toBe(1)
  })
})
