// Events through any transport: recorded once, answered with proof, and every bad input turned away by name.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toBase64url, utf8 } from '../../core/bytes.ts'
import { createDraft, createRandomId, encodeEvent, type EventDraft } from '../../core/event.ts'
import type { EventResults, Problem } from '../../core/protocol.ts'
import { type Receipt, verifyReceipt } from '../../core/receipt.ts'
import { signCompact } from '../../core/signature.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createNotice, SHOP_ORIGIN } from '../fixtures/site.ts'
import { type OpenStage, OTHER_ORIGIN, postBatch, postJws, type ServiceStage } from './service-stage.ts'

const OPT_IN = { notice: createNotice('contact') }

/** Nothing of the service's inside may show in an answer. */
function expectDiscreet(text: string): void {
  expect(text).not.toMatch(/\bat \w+.*:\d+:\d+|node_modules|\/server\/|\.ts\b|SQLITE|select |insert /i)
}

export function describeEvents(openStage: OpenStage): void {
  let stage: ServiceStage
  let device: Device

  beforeEach(async () => {
    stage = await openStage()
    device = await createDevice()
  })
  afterEach(() => stage.close())

  async function expectProblem(response: Response, { status, pointer, code }: { status: number; pointer?: string; code?: string }): Promise<Problem> {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const text = await response.text()
    expectDiscreet(text)
    const problem = JSON.parse(text) as Problem
    expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String), type: expect.stringMatching(/^\/problems\/\w+$/) })
    expect(response.status).toBe(status)
    if (pointer !== undefined) expect(problem.errors.map((error) => error.pointer)).toContain(pointer)
    if (code !== undefined) expect(problem.errors.map((error) => error.code)).toContain(code)
    return problem
  }

  describe('one event', () => {
    test('is recorded, and the receipt holds without the service', async () => {
      const response = await postJws(stage, await device.decide({ analytics: 'given', video: 'refused' }))
      expect(response.status).toBe(201)
      expect(response.headers.get('access-control-allow-origin')).toBe(SHOP_ORIGIN)
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      const { read, checkpoint } = await verifyReceipt(await response.json(), stage.keys)
      expect(read.event.decisions.map(({ event_state }) => event_state)).toEqual(['given', 'refused'])
      expect(checkpoint.size).toBe(await stage.logSize())
    })

    test('is taken as application/jose too, and from callers that are no web page', async () => {
      expect((await postJws(stage, await device.decide({ video: 'given' }), { type: 'application/jose', origin: '' })).status).toBe(201)
    })

    test('sent again gets the same receipt and adds nothing', async () => {
      const jws = await device.decide({ analytics: 'given' })
      const first = (await (await postJws(stage, jws)).json()) as Receipt
      const size = await stage.logSize()
      const again = await postJws(stage, jws)
      expect(again.status).toBe(200)
      expect(await again.json()).toEqual(first)
      expect(await stage.logSize()).toBe(size)
    })

    test('signed again with the same content is still the same event', async () => {
      const draft = device.draft({ analytics: 'given' })
      const first = (await (await postJws(stage, await device.sign(draft))).json()) as Receipt
      const again = await postJws(stage, await device.sign(draft))
      expect(again.status).toBe(200)
      expect(await again.json()).toEqual(first)
    })

    test('can be asked for its receipt, as a download too', async () => {
      const draft = device.draft({ analytics: 'given' })
      const receipt = await (await postJws(stage, await device.sign(draft))).json()
      const shown = await stage.send(`/v1/events/${draft.event_id}/receipt`)
      expect(await shown.json()).toEqual(receipt)
      expect(shown.headers.get('content-disposition')).toBeNull()
      const download = await stage.send(`/v1/events/${draft.event_id}/receipt?download`)
      expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename=".*\.json"$/)
      await expectProblem(await stage.send('/v1/events/01939ab0-0000-7000-8000-000000000000/receipt'), { status: 404 })
    })

    test.each([['an hour ahead', 3_600_000], ['40 days behind', -40 * 86_400_000]])('whose clock is %s is recorded all the same', async (_name, offsetMs) => {
      const jws = await device.sign(device.draft({ analytics: 'given' }, { timeMs: stage.clock.nowMs + offsetMs }))
      const response = await postJws(stage, jws)
      expect(response.status).toBe(201)
      await verifyReceipt(await response.json(), stage.keys)
    })
  })

  describe('bad input', () => {
    type Case = [name: string, send: (stage: ServiceStage, device: Device) => Promise<Response>, expected: { status: number; pointer?: string; code?: string }]
    const changed = async (one: Device, change: (draft: EventDraft) => void): Promise<string> => {
      const draft = one.draft({ analytics: 'given' })
      change(draft)
      return one.sign(draft)
    }
    const send = (change: (draft: EventDraft) => void) => async (one: ServiceStage, by: Device) => postJws(one, await changed(by, change))

    const cases: Case[] = [
      ['an unknown site', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { site: 'nowhere' }), { status: 404, code: 'unknown_site' }],
      ['a page on another origin', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { origin: 'https://evil.example' }), { status: 403, code: 'origin' }],
      ['a page on another site’s origin', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { origin: OTHER_ORIGIN }), { status: 403, code: 'origin' }],
      ['an opaque origin', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { origin: 'null' }), { status: 403, code: 'origin' }],
      ['an event of another registered origin than its page', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { origin: 'https://m.shop.example' }), { status: 422, pointer: '/aud/origin' }],
      ['an event for another site', send((draft) => (draft.aud.site = 'other')), { status: 422, pointer: '/aud/site' }],
      ['an origin in the event that is not registered', async (s, d) => postJws(s, await changed(d, (draft) => {
        draft.aud.origin = 'https://evil.example'
        draft.source.url = 'https://evil.example/'
      }), { origin: '' }), { status: 422, pointer: '/aud/origin' }],
      ['a broken signature', async (s, d) => {
        const jws = await d.decide({ video: 'given' })
        const at = jws.lastIndexOf('.') + 10
        return postJws(s, jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1))
      }, { status: 422, pointer: '/signature' }],
      ['a foreign signature', async (s, d) => {
        const foreign = await (await createDevice()).decide({ video: 'given' })
        return postJws(s, [...(await d.decide({ video: 'given' })).split('.').slice(0, 2), foreign.split('.')[2]].join('.'))
      }, { status: 422, pointer: '/signature' }],
      ['a changed decision under an old signature', async (s, d) => {
        const [header, payload, signature] = (await d.decide({ video: 'refused' })).split('.')
        const text = atob(payload!.replaceAll('-', '+').replaceAll('_', '/')).replace('"refused"', '"given"')
        return postJws(s, [header, toBase64url(utf8(text)), signature].join('.'))
      }, { status: 422, pointer: '/signature' }],
      ['no JWS at all', (s) => postJws(s, 'hello'), { status: 422, code: 'jws' }],
      ['an empty body', (s) => postJws(s, ''), { status: 422, code: 'jws' }],
      ['an unknown notice', send((draft) => (draft.notice_hash = 'A'.repeat(43))), { status: 422, pointer: '/notice_hash' }],
      ['another statement than the notice has', send((draft) => (draft.decisions[0]!.statement_text = 'Count some visits.')), { status: 422, pointer: '/decisions/0/statement_text' }],
      ['an unknown purpose', send((draft) => (draft.decisions[0]!.purpose_id = 'surprise')), { status: 422, pointer: '/decisions/0/purpose_id' }],
      ['a purpose that nobody is asked about', send((draft) => {
        draft.decisions[0] = { purpose_id: 'necessary', event_state: 'given', statement_text: createNotice('device').purposes[0]!.statement_text }
      }), { status: 422, pointer: '/decisions/0/purpose_id' }],
      ['an over-long action', send((draft) => (draft.source.action = 'x'.repeat(301))), { status: 422, pointer: '/source/action' }],
      ['an over-long statement', send((draft) => (draft.decisions[0]!.statement_text = 'x'.repeat(2001))), { status: 422, pointer: '/decisions/0/statement_text' }],
      ['an over-long language', send((draft) => (draft.language = 'x'.repeat(36))), { status: 422, pointer: '/language' }],
      ['a url with a query', send((draft) => (draft.source.url = `${SHOP_ORIGIN}/?email=ada`)), { status: 422, pointer: '/source/url' }],
      ['a member nobody knows', async (s, d) => {
        const event = JSON.parse(encodeEvent(d.draft({ analytics: 'given' }), 'device')) as object
        return postJws(s, await signCompact(JSON.stringify({ ...event, ip: '192.0.2.1' }), d.signer))
      }, { status: 422, pointer: '/ip' }],
      ['a checkpoint that was never published', send((draft) => (draft.log_anchor = { origin: 'consent.example/log/shop', size: 1, root: 'A'.repeat(43) + '=' })), { status: 422, pointer: '/log_anchor' }],
      ['a predecessor that is not there', send((draft) => (draft.prev_event_hash = 'A'.repeat(43))), { status: 422, pointer: '/prev_event_hash' }],
      ['a time that is none', send((draft) => (draft.event_time = '2026-11-22')), { status: 422, pointer: '/event_time' }],
      ['a client that attests for the service', async (s, d) => postJws(s, await d.sign(d.draft({ analytics: 'given' }), 'server')), { status: 422, pointer: '/attestation' }],
      ['a channel that is the service’s own', send((draft) => (draft.source.channel = 'preference-center')), { status: 422, pointer: '/source/channel' }],
      ['a body over 256 KiB', (s) => postJws(s, 'x'.repeat(256 * 1024 + 1)), { status: 413 }],
      ['another media type', async (s, d) => postJws(s, await d.decide({ video: 'given' }), { type: 'text/html' }), { status: 415 }],
      ['a batch that is not JSON', (s) => s.send('/v1/sites/shop/events', { method: 'POST', body: '{"events":[', headers: { 'content-type': 'application/json' } }), { status: 422, code: 'json_syntax' }],
      ['a batch with a name that stands twice', (s) => s.send('/v1/sites/shop/events', { method: 'POST', body: '{"events":[],"events":[]}', headers: { 'content-type': 'application/json' } }), { status: 422, pointer: '/events' }],
      ['an empty batch', (s) => postBatch(s, []), { status: 422, pointer: '/events' }],
      ['a batch of 101', (s) => postBatch(s, Array.from({ length: 101 }, () => ({ jws: 'x' }))), { status: 413, pointer: '/events' }],
    ]

    test.each(cases)('%s is refused, nothing is recorded, nothing is lost', async (_name, sendIt, expected) => {
      const size = await stage.logSize()
      await expectProblem(await sendIt(stage, await createDevice()), expected)
      expect(await stage.logSize()).toBe(size)
      expect((await postJws(stage, await device.decide({ analytics: 'given' }))).status).toBe(201)
    })

    test('the same id with other content is a conflict, and the first one stays', async () => {
      const draft = device.draft({ analytics: 'given' })
      const receipt = await (await postJws(stage, await device.sign(draft))).json()
      const other = { ...device.draft({ analytics: 'refused' }), event_id: draft.event_id }
      await expectProblem(await postJws(stage, await device.sign(other)), { status: 409, pointer: '/event_id' })
      expect(await (await stage.send(`/v1/events/${draft.event_id}/receipt`)).json()).toEqual(receipt)
    })

    test('the same id at another site is a conflict there, too', async () => {
      const draft = device.draft({ analytics: 'given' })
      await postJws(stage, await device.sign(draft))
      const elsewhere = { ...draft, aud: { site: 'other', origin: OTHER_ORIGIN }, source: { ...draft.source, url: `${OTHER_ORIGIN}/` } }
      await expectProblem(await postJws(stage, await device.sign(elsewhere), { site: 'other', origin: OTHER_ORIGIN }), { status: 409, pointer: '/event_id' })
    })
  })

  describe('a batch', () => {
    const resultsOf = async (response: Response) => ((await response.json()) as EventResults).results

    test('gets a result each, in order; a bad entry does not hold up the others', async () => {
      const [first, second] = [await device.decide({ analytics: 'given' }), await device.decide({ analytics: 'withdrawn' })]
      const response = await postBatch(stage, [{ jws: first }, { jws: 'broken' }, { jws: second }, { jws: first }, { foo: 1 }, 7])
      expect(response.status).toBe(200)
      const results = await resultsOf(response)
      expect(results.map(({ status }) => status)).toEqual([201, 422, 201, 200, 422, 422])
      for (const result of results) if ('receipt' in result) await verifyReceipt(result.receipt, stage.keys)
      expect(results[0]).toEqual({ ...results[3], status: 201 })
    })

    test('as application/json is read like the one without a preflight', async () => {
      const results = await resultsOf(await postBatch(stage, [{ jws: await device.decide({ video: 'given' }) }], { type: 'application/json' }))
      expect(results[0]!.status).toBe(201)
    })

    test('of a page that cannot sign is attested by the service, and is the same event again', async () => {
      const draft = device.draft({ analytics: 'given' })
      const [first] = await resultsOf(await postBatch(stage, [{ draft }]))
      const [again] = await resultsOf(await postBatch(stage, [{ draft }]))
      if (!first || !again || !('receipt' in first) || !('receipt' in again)) throw new Error('no receipt')
      expect([first.status, again.status]).toEqual([201, 200])
      expect(again.receipt).toEqual(first.receipt)
      const { read } = await verifyReceipt(first.receipt, stage.keys)
      expect(read.event.attestation).toBe('server')
    })

    test('refuses a draft like an event: for another site, with an attestation of its own, or for another channel', async () => {
      const draft = device.draft({ analytics: 'given' })
      const results = await resultsOf(await postBatch(stage, [
        { draft: { ...draft, aud: { ...draft.aud, site: 'other' } } }, { draft: { ...draft, attestation: 'device' } },
        { draft: { ...draft, source: { ...draft.source, channel: 'preference-center' } } },
      ]))
      expect(results.map(({ status }) => status)).toEqual([422, 422, 422])
      expect(results.flatMap((result) => ('problem' in result ? result.problem.errors.map(({ pointer }) => pointer) : []))).toEqual(['/aud/site', '/attestation', '/source/channel'])
    })

    test('takes a draft that the page’s own code asked for, but none from whoever is no page', async () => {
      const draft = device.draft({ analytics: 'given' })
      const entry = { draft: { ...draft, source: { ...draft.source, channel: 'api' } } }
      const [refused] = await resultsOf(await postBatch(stage, [entry], { origin: '' }))
      expect(refused).toMatchObject({ status: 422, problem: { errors: [{ code: 'draft' }] } })
      const [taken] = await resultsOf(await postBatch(stage, [entry]))
      expect(taken).toMatchObject({ status: 201 })
    })
  })

  describe('an opt-in with an address', () => {
    const optIn = async (email: unknown, changes = {}) => (await postBatch(stage, [{ jws: await device.decide({ newsletter: 'given' }, { ...OPT_IN, ...changes }), contact: { email } }])).json() as Promise<EventResults>

    test('is recorded without the address, and its owner is asked to confirm', async () => {
      const { results: [result] } = await optIn(' Ada@Example.org ')
      if (!result || !('receipt' in result)) throw new Error('no receipt')
      const { read } = await verifyReceipt(result.receipt, stage.keys)
      expect(atob(read.payloadPart.replaceAll('-', '+').replaceAll('_', '/')).toLowerCase()).not.toContain('ada@')
      await stage.app.settle()
      expect(stage.mails.map(({ to }) => to)).toEqual(['Ada@Example.org'])
      expect(stage.mails[0]!.text).toContain(createNotice('contact').purposes[0]!.statement_text)
      expect(stage.mails[0]!.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')
    })

    test.each<[string, unknown]>([
      ['no @', 'ada'], ['nothing after the @', 'ada@'], ['nothing before it', '@example.org'], ['a space', 'a b@example.org'], ['a second header', 'ada@example.org\r\nBcc: eve@example.org'],
      ['a host without a dot', 'ada@localhost'], ['254 characters and more', `${'a'.repeat(250)}@example.org`], ['nothing', ''], ['a number', 7], ['null', null],
    ])(
      'with %s for an address is refused by the field, and nothing is kept of it', async (_name, email) => {
        const size = await stage.logSize()
        const { results: [result] } = await optIn(email)
        expect(result).toMatchObject({ status: 422, problem: { errors: [{ pointer: '/contact/email' }] } })
        expect(await stage.logSize()).toBe(size)
      })

    test('does not go with any other channel', async () => {
      const { results: [result] } = await (await postBatch(stage, [{ jws: await device.decide({ analytics: 'given' }), contact: { email: 'ada@example.org' } }])).json() as EventResults
      expect(result).toMatchObject({ status: 422, problem: { errors: [{ pointer: '/contact' }] } })
    })

    test('of a refused event leaves no address behind', async () => {
      const { results: [result] } = await optIn('ada@example.org', { notice_hash: 'A'.repeat(43) })
      expect(result!.status).toBe(422)
      expect(await stage.store.findContactByEmail('shop', 'ada@example.org')).toBeUndefined()
    })

    test('sent again after a lost answer mails once', async () => {
      const entry = { jws: await device.decide({ newsletter: 'given' }, OPT_IN), contact: { email: 'ada@example.org' } }
      await postBatch(stage, [entry])
      await postBatch(stage, [entry])
      await stage.app.settle()
      expect(stage.mails).toHaveLength(1)
    })

    test('mails one address three times in ten minutes, and answers the same after that', async () => {
      const statuses: number[] = []
      for (let i = 0; i < 5; i += 1) statuses.push((await optIn('ada@example.org')).results[0]!.status)
      await stage.app.settle()
      expect(statuses).toEqual([201, 201, 201, 201, 201])
      expect(stage.mails).toHaveLength(3)
    })
  })

  test('a page may ask beforehand: its registered origin is allowed for a day, others are not', async () => {
    const ask = (origin: string) => stage.send('/v1/sites/shop/events', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } })
    const allowed = await ask(SHOP_ORIGIN)
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': SHOP_ORIGIN, 'access-control-max-age': '86400', 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type',
    })
    const denied = await ask('https://evil.example')
    expect(denied.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a record of one device may be continued by it, event after event', async () => {
    for (const state of ['given', 'withdrawn', 'given'] as const) expect((await postJws(stage, await device.decide({ video: state }))).status).toBe(201)
    expect(await stage.store.readRecord('shop', device.recordId)).toHaveLength(3)
  })

  test('a draft from nobody known is refused whole when a field is missing, each by name', async () => {
    const draft: Partial<EventDraft> = createDraft({ ...device.draft({ analytics: 'given' }), timeMs: stage.clock.nowMs, record_id: createRandomId() })
    delete draft.salt
    delete draft.language
    const { results: [result] } = (await (await postBatch(stage, [{ draft }])).json()) as EventResults
    expect(result).toMatchObject({ status: 422 })
    expect('problem' in result! && result.problem.errors.map(({ pointer }) => pointer).sort()).toEqual(['/language', '/salt'])
  })
}
