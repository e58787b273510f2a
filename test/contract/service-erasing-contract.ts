// Erasing and record keys through any transport: what operators, people with links and pages see of them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConsentEvent, readEvent } from '../../core/event.ts'
import { splitLines } from '../../core/export.ts'
import { signKeyBinding } from '../../core/key-binding.ts'
import type { EventResults, Problem } from '../../core/protocol.ts'
import { computeThumbprint } from '../../core/signature.ts'
import { verifyExport } from '../../core/verify.ts'
import { exportSite } from '../../server/export.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { askForLink, callAsOperator, linkIn, optIn, OWN_FORM, PreferenceVisit, subscribe } from './preference-visit.ts'
import { createNotice } from '../fixtures/site.ts'
import { ADMIN_TOKEN, type OpenStage, postBatch, postJws, type ServiceStage } from './service-stage.ts'

export function describeErasing(openStage: OpenStage): void {
  let stage: ServiceStage
  let device: Device

  beforeEach(async () => {
    stage = await openStage()
    device = await createDevice()
  })
  afterEach(() => stage.close())

  const erase = (recordId: string, token: string | null = ADMIN_TOKEN) =>
    stage.send(`/v1/records/${recordId}`, { method: 'DELETE', headers: token === null ? {} : { authorization: `Bearer ${token}` } })
  const audit = async () => verifyExport(splitLines(exportSite('shop', { store: stage.store, ledger: stage.app.ledger })), { keys: stage.keys })
  const sendBatch = async (...events: unknown[]) => ((await (await postBatch(stage, events)).json()) as EventResults).results
  const codesOf = (result: EventResults['results'][number]) => ('problem' in result ? result.problem.errors.map(({ pointer, code }) => `${pointer} ${code}`) : result.status)

  describe('a record', () => {
    test('is erased for an operator; its receipt is gone and says so; the same event is turned away; the log still holds', async () => {
      const jws = await device.decide({ analytics: 'given' })
      await postJws(stage, jws)
      const { event } = await readEvent(jws)
      const response = await erase(device.recordId)
      expect([response.status, response.headers.get('cache-control'), await response.json()]).toEqual([200, 'no-store', { erased: 1 }])

      for (const answer of [await stage.send(`/v1/events/${event.event_id}/receipt`), await postJws(stage, jws)]) {
        expect(answer.status).toBe(410)
        const problem = (await answer.json()) as Problem
        expect(problem).toMatchObject({ type: '/problems/erased', title: 'It was erased' })
        expect((await stage.send(problem.type)).status).toBe(200)
      }
      expect((await callAsOperator(stage, `/v1/records/${device.recordId}/export`)).status).toBe(404)
      const report = await audit()
      expect([report.isValid, report.remarks.map(({ code }) => code)]).toEqual([true, ['erased']])
    })

    test('is erased for nobody else, and who asks learns nothing', async () => {
      await postJws(stage, await device.decide({ analytics: 'given' }))
      const { size } = await stage.store.readHead('shop')
      const answers = [await erase(device.recordId, null), await erase(device.recordId, 'a-wrong-admin-token'), await erase('no-such-record')]
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
      expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
      expect((await stage.store.readHead('shop')).size).toBe(size)
    })
  })

  describe('a contact', () => {
    test('goes with every link, whether used, open or only mailed: one same 404, and no mail waits or comes any more', async () => {
      const { confirmation, visit } = await subscribe(stage)
      const requested = linkIn(await askForLink(stage), 'p')
      const contact = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      expect(await (await erase(contact.recordId)).json()).toEqual({ erased: 2 })

      const unknown = await stage.send('/p/unknown', { headers: { accept: 'text/html' } })
      const page = await unknown.text()
      for (const url of [linkIn(confirmation, 'p'), linkIn(confirmation, 'u'), requested]) {
        const answer = await stage.send(url, { headers: { accept: 'text/html' } })
        expect([answer.status, await answer.text()]).toEqual([404, page])
      }
      expect((await stage.send('/p/open', { headers: { accept: 'text/html', cookie: visit.cookie! } })).status).toBe(404)
      expect((await stage.send(linkIn(confirmation, 'u'), { method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(404)
      expect(await askForLink(stage)).toBeUndefined()
      expect(await audit()).toMatchObject({ isValid: true })
    })

    test('who comes back later is a new contact with nothing of before', async () => {
      await subscribe(stage)
      await erase((await stage.store.findContactByEmail('shop', 'ada@example.org'))!.recordId)
      const visit = await new PreferenceVisit(stage).open(linkIn(await optIn(stage, 'ada@example.org', ['offers']), 'p'))
      expect(visit.ticked).toEqual(['offers'])
      await visit.save(['offers'], 'confirm')
      expect((await stage.store.readRecord('shop', (await stage.store.findContactByEmail('shop', 'ada@example.org'))!.recordId))).toHaveLength(1)
    })

    test('that has not confirmed anything is erased too', async () => {
      await optIn(stage)
      await erase((await stage.store.findContactByEmail('shop', 'ada@example.org'))!.recordId)
      expect(await stage.store.findContactByEmail('shop', 'ada@example.org')).toBeUndefined()
      expect(await audit()).toMatchObject({ isValid: true })
    })
  })

  describe('a record of another key', () => {
    const intrude = async () => {
      const other = await createDevice()
      return { other, draft: { ...other.draft({ analytics: 'withdrawn' }), record_id: device.recordId } }
    }
    const withoutAttestation = (event: object) => event as Omit<ConsentEvent, 'attestation'>

    test('takes no event and no draft; both are taken for a new record, a withdrawal too', async () => {
      await postJws(stage, await device.decide({ analytics: 'given' }))
      const { other, draft } = await intrude()
      const refused = await postJws(stage, await other.sign(draft))
      expect(refused.status).toBe(422)
      expect(((await refused.json()) as Problem).errors).toMatchObject([{ pointer: '/record_id', code: 'record_key' }])
      expect((await sendBatch({ draft: withoutAttestation(draft) })).map(codesOf)).toEqual([['/record_id record_key']])
      const fresh = other.draft({ analytics: 'withdrawn' })
      expect((await sendBatch({ draft: withoutAttestation(fresh) })).map(codesOf)).toEqual([201])
    })

    test('takes it with a key_binding by the key of the record, which the audit finds', async () => {
      await postJws(stage, await device.decide({ analytics: 'given' }))
      const { other, draft } = await intrude()
      const key_binding = await signKeyBinding({ site: 'shop', recordId: device.recordId, newKid: computeThumbprint(other.signer.publicJwk), timeMs: stage.clock.nowMs }, device.signer)
      const jws = await other.sign(draft)
      expect((await sendBatch({ jws, key_binding: `${key_binding.slice(0, -4)}AAAA` }, { jws, key_binding: 7 }, { draft: withoutAttestation(draft), key_binding })).map(codesOf))
        .toEqual([['/key_binding/signature signature'], ['/key_binding string'], ['/key_binding key_binding']])
      expect((await sendBatch({ jws, key_binding })).map(codesOf)).toEqual([201])
      expect((await audit()).findings).toEqual([])
    })

    test('takes it with a binding that the service signs for whoever confirmed through the link; for nobody else', async () => {
      const jwsOfForm = await device.decide({ newsletter: 'given' }, { notice: createNotice('contact') })
      await postBatch(stage, [{ jws: jwsOfForm, contact: { email: 'ada@example.org' } }])
      await stage.app.settle()
      const { other, draft } = await intrude()
      const visit = await new PreferenceVisit(stage).open(linkIn(stage.mails.at(-1), 'p'))
      const ask = (changes: Record<string, string> = {}, headers: Record<string, string> = OWN_FORM, cookie = visit.cookie) => stage.send('/p/key-bindings', {
        method: 'POST', headers: { ...headers, ...(cookie === null ? {} : { cookie }) },
        body: new URLSearchParams({ csrf: visit.field('csrf')!, record_id: device.recordId, new_kid: computeThumbprint(other.signer.publicJwk), ...changes }),
      })
      const { size } = await stage.store.readHead('shop')
      expect((await ask()).status).toBe(404)
      expect((await stage.store.readHead('shop')).size).toBe(size)

      await visit.save(['newsletter'], 'confirm')
      const refused = [await ask({ csrf: 'guessed' }), await ask({ record_id: other.recordId }), await ask({ new_kid: 'short' }), await ask({}, { origin: 'https://evil.example' }), await ask({}, OWN_FORM, null)]
      expect(refused.map(({ status }) => status)).toEqual([403, 404, 422, 403, 404])
      const made = await ask()
      expect(made.status).toBe(201)
      const { key_binding } = (await made.json()) as { key_binding: string }
      const jws = await other.sign(draft)
      expect((await sendBatch({ jws }, { jws, key_binding })).map(codesOf)).toEqual([['/record_id record_key'], 201])
      expect((await audit()).findings).toEqual([])
    })
  })
}
