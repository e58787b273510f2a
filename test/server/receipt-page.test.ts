// The receipt as a page: all that a person needs on one sheet, from the address that also gives the file.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Receipt, verifyReceipt } from '../../core/receipt.ts'
import { hashNotice, type Notice } from '../../core/notice.ts'
import { renderReceiptPage } from '../../preference-center/render.ts'
import type { ReceiptPage } from '../../preference-center/proof-model.ts'
import { ADMIN_TOKEN, openStage, postJws, type ServiceStage } from '../contract/service-stage.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, SHOP_ORIGIN } from '../fixtures/site.ts'

let stage: ServiceStage
let receipt: Receipt
let eventId: string

beforeEach(async () => {
  stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }) })
  const jws = await (await createDevice()).decide({ analytics: 'given', video: 'refused' })
  receipt = await (await postJws(stage, jws)).json() as Receipt
  eventId = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()).event_id
})

const read = (query = '', headers: Record<string, string> = {}) => stage.send(`/v1/events/${eventId}/receipt${query}`, { headers })
const unescape = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

describe('the address of a receipt', () => {
  test.each([
    ['a browser that follows a link', '', 'text/html,application/xhtml+xml', 'text/html'],
    ['?format=html', '?format=html', '*/*', 'text/html'],
    ['a program', '', '*/*', 'application/json'],
    ['?download, even in a browser', '?download', 'text/html', 'application/json'],
    ['?format=json, even in a browser', '?format=json', 'text/html', 'application/json'],
  ])('for %s gives what is meant', async (_, query, accept, type) => {
    const response = await read(query, { accept })
    expect(response.headers.get('content-type')).toContain(type)
    expect(response.headers.get('vary')).toContain('Accept')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('refuses other formats, and unknown events in every format', async () => {
    expect((await read('?format=pdf')).status).toBe(422)
    const unknown = '/v1/events/01939ab0-0000-7000-8000-000000000000/receipt'
    for (const query of ['', '?format=html']) expect((await stage.send(unknown + query)).status).toBe(404)
  })

  test('the page runs under the policy of every page, and asks nobody else for anything', async () => {
    const response = await read('?format=html')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const html = await response.text()
    expect([...html.matchAll(/<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"/g)].map(([, address]) => address)).toEqual(['/page/preference-center.css', '/page/proof.css'])
    expect(html).not.toMatch(/<style|<script>|\son\w+=/)
  })
})

describe('the page', () => {
  test('says who asked, what was decided in which words, when, where, who signed, and where the log has it', async () => {
    const html = unescape(await (await read('?format=html')).text())
    const notice = createNotice('device')
    for (const part of [
      'Shop GmbH, 1 Market Street, 10115 Berlin', 'Count visits to improve the shop.', 'Show videos from Cinematica.', 'Agreed', 'Said no',
      '22 November 2026 at 10:00 UTC', '2026-11-22T10:00:00.000Z', '2026-11-22T10:00:05.000Z', `${SHOP_ORIGIN}/lamps`, 'Save my choice', 'Banner on the website', '183 days',
      `/v1/sites/shop/notices/${hashNotice(notice)}`, 'The browser signed this decision itself', 'consent.example/log/shop', 'number 5 of 6', eventId,
      '/verify?lang=en', `sayso verify sayso-receipt-${eventId}.json --key VKEY`,
    ]) expect(html).toContain(part)
    expect(html).toContain(receipt.proof.split('\n\n').slice(1).join('\n\n').trim())
  })

  test('holds the whole receipt: copied from the page it still verifies', async () => {
    const html = await (await read('?format=html')).text()
    const [, text] = /<details.*?<pre[^>]*><code>(.*?)<\/code>/s.exec(html)!
    const copied: unknown = JSON.parse(unescape(text!))
    expect(copied).toEqual(receipt)
    await expect(verifyReceipt(copied, stage.keys)).resolves.toMatchObject({ index: 5 })
  })

  test('speaks the language asked for; the sentences keep their own', async () => {
    const html = await (await read('?format=html&lang=de')).text()
    expect(html).toContain('<html lang="de"')
    expect(html).toContain('Beleg über Ihre Entscheidung')
    expect(html).toContain('<q lang="en">Count visits to improve the shop.</q>')
    expect(html).toContain('183 Tage')
  })

  test('says plainly when it is the service’s word only', async () => {
    const draft = (await createDevice()).draft({ video: 'given' })
    const body = JSON.stringify({ events: [{ draft }] })
    await stage.send('/v1/sites/shop/events', { method: 'POST', body, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })
    const html = await (await stage.send(`/v1/events/${draft.event_id}/receipt?format=html`)).text()
    expect(html).toContain('It is the word of the service')
  })

  test('hostile words in a notice or an event are words, not markup', () => {
    const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    const base = createNotice('device')
    const notice: Notice = { ...base, storage: `At ${evil}`, controller: { ...base.controller, name: evil, address: evil } }
    const page: ReceiptPage = {
      language: 'en', languages: [], siteName: evil, notice, noticeHref: '/n', origin: evil, index: 1, size: 2, root: evil, checkpoint: evil, json: evil, jsonHref: '/j', jsonLdHref: '/l',
      verifyHref: '/verify', eventHash: evil, receivedAt: '2026-11-22T10:00:05.000Z',
      event: {
        schema_version: '1', event_id: evil, record_id: evil, pii_principal_id: evil, aud: { site: 'shop', origin: evil }, event_time: '2026-11-22T10:00:00.000Z', event_type: 'explicit',
        decisions: [{ purpose_id: 'video', event_state: 'given', statement_text: evil }], notice_hash: evil, language: 'en', validity_duration: 'P183D',
        source: { channel: 'banner', action: evil, url: evil, build: evil }, prev_event_hash: null, log_anchor: null, salt: evil, attestation: 'device',
      },
    }
    const html = renderReceiptPage(page)
    expect(html).not.toMatch(/<img|<script>/)
    expect(html).toMatch(/<dt>Where it is stored<\/dt><dd><span lang="en">At &quot;/)
    expect(html.match(/&lt;img src=x/g)!.length).toBeGreaterThan(8)
  })
})

test('as JSON-LD it is a consent receipt of ISO/IEC TS 27560 with the receipt inside', async () => {
  const response = await read('?format=jsonld')
  expect(response.headers.get('content-type')).toContain('application/ld+json')
  const body = await response.json() as Record<string, any>
  expect(body['@type']).toBe('dpv:ConsentReceipt')
  expect(body['dct:conformsTo']).toBe('https://w3id.org/dpv/schema/dpv-27560#receipt')
  expect(body['dpv:hasRecordOfActivity']['dpv:hasConsentStatus'][0]['sayso:receipt']).toEqual(receipt)
})

test('of an erased event there is no receipt left, in any format, and each says that it was erased', async () => {
  const recordId = JSON.parse(Buffer.from(receipt.event.split('.')[1]!, 'base64url').toString()).record_id
  const erasing = await stage.send(`/v1/records/${recordId}`, { method: 'DELETE', headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  expect(erasing.ok).toBe(true)
  for (const query of ['', '?format=html', '?format=jsonld']) {
    const response = await read(query)
    expect(response.status).toBe(410)
    expect(await response.text()).toContain('erased')
  }
})
