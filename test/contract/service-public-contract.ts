// What anybody may fetch, through any transport: the widget, notices, the log, problem pages, and how it is.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromUtf8, toBase64, utf8 } from '../../core/bytes.ts'
import { parseCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { parseLeaf } from '../../core/leaf.ts'
import { hashNotice, type Notice } from '../../core/notice.ts'
import type { LoaderConfig, WidgetConfig } from '../../core/protocol.ts'
import { TreeHistory } from '../../core/history.ts'
import { hashLeaf } from '../../core/tree.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'
import { type OpenStage, postBatch, type ServiceStage, SMALL_ASSETS } from './service-stage.ts'

export function describePublic(openStage: OpenStage): void {
  let stage: ServiceStage

  beforeEach(async () => {
    stage = await openStage({ assets: SMALL_ASSETS })
  })
  afterEach(() => stage.close())

  async function record(count: number): Promise<void> {
    const device = await createDevice()
    const entries = []
    for (let i = 0; i < count; i += 1) entries.push({ jws: await device.decide({ analytics: i % 2 ? 'refused' : 'given' }) })
    for (let start = 0; start < count; start += 100) {
      stage.clock.nowMs += 60_000
      expect((await postBatch(stage, entries.slice(start, start + 100))).status).toBe(200)
    }
  }

  describe('widget.js', () => {
    const bakedOf = async (path: string, headers: Record<string, string> = {}) => {
      const text = await (await stage.send(path, { headers })).text()
      return JSON.parse(/^start\((.*)\)$/s.exec(text)![1]!) as LoaderConfig
    }
    const configOf = async (path: string) => (await stage.send(path)).json() as Promise<WidgetConfig>

    test('is the loader with the published notice’s first layer baked in, and may be embedded anywhere', async () => {
      const response = await stage.send('/v1/sites/shop/widget.js')
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8', 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff', 'cache-control': 'public, max-age=60', etag: expect.any(String),
      })
      const [siteUrl, restUrl, choiceKey, otherLanguages, layer] = await bakedOf('/v1/sites/shop/widget.js')
      expect([siteUrl, restUrl, otherLanguages]).toEqual([`${stage.baseUrl}/v1/sites/shop/`, `${stage.baseUrl}/assets/rest.abcdefgh.js`, ['de']])
      const notice = createNotice('device')
      expect(layer.slice(0, 3)).toEqual([hashNotice(notice), 'en', notice.labels.title])
      expect(layer[4].map(([id, statement]) => [id, statement])).toEqual(notice.purposes.slice(1).map(({ id, statement_text }) => [id, statement_text]))
      expect(choiceKey).toMatch(/^[\w-]{11}$/)
    })

    const pin = async (query = '?lang=en', headers: Record<string, string> = {}) =>
      (await (await stage.send(`/v1/sites/shop/pinned${query}`, { headers })).json()) as { src: string; integrity: string; language: string }

    test('can be pinned: an address that never changes, with its digest, also after the site was published anew', async () => {
      const pinned = await pin()
      const digestOf = async (bytes: Uint8Array<ArrayBuffer>) => `sha384-${toBase64(new Uint8Array(await crypto.subtle.digest('SHA-384', bytes)))}`
      const changed = { ...createNotice('device'), why: 'For another reason.' }
      await stage.app.publish(createSite({ notices: [changed, createNotice('contact')] }))
      expect(await pin()).not.toEqual(pinned)
      const response = await stage.send(pinned.src)
      expect(Object.fromEntries(response.headers)).toMatchObject({ 'cache-control': expect.stringContaining('immutable'), 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
      expect(await digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(pinned.integrity)
      expect(await stage.store.findBuildFile('rest.abcdefgh.js'), 'what it will load is kept as well').toBeDefined()
    })

    test('pinned, it is the same wherever it was asked for: asking first, in the site’s language unless another is named', async () => {
      const { notices } = createSite()
      await stage.app.publish(createSite({ notices, places: { told_by: ['x-country'], rules: [{ places: ['US'], until_objection: ['analytics'] }] } }))
      const pinned = await pin('')
      expect(pinned.language).toBe('en')
      expect(await pin('', { 'x-country': 'US', 'accept-language': 'de' })).toEqual(pinned)
      expect(await pin('?lang=de')).toMatchObject({ language: 'de', src: expect.not.stringContaining(pinned.src) })
      expect(await (await stage.send(pinned.src)).text()).toContain('"---","",Object.assign(()=>{},{"build":"b1"})')
    })

    test('asks first everywhere but where a rule says otherwise, as the CDN tells the place', async () => {
      const site = createSite({ places: { told_by: ['x-country', 'x-part'], rules: [{ places: ['US-CA'], until_objection: ['analytics', 'advertising'] }] } })
      await stage.app.publish(site)
      const undecidedIn = async (headers: Record<string, string>) => (await bakedOf('/v1/sites/shop/widget.js?lang=en', headers))[5]
      expect(await undecidedIn({ 'x-country': 'US', 'x-part': 'CA' })).toBe('o-o')
      expect(await undecidedIn({ 'x-country': 'US', 'x-part': 'NY' })).toBe('---')
      expect(await undecidedIn({ 'x-country': 'DE' })).toBe('---')
      expect(await undecidedIn({})).toBe('---')
      expect(await (await stage.send('/v1/sites/shop/widget.js?lang=en&region=US-CA')).text(), 'the address is not asked').toContain('"---"')
      expect((await stage.send('/v1/sites/shop/widget.js')).headers.get('vary')).toMatch(/^Accept-Language, x-country, x-part/)
      await stage.app.publish(createSite({ places: { ...site.places!, told_by: 'address' } }))
      expect((await bakedOf('/v1/sites/shop/widget.js?lang=en&region=us-ca'))[5]).toBe('o-o')
      await stage.app.publish(createSite())
    })

    test('has what its rest asks for later as JSON: the same first layer, the contact notice, the latest checkpoint', async () => {
      const config = await configOf('/v1/sites/shop/widget.json?lang=en')
      const [, , choiceKey, , layer] = await bakedOf('/v1/sites/shop/widget.js?lang=en')
      const { origin, size, root } = parseCheckpoint(await (await stage.send('/log/shop/checkpoint')).text())
      expect(config).toEqual({
        site: 'shop', base: stage.baseUrl, build: 'b1', language: 'en', choiceKey, layer,
        rest: `${stage.baseUrl}/assets/rest.abcdefgh.js`, undecided: '---', barred: '',
        contactNoticeHash: hashNotice(createNotice('contact')), anchor: { origin, size, root: toBase64(root) },
      })
    })

    test('speaks the language asked for, else the visitor’s, else the site’s', async () => {
      const languageOf = async (path: string, headers?: Record<string, string>) => (await bakedOf(path, headers))[4].slice(0, 2)
      const [german, english] = (['de', 'en'] as const).map((language) => [hashNotice(createNotice('device', language)), language])
      expect(await languageOf('/v1/sites/shop/widget.js?lang=de')).toEqual(german)
      expect((await bakedOf('/v1/sites/shop/widget.js?lang=de'))[3], 'a page cannot ask for another').toEqual([])
      expect(await languageOf('/v1/sites/shop/widget.js', { 'accept-language': 'fr;q=0.9, de-AT;q=0.5, en;q=0.1' })).toEqual(german)
      expect(await languageOf('/v1/sites/shop/widget.js?lang=tlh')).toEqual(english)
      expect(await configOf('/v1/sites/shop/widget.json?lang=de')).toMatchObject({ language: 'de', layer: (await bakedOf('/v1/sites/shop/widget.js?lang=de'))[4] })
    })

    test('is not sent again to who has it, also when events came in since; an hour later there is a newer checkpoint', async () => {
      for (const path of ['/v1/sites/shop/widget.js', '/v1/sites/shop/widget.json']) {
        const etag = (await stage.send(path)).headers.get('etag')!
        await record(1)
        const same = await stage.send(path, { headers: { 'if-none-match': etag } })
        expect(same.status).toBe(304)
        expect(await same.text()).toBe('')
        expect(same.headers.get('etag')).toBe(etag)
      }
      const etag = (await stage.send('/v1/sites/shop/widget.json')).headers.get('etag')!
      stage.clock.nowMs += 3_600_000
      expect((await stage.send('/v1/sites/shop/widget.json', { headers: { 'if-none-match': etag } })).status).toBe(200)
      expect((await configOf('/v1/sites/shop/widget.json')).anchor!.size).toBe(await stage.logSize())
    })

    test('cannot be broken out of by words in a notice', async () => {
      const notice = { ...createNotice('device'), withdrawal: '</script><script>alert(1)</script>\u2028$&' }
      await stage.app.publish(createSite({ notices: [notice, createNotice('contact')] }))
      const text = await (await stage.send('/v1/sites/shop/widget.js')).text()
      expect(text).not.toMatch(/<|\u2028/)
      expect((await bakedOf('/v1/sites/shop/widget.js'))[4][5]).toContain(notice.withdrawal)
    })

    test('has its later parts beside it: for good under a hashed name, briefly under a fixed one', async () => {
      const part = await stage.send('/assets/rest.abcdefgh.js')
      expect(Object.fromEntries(part.headers)).toMatchObject({ 'cache-control': expect.stringContaining('immutable'), 'cross-origin-resource-policy': 'cross-origin', 'access-control-allow-origin': '*' })
      expect((await stage.send('/page/preference-center.css')).headers.get('cache-control')).toBe('public, max-age=600')
      expect((await stage.send('/assets/..%2F..%2Fetc%2Fpasswd')).status).toBe(404)
    })
  })

  describe('a notice', () => {
    test('is immutable JSON under its hash, and a page for a person', async () => {
      const hash = hashNotice(createNotice('device', 'de'))
      const json = await stage.send(`/v1/sites/shop/notices/${hash}`, { headers: { accept: 'application/json' } })
      expect(Object.fromEntries(json.headers)).toMatchObject({ 'content-type': 'application/json', 'cache-control': expect.stringContaining('immutable'), vary: expect.stringMatching(/^Accept(?:,|$)/), 'access-control-allow-origin': '*' })
      expect(hashNotice((await json.json()) as Notice)).toBe(hash)
      const page = await stage.send(`/v1/sites/shop/notices/${hash}`, { headers: { accept: 'text/html,*/*;q=0.8' } })
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      const html = await page.text()
      expect(html).toContain('<html lang="de"')
      expect(html).toContain(createNotice('device', 'de').purposes[1]!.statement_text)
    })

    test('in force is found by language and scope', async () => {
      const locate = async (query: string) => (await stage.send(`/v1/sites/shop/notices/current${query}`)).headers.get('location')
      expect(await locate('?lang=de')).toBe(`/v1/sites/shop/notices/${hashNotice(createNotice('device', 'de'))}`)
      expect(await locate('?lang=de-CH&scope=contact')).toBe(`/v1/sites/shop/notices/${hashNotice(createNotice('contact', 'de'))}`)
      expect(await locate('?lang=fr')).toBe(`/v1/sites/shop/notices/${hashNotice(createNotice('device'))}`)
    })

    test('stays readable when a newer one is in force; an unknown one is 404', async () => {
      const old = hashNotice(createNotice('device'))
      await stage.app.publish(createSite({ notices: [{ ...createNotice('device'), why: 'Because.' }, createNotice('contact')] }))
      expect((await stage.send(`/v1/sites/shop/notices/${old}`)).status).toBe(200)
      expect((await stage.send(`/v1/sites/shop/notices/${'A'.repeat(43)}`)).status).toBe(404)
      expect((await stage.send(`/v1/sites/other/notices/nothing`)).status).toBe(404)
    })

    test('that is broken is not published: every field at fault is named, and the old one stays in force', async () => {
      const size = await stage.logSize()
      const notice = createNotice('device')
      const broken = { ...notice, why: '', validity_duration: '6 months', purposes: [{ ...notice.purposes[0]!, preselected: true }, ...notice.purposes.slice(1)] }
      await expect(stage.app.publish({ ...createSite(), notices: [broken] })).rejects.toMatchObject({
        errors: expect.arrayContaining(['/notices/0/why', '/notices/0/validity_duration', '/notices/0/purposes/0/preselected'].map((pointer) => expect.objectContaining({ pointer }))),
      })
      expect(await stage.logSize()).toBe(size)
      expect((await stage.send('/v1/sites/shop/notices/current')).headers.get('location')).toContain(hashNotice(notice))
    })

    test('in a language that we have no words for must bring its own labels', async () => {
      const notice = { ...createNotice('device'), language: 'tlh', labels: { title: 'wIvlIj' } }
      await expect(stage.app.publish({ ...createSite(), default_language: 'tlh', notices: [notice] })).rejects.toMatchObject({
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '/notices/0/labels/accept_all' })]),
      })
    })
  })

  describe('the log', () => {
    const bytesOf = async (path: string) => new Uint8Array(await (await stage.send(path)).arrayBuffer())

    function readEntries(bytes: Uint8Array): string[] {
      const texts: string[] = []
      for (let at = 0; at < bytes.length;) {
        const length = bytes[at]! * 256 + bytes[at + 1]!
        texts.push(fromUtf8(bytes.slice(at + 2, at + 2 + length))!)
        at += 2 + length
      }
      return texts
    }

    test('can be rebuilt from its tiles: the leaves hash to the tiles, and these to the signed root', async () => {
      await record(270)
      const checkpoint = await verifyCheckpoint(await (await stage.send('/log/shop/checkpoint')).text(), stage.keys)
      const rest = checkpoint.size - 256
      const texts = [...readEntries(await bytesOf('/log/shop/tile/entries/000')), ...readEntries(await bytesOf(`/log/shop/tile/entries/001.p/${rest}`))]
      expect(texts).toHaveLength(checkpoint.size)
      expect(texts.map((text) => parseLeaf(text).type).slice(0, 3)).toEqual(['key', 'notice', 'notice'])
      const hashes = texts.map((text) => hashLeaf(utf8(text)))
      const tree = new TreeHistory()
      for (const hash of hashes) tree.add(hash)
      expect(toBase64(await tree.rootAt(tree.size))).toBe(toBase64(checkpoint.root))
      const tile = await bytesOf('/log/shop/tile/0/000')
      expect(toBase64(tile.slice(0, 64))).toBe(toBase64(new Uint8Array([...hashes[0]!, ...hashes[1]!])))
      expect(await bytesOf('/log/shop/tile/1/000.p/1')).toHaveLength(32)
      // Of every size that had a checkpoint the partial tile stays.
      expect(await bytesOf('/log/shop/tile/0/000.p/5')).toHaveLength(5 * 32)
    })

    test('says how long each part keeps', async () => {
      const cachingOf = async (path: string) => (await stage.send(path)).headers.get('cache-control')
      expect(await cachingOf('/log/shop/checkpoint')).toBe('public, max-age=5')
      expect(await cachingOf('/log/shop/tile/0/000.p/5')).toContain('immutable')
      expect((await stage.send('/log/shop/key')).headers.get('content-type')).toBe('text/plain; charset=utf-8')
    })

    test.each([
      '0/0', '0/00', '0/0000', '0/000', '0/x000/000', '0/000.p/0', '0/000.p/05', '0/000.p/256', '0/000.p/99', '0/000.p', '0/000.p/', '00/000.p/5', '1/000', '64/000', '-1/000',
      'entries/000', 'entries/000.p/99', 'Entries/000.p/5', '0/%3000.p/5', '0/000.P/5', '0/001.p/1', '0/000.p/5/', '', 'x',
    ])('knows no tile %j', async (path) => {
      expect((await stage.send(`/log/shop/tile/${path}`)).status).toBe(404)
    })

    test('of an unknown site is 404', async () => {
      for (const path of ['checkpoint', 'key', 'tile/0/000.p/1']) expect((await stage.send(`/log/nowhere/${path}`)).status).toBe(404)
    })
  })

  describe('around it', () => {
    test('every problem type has a readable page', async () => {
      const { type } = (await (await stage.send('/v1/sites/nowhere/widget.js')).json()) as { type: string }
      const page = await stage.send(type, { headers: { accept: 'text/html' } })
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await page.text()).toContain('The site is unknown')
      expect((await stage.send('/problems/none-of-ours')).status).toBe(404)
    })

    test('it is up, it can work, and it says how much it has done', async () => {
      expect((await stage.send('/healthz')).status).toBe(200)
      expect((await stage.send('/readyz')).status).toBe(200)
      await record(2)
      const metrics = await (await stage.send('/metrics')).text()
      expect(metrics).toContain('sayso_events_recorded_total{site="shop"} 2\n')
      expect(metrics).toContain(`sayso_log_size{site="shop"} ${await stage.logSize()}\n`)
    })

    test('another method than an address has is 405, and says which it has', async () => {
      const response = await stage.send('/v1/sites/shop/events')
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    })

    test.each(['/v1/sites/shop/widget.js', '/log/shop/checkpoint', '/healthz', '/nowhere', '/p/nothing', '/v1/sites/shop/notices/current', '/problems/aud'])('%s is never sniffed as something else', async (path) => {
      expect((await stage.send(path)).headers.get('x-content-type-options')).toBe('nosniff')
    })
  })
}
