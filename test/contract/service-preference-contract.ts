// The preference centre through any transport: double opt-in, seeing, changing, taking back, undoing.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { splitLines } from '../../core/export.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import { verifyExport } from '../../core/verify.ts'
import { createNotice, createSite } from '../fixtures/site.ts'
import { askForLink, callAsOperator, linkIn, optIn, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import type { OpenStage, ServiceStage } from './service-stage.ts'

const STATEMENT = createNotice('contact').purposes[0]!.statement_text

export function describePreferences(openStage: OpenStage): void {
  let stage: ServiceStage

  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  describe('double opt-in', () => {
    test('what was ticked in a form is proposed on the page and counts only once it is confirmed by a press', async () => {
      const mail = await optIn(stage)
      const size = await stage.logSize()
      const visit = await new PreferenceVisit(stage).open(linkIn(mail, 'p'))
      expect(visit.html).toContain('Please confirm')
      expect(visit.ticked).toEqual(['newsletter'])
      expect(visit.html).not.toContain('Your history')
      expect(await stage.logSize()).toBe(size)
      expect(await statesOf(stage)).toEqual({})

      await visit.save(['newsletter'], 'confirm')
      expect(visit.html).toContain('Your choices are saved')
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })

    test('once confirmed, the history shows the form: its own day, place and words', async () => {
      const { visit } = await subscribe(stage)
      expect(visit.html).toContain('Form on the website')
      expect(visit.html).toContain('shop.example/lamps')
      expect(visit.html.match(/<time/g)).toHaveLength(2)
      const receipts = [...visit.html.matchAll(/href="(\/v1\/events\/[^"]+\?download)"/g)].map(([, href]) => href!)
      for (const href of receipts) await verifyReceipt(await (await stage.send(href)).json(), stage.keys)
      expect(receipts).toHaveLength(2)
    })

    test('a box that is cleared before confirming is a no, and is not asked again', async () => {
      const visit = await new PreferenceVisit(stage).open(linkIn(await optIn(stage, 'ada@example.org', ['newsletter', 'offers']), 'p'))
      await visit.save(['offers'], 'confirm')
      expect(await statesOf(stage)).toEqual({ newsletter: 'refused', offers: 'given' })
      await visit.open('/p/open')
      expect([visit.ticked, visit.html.includes('Please confirm')]).toEqual([['offers'], false])
    })

    test('confirming nothing is pointed out, and “unsubscribe from all” says no to it all', async () => {
      const visit = await new PreferenceVisit(stage).open(linkIn(await optIn(stage), 'p'))
      await visit.save([], 'confirm')
      expect([visit.status, visit.html.includes('Tick at least one box')]).toEqual([422, true])
      expect(await statesOf(stage)).toEqual({})
      await visit.unsubscribeAll()
      expect(await statesOf(stage)).toEqual({ newsletter: 'refused' })
    })

    test('a stranger who types my address gets nothing ticked on the page that I asked for myself', async () => {
      await optIn(stage)
      const visit = await new PreferenceVisit(stage).open(linkIn(await askForLink(stage), 'p'))
      expect(visit.ticked).toEqual([])
      expect(visit.html).not.toContain('Please confirm')
    })

    test('cookie consent of the device never becomes consent to mail', async () => {
      await subscribe(stage)
      expect(Object.keys(await statesOf(stage))).toEqual(['newsletter'])
    })
  })

  describe('a subscriber', () => {
    let visit: PreferenceVisit
    beforeEach(async () => {
      ({ visit } = await subscribe(stage))
    })

    test('sees whom it is about without the whole address, and what was agreed to', async () => {
      await visit.open('/p/open')
      expect(visit.html).toContain('a•••@example.org')
      expect(visit.html).not.toContain('ada@example.org')
      expect(visit.html).toContain(STATEMENT)
      expect(visit.ticked).toEqual(['newsletter'])
    })

    test('changes one thing and another: one event with what changed, a mail that says so', async () => {
      const size = await stage.logSize()
      const mails = stage.mails.length
      await visit.save(['offers'])
      expect(await stage.logSize()).toBe(size + 1)
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'given' })
      expect(visit.html).toContain('You took back')
      await stage.app.settle()
      expect(stage.mails).toHaveLength(mails + 1)
      expect(stage.mails.at(-1)).toMatchObject({ to: 'ada@example.org', subject: expect.stringContaining('have changed') })
    })

    test('saving without a change writes no leaf and sends no mail, and says so', async () => {
      const [size, mails] = [await stage.logSize(), stage.mails.length]
      await visit.save(['newsletter'])
      expect(visit.html).toContain('Nothing changed')
      await stage.app.settle()
      expect([await stage.logSize(), stage.mails.length]).toEqual([size, mails])
    })

    test('unsubscribes from all with one press', async () => {
      await visit.save(['newsletter', 'offers'])
      stage.clock.nowMs += 60_000
      await visit.unsubscribeAll()
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'withdrawn' })
    })

    test('the event says that the service attested it, where, which button, and what came before', async () => {
      await visit.save([])
      const contact = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const stored = await stage.store.readRecord('shop', contact.recordId)
      const receipt = await (await stage.send(`/v1/events/${stored.at(-1)!.eventId}/receipt`)).json()
      const { read: { event } } = await verifyReceipt(receipt, stage.keys)
      expect(event).toMatchObject({
        attestation: 'server', record_id: contact.recordId, prev_event_hash: stored.at(-2)!.hash,
        source: { channel: 'preference-center', action: 'Save my choices', url: `${stage.baseUrl}/p/open` },
        decisions: [{ purpose_id: 'newsletter', event_state: 'withdrawn', statement_text: STATEMENT }],
      })
    })

    test('undoes a change through the mail: the earlier state is filled in, and acts only by a press', async () => {
      await visit.save([])
      await stage.app.settle()
      stage.clock.nowMs += 60_000
      const undo = await new PreferenceVisit(stage).open(linkIn(stage.mails.at(-1), 'p'))
      expect(undo.ticked).toEqual(['newsletter'])
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      await undo.save(['newsletter'], 'undo')
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
      expect(undo.html).toContain('Your choices are saved')
    })

    test('reads the page, and is recorded, in the language chosen', async () => {
      await visit.open('/p/open?lang=de')
      expect(visit.html).toContain('<html lang="de"')
      const german = createNotice('contact', 'de').purposes
      expect(visit.html).toContain(german[1]!.statement_text)
      await visit.save(['newsletter', 'offers'])
      expect(visit.html).toContain('<html lang="de"')
      const contact = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const { jws } = (await stage.store.readRecord('shop', contact.recordId)).at(-1)!
      expect(new TextDecoder().decode(Uint8Array.from(atob(jws.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)))).toContain(german[1]!.statement_text)
    })

    test('agrees to the words on the page, even where newer ones came in force meanwhile', async () => {
      await visit.open('/p/open')
      const contact = createNotice('contact')
      const newer = { ...contact, purposes: contact.purposes.map((purpose) => ({ ...purpose, statement_text: `${purpose.statement_text} Really.` })) }
      await stage.app.publish(createSite({ notices: [createNotice('device'), newer] }))
      await visit.save(['newsletter', 'offers'])
      const person = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const events = await stage.store.readRecord('shop', person.recordId)
      const receipt = await (await stage.send(`/v1/events/${events.at(-1)!.eventId}/receipt`)).json()
      expect((await verifyReceipt(receipt, stage.keys)).read.event.decisions[0]!.statement_text).toBe(contact.purposes[1]!.statement_text)
    })

    test('ends also what a newer notice no longer has', async () => {
      const contact = createNotice('contact')
      await stage.app.publish(createSite({ notices: [createNotice('device'), { ...contact, purposes: contact.purposes.slice(1) }] }))
      await visit.open('/p/open')
      await visit.unsubscribeAll()
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    })

    test('a box that is not on offer is pointed out, and nothing is recorded', async () => {
      const size = await stage.logSize()
      await visit.save(['newsletter', 'analytics'])
      expect([visit.status, visit.html.includes('have changed')]).toEqual([422, true])
      expect(await stage.logSize()).toBe(size)
    })

    test('a choice past its validity counts as none', async () => {
      stage.clock.nowMs += 731 * 86_400_000
      const { url } = (await (await callAsOperator(stage, `/v1/sites/shop/contacts/${(await stage.store.findContactByEmail('shop', 'ada@example.org'))!.id}/links`, { kind: 'P' })).json()) as { url: string }
      expect((await new PreferenceVisit(stage).open(url)).ticked).toEqual([])
    })

    test('is somebody of whom an auditor can check everything offline', async () => {
      await visit.save(['offers'])
      const { recordId } = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const text = await (await callAsOperator(stage, `/v1/records/${recordId}/export`)).text()
      async function* pieces(): AsyncGenerator<string> {
        yield text
      }
      const report = await verifyExport(splitLines(pieces()), { keys: stage.keys })
      expect(report).toMatchObject({ isValid: true, findings: [], kind: 'record', events: { server: 2 } })
    })
  })

  describe('for operators', () => {
    test('a contact is made once, and gets links made or sent', async () => {
      const make = () => callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'Bob@Example.org', language: 'de', ask: false })
      const [first, again] = [await make(), await make()]
      expect([first.status, again.status]).toEqual([201, 200])
      const contact = (await first.json()) as { id: string }
      expect(contact).toMatchObject({ email: 'Bob@Example.org', language: 'de', record_id: expect.any(String) })
      expect(await again.json()).toEqual(contact)

      const links = `/v1/sites/shop/contacts/${contact.id}/links`
      const made = await callAsOperator(stage, links, { kind: 'P' })
      expect(made.status).toBe(201)
      expect((await new PreferenceVisit(stage).open(((await made.json()) as { url: string }).url)).html).toContain('<html lang="de"')
      expect((await callAsOperator(stage, links, { kind: 'P', send: true })).status).toBe(202)
      await stage.app.settle()
      expect(stage.mails.map(({ to }) => to)).toEqual(['Bob@Example.org'])
    })

    test.each([
      [{ kind: 'X' }, '/kind'], [{ kind: 'P', purpose_id: 'newsletter' }, '/purpose_id'], [{ kind: 'U', purpose_id: 'analytics' }, '/purpose_id'],
      [{ kind: 'U', send: true }, '/send'], [{ kind: 'P', extra: 1 }, '/extra'],
    ])('a link like %j is refused by the field', async (body, pointer) => {
      const { id } = (await (await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'bob@example.org', ask: false })).json()) as { id: string }
      const response = await callAsOperator(stage, `/v1/sites/shop/contacts/${id}/links`, body)
      expect([response.status, ((await response.json()) as { errors: { pointer: string }[] }).errors[0]!.pointer]).toEqual([422, pointer])
    })

    test('nothing works without the token, with another, or for another site’s contact', async () => {
      for (const token of [null, 'a-wrong-admin-token!!', '']) {
        const denied = await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'bob@example.org' }, token)
        expect([denied.status, denied.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      }
      const { id } = (await (await callAsOperator(stage, '/v1/sites/other/contacts', { email: 'bob@example.org' })).json()) as { id: string }
      expect((await callAsOperator(stage, `/v1/sites/shop/contacts/${id}/links`, { kind: 'P' })).status).toBe(404)
      expect((await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'nobody' })).status).toBe(422)
    })

    test('a record looks absent to who may not see it', async () => {
      await subscribe(stage)
      const { recordId } = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const answers = [
        await callAsOperator(stage, `/v1/records/${recordId}/export`, undefined, null),
        await callAsOperator(stage, `/v1/records/${'A'.repeat(22)}/export`),
      ]
      expect(answers.map(({ status }) => status)).toEqual([404, 404])
      const bodies = await Promise.all(answers.map((answer) => answer.text()))
      expect(bodies[0]).toBe(bodies[1])
    })
  })
}
