// Evidence for the operator: who may see it, what stands side by side, and that drawing an old banner cannot record.
import { beforeEach, describe, expect, test } from 'vitest'
import { hashNotice } from '../../core/notice.ts'
import { ADMIN_TOKEN, openStage, postJws, type ServiceStage } from '../contract/service-stage.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let stage: ServiceStage
let device: Device

beforeEach(async () => {
  stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }) }, { assets: {
    loader: 'start(__SAYSO_CONFIG__)', build: 'test', rest: 'rest.js', files: new Map(),
  } })
  device = await createDevice()
})

const idOf = (jws: string) => (JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as { event_id: string }).event_id
const BEARER = { authorization: `Bearer ${ADMIN_TOKEN}` }
const HTML = { accept: 'text/html' }

async function record(states: Parameters<Device['decide']>[0], changes?: Parameters<Device['decide']>[1]): Promise<string> {
  const jws = await device.decide(states, changes)
  expect((await postJws(stage, jws)).status).toBe(201)
  return idOf(jws)
}

const show = async (id: string, query = '') => {
  const response = await stage.send(`/evidence/${id}${query}`, { headers: { ...BEARER, ...HTML } })
  expect(response.status).toBe(200)
  return response
}

const postToken = (id: string, token: string, headers: Record<string, string> = {}) => stage.send(`/evidence/${id}`, {
  method: 'POST', body: new URLSearchParams({ token }), headers: { ...HTML, origin: stage.baseUrl, ...headers },
})

describe('who may see it', () => {
  test('a program sends the token in a header; without it there is a problem, for known and unknown events alike', async () => {
    const id = await record({ analytics: 'given' })
    await show(id)
    const unknown = '01939ab0-0000-7000-8000-000000000000'
    for (const one of [id, unknown]) {
      expect((await stage.send(`/evidence/${one}`)).status).toBe(401)
      expect((await stage.send(`/evidence/${one}`, { headers: { ...HTML, authorization: 'Bearer nonsense' } })).status).toBe(401)
    }
    expect((await stage.send(`/evidence/${unknown}`, { headers: BEARER })).status).toBe(404)
  })

  test('a browser is asked for it, uses it once, and keeps nothing', async () => {
    const id = await record({ analytics: 'given' })
    const form = await stage.send(`/evidence/${id}`, { headers: HTML })
    expect(form.status).toBe(401)
    const html = await form.text()
    expect(html).toMatch(/<form method="post" action="\/evidence\/[^"]+"/)
    expect(html).toContain('type="password"')
    expect(html).not.toContain('Count visits')
    const shown = await postToken(id, ADMIN_TOKEN)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('set-cookie')).toBeNull()
    expect(shown.headers.get('cache-control')).toBe('no-store')
    expect(await shown.text()).not.toContain(ADMIN_TOKEN)
    const wrong = await postToken(id, 'guess')
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    expect(await wrong.text()).toContain('This is not the admin token.')
  })

  test('a form from another site is refused, and guesses are counted', async () => {
    const id = await record({ analytics: 'given' })
    expect((await postToken(id, ADMIN_TOKEN, { origin: 'https://evil.example' })).status).toBe(403)
    const answers: number[] = []
    for (let i = 0; i < 400 && answers.at(-1) !== 429; i += 1) answers.push((await postToken(id, 'guess')).status)
    expect(answers.at(-1)).toBe(429)
  })
})

describe('what it shows', () => {
  test('the event, the words of its notice, the sentences compared, the place in log and record', async () => {
    const first = await record({ analytics: 'given', video: 'refused' })
    const second = await record({ analytics: 'withdrawn' }, { timeMs: Date.parse('2026-11-22T10:00:03.000Z') })
    const html = await (await show(first)).text()
    for (const part of [
      'Count visits to improve the shop.', 'the same', 'Recomputed from the notice that the log has: the same.', 'which is the one that this service has', 'Shop GmbH asks for your consent.',
      '[ Reject all ] [ Save my choice ] [ Accept all ]', 'number 1 of 2', `/evidence/${second}`, `/v1/events/${first}/receipt?format=html`, 'number 5 of 6', 'Banner on the website',
    ]) expect(html).toContain(part)
    expect(html).toContain(`<iframe class="preview" src="/v1/sites/shop/notices/${hashNotice(createNotice('device'))}/preview?build=test"`)
    expect(html).toContain('sandbox="allow-scripts"')
    expect(html).not.toContain('/compare/')
    expect(await (await show(second)).text()).toContain(`/evidence/${first}`)
  })

  test('another build of the widget is said to be another', async () => {
    const id = await record({ analytics: 'given' }, { source: { channel: 'banner', action: 'Save my choice', url: 'https://shop.example/', build: 'older' } })
    expect(await (await show(id)).text()).toContain('The event names the build older, this service has test')
  })

  describe('of a form', () => {
    const recordOptIn = (build: string) => record({ offers: 'given' }, { notice: createNotice('contact'), source: { channel: 'opt-in', action: 'Subscribe', url: 'https://shop.example/', build } })
    const drawnBoxes = async (html: string) => {
      const href = /<iframe[^>]*src="([^"]*)"/.exec(html)![1]!.replaceAll('&amp;', '&')
      return /data-sayso-opt-in="([^"]*)"/.exec(await (await stage.send(href)).text())![1]
    }
    const inWords = (html: string) => html.match(/☐ [^<]*/g)

    test('just the boxes that it showed are drawn, and told in words', async () => {
      const html = await (await show(await recordOptIn('test#offers'))).text()
      expect(await drawnBoxes(html)).toBe('offers')
      expect(inWords(html)).toEqual(['☐ Send me offers by e-mail.'])
      expect(html).toContain('just these')
      expect(html).toContain('The event names the build test, which is the one that this service has')
      expect(await drawnBoxes(await (await show(await recordOptIn('test#newsletter+offers'))).text())).toBe('newsletter offers')
    })

    test.each(['test', 'test#Not+ids', 'test#unknown'])('an event that names the build %s does not say which, so all are drawn', async (build) => {
      const html = await (await show(await recordOptIn(build))).text()
      expect(await drawnBoxes(html)).toBe('newsletter offers')
      expect(inWords(html)).toHaveLength(2)
      expect(html).toContain('does not say which')
    })
  })

  test('the words stay in the language of the event, whatever the page speaks', async () => {
    const id = await record({ analytics: 'given' }, { notice: createNotice('device', 'de') })
    const html = await (await show(id, '?lang=en')).text()
    expect(html).toContain('<html lang="en"')
    expect(html).toContain('<div class="sheet" lang="de"><p><strong>Ihre Wahl</strong></p>')
  })

  test('once the notice has changed there is a link to the difference, which anybody may read', async () => {
    const id = await record({ analytics: 'given' })
    const device = createNotice('device')
    const changed = { ...device, use: 'We count visits and sell them.' }
    await stage.app.publish(createSite({ notices: [changed, createNotice('contact'), createNotice('device', 'de'), createNotice('contact', 'de')] }))
    const html = await (await show(id)).text()
    const [, href] = /href="([^"]*\/compare\/[^"]*)"/.exec(html)!
    expect(href).toContain(`${hashNotice(device)}/compare/${hashNotice(changed)}`)
    const difference = await stage.send(href!.replaceAll('&amp;', '&'), { headers: HTML })
    expect(difference.status).toBe(200)
    expect(difference.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await difference.text()).replace(/<span.*?<\/span>/g, '')).toContain('We count visits<ins> and sell them</ins>.')
    expect((await stage.send(href!.replace(hashNotice(changed), 'A'.repeat(43)))).status).toBe(404)
  })
})

describe('the drawing', () => {
  const hash = hashNotice(createNotice('device', 'de'))

  test('has no origin, may fetch notices only, and stands in our own frame only', async () => {
    const response = await stage.send(`/v1/sites/shop/notices/${hash}/preview`)
    const policy = response.headers.get('content-security-policy')!
    expect(policy.split('; ')).toEqual(expect.arrayContaining([
      'sandbox allow-scripts', "default-src 'none'", "frame-ancestors 'self'", "form-action 'none'", 'connect-src https://consent.example/v1/sites/shop/notices/',
    ]))
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(await response.text()).toContain('<html lang="de"')
  })

  test('is made by the widget from that very notice', async () => {
    const text = await (await stage.send(`/v1/sites/shop/notices/${hash}/widget.js`)).text()
    const [siteUrl, , , otherLanguages, layer] = JSON.parse(/^start\((.*)\)$/s.exec(text)![1]!)
    expect([siteUrl, otherLanguages]).toEqual([`https://consent.example/v1/sites/shop/notices/${hash}/`, []])
    expect(layer.slice(0, 3)).toEqual([hash, 'de', 'Ihre Wahl'])
    expect(await (await stage.send(`${siteUrl}widget.json?lang=de`)).json()).toMatchObject({ language: 'de', layer, contactNoticeHash: null, anchor: null })
    expect(hashNotice(await (await stage.send(`${siteUrl}notices/${hash}`)).json())).toBe(hash)
    expect((await stage.send(`${siteUrl}notices/${hashNotice(createNotice('device'))}`)).status).toBe(404)
    expect((await stage.send(`${siteUrl}events`, { method: 'POST', body: await device.decide({ analytics: 'given' }), headers: { 'content-type': 'text/plain' } })).status).toBe(404)
    expect((await stage.send(`/v1/sites/shop/notices/${'A'.repeat(43)}/widget.js`)).status).toBe(404)
  })
})

describe('after the widget was built anew', () => {
  const assetsOf = (build: string) => ({
    loader: `${build}(__SAYSO_CONFIG__)`, build, rest: `rest.${build}-hash.js`,
    files: new Map([[`rest.${build}-hash.js`, { body: `export const build = '${build}'`, type: 'text/javascript; charset=utf-8' }]]),
  })
  const open = (build: string, store?: ServiceStage['store']) =>
    openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }), ...(store ? { store } : {}) }, { assets: assetsOf(build) })

  test('an earlier build is kept: it draws its own banner, and pages that still have it find its parts', async () => {
    const before = await open('earlier')
    expect(await (await before.send('/v1/sites/shop/widget.js')).text()).toMatch(/^earlier\(/)
    stage = await open('later', before.store)
    const id = await record({ analytics: 'given' }, { source: { channel: 'banner', action: 'Save my choice', url: 'https://shop.example/', build: 'earlier' } })
    const html = await (await show(id)).text()
    expect(html).toContain('an earlier one that is kept here')
    const preview = /<iframe[^>]*src="([^"]*)"/.exec(html)![1]!.replaceAll('&amp;', '&')
    const script = /<script[^>]*src="([^"]*)"/.exec(await (await stage.send(preview)).text())![1]!.replaceAll('&amp;', '&')
    const drawn = await (await stage.send(script)).text()
    expect(drawn).toMatch(/^earlier\(/)
    expect(drawn).toContain('/assets/rest.earlier-hash.js')
    expect(await (await stage.send('/assets/rest.earlier-hash.js')).text()).toBe("export const build = 'earlier'")
    expect(await (await stage.send('/assets/rest.later-hash.js')).text()).toBe("export const build = 'later'")
    expect((await stage.send('/assets/rest.never-hash.js')).status).toBe(404)
  })

  test('a build that nobody kept is said to be missing, and the current one draws', async () => {
    stage = await open('later')
    const id = await record({ analytics: 'given' }, { source: { channel: 'banner', action: 'Save my choice', url: 'https://shop.example/', build: 'lost' } })
    expect(await (await show(id)).text()).toContain('the words are the same, the look may differ')
    expect(await (await stage.send(`/v1/sites/shop/notices/${hashNotice(createNotice('device'))}/widget.js?build=lost`)).text()).toMatch(/^later\(/)
  })
})
