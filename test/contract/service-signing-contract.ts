// Signing in the preference centre through any transport: a browser's signature stands in place of the service's where it
// says just what the form says, and nobody's choice is ever refused for want of one.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { splitLines } from '../../core/export.ts'
import { type EventDraft, hashEvent } from '../../core/event.ts'
import { signKeyBinding } from '../../core/key-binding.ts'
import { hashNotice } from '../../core/notice.ts'
import { computeThumbprint } from '../../core/signature.ts'
import { verifyExport } from '../../core/verify.ts'
import type { SigningContext } from '../../preference-center/signing-context.ts'
import { exportSite } from '../../server/export.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'
import { callAsOperator, linkIn, optIn, OWN_FORM, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import { postBatch, postJws, type OpenStage, type ServiceStage } from './service-stage.ts'

type States = Parameters<Device['draft']>[0]

export function describeSigning(openStage: OpenStage): void {
  let stage: ServiceStage
  let browser: Device

  beforeEach(async () => {
    stage = await openStage()
    browser = await createDevice()
  })
  afterEach(() => stage.close())

  const contextOf = ({ html }: PreferenceVisit) => JSON.parse(/data-signing="([^"]*)"/.exec(html)![1]!.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as SigningContext

  /** Asks for a binding as the page does. */
  const askForBinding = (visit: PreferenceVisit, changes: Record<string, string> = {}) => stage.send('/p/key-bindings', {
    method: 'POST', headers: { ...OWN_FORM, cookie: visit.cookie! },
    body: new URLSearchParams({ csrf: visit.field('csrf')!, record_id: contextOf(visit).record_id, new_kid: computeThumbprint(browser.signer.publicJwk), ...changes }),
  })
  const bind = async (visit: PreferenceVisit) => ((await (await askForBinding(visit)).json()) as { key_binding: string }).key_binding

  /** What the page drafts of a press. */
  function draft(visit: PreferenceVisit, states: States, changes: Partial<EventDraft> = {}): EventDraft {
    const { record_id, pii_principal_id, aud, prev_event_hash, log_anchor } = contextOf(visit)
    const source = { channel: 'preference-center' as const, action: 'Save my choices', url: `${stage.baseUrl}/p/open`, build: null }
    return { ...browser.draft(states, { notice: createNotice('contact'), timeMs: stage.clock.nowMs, source }), record_id, pii_principal_id, aud, prev_event_hash, log_anchor, ...changes }
  }

  interface Press {
    ticked: string[]
    states: States
    actionId?: string
    changes?: Partial<EventDraft>
  }
  const press = (visit: PreferenceVisit, { ticked, actionId = 'save' }: Press, fields: [string, string][]) =>
    visit.post([...ticked.map((id): [string, string] => ['purpose', id]), ['action_id', actionId], ...fields])
  const signAndPress = async (visit: PreferenceVisit, choice: Press) => {
    const keyBinding = await bind(visit)
    const jws = await browser.sign(draft(visit, choice.states, choice.changes))
    await press(visit, choice, [['event', jws], ['key_binding', keyBinding]])
    return jws
  }
  const readRecord = async (email = 'ada@example.org') => stage.store.readRecord('shop', (await stage.store.findContactByEmail('shop', email))!.recordId)
  const attestations = async () => (await readRecord()).map(({ payloadPart }) => (JSON.parse(atob(payloadPart.replaceAll('-', '+').replaceAll('_', '/'))) as { attestation: string }).attestation)

  async function audit(text: string) {
    async function* pieces(): AsyncGenerator<string> {
      yield text
    }
    return verifyExport(splitLines(pieces()), { keys: stage.keys })
  }
  const exportRecord = async () => (await callAsOperator(stage, `/v1/records/${(await readRecord())[0]!.recordId}/export`)).text()
  const exportAll = async () => {
    let text = ''
    for await (const piece of exportSite('shop', { store: stage.store, ledger: stage.app.ledger })) text += piece
    return text
  }

  test('a choice that the browser signed is recorded with that signature, mailed, and shown as signed by the browser', async () => {
    const { visit } = await subscribe(stage)
    await visit.open('/p/open')
    const mails = stage.mails.length
    const jws = await signAndPress(visit, { ticked: ['offers'], states: { newsletter: 'withdrawn', offers: 'given' } })
    expect((await readRecord()).at(-1)!.jws).toBe(jws)
    expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'given' })
    expect(visit.html).toContain('Your choices are saved')
    expect(visit.html).toContain('By your browser, with its own key')
    await stage.app.settle()
    expect(stage.mails.slice(mails).map(({ subject }) => subject)).toEqual([expect.stringContaining('have changed')])
  })

  test('an auditor finds the browser’s key let in by the service, in the record’s export and in the site’s', async () => {
    const { visit } = await subscribe(stage)
    await visit.open('/p/open')
    await signAndPress(visit, { ticked: ['newsletter', 'offers'], states: { offers: 'given' } })
    stage.clock.nowMs += 60_000
    await signAndPress(visit, { ticked: [], actionId: 'unsubscribe_all', states: { newsletter: 'withdrawn', offers: 'withdrawn' }, changes: { source: { ...draft(visit, {}).source, action: 'Unsubscribe from all' } } })
    expect(await attestations()).toEqual(['server', 'device', 'device'])
    const text = await exportRecord()
    expect(text.match(/"key_binding":/g)).toHaveLength(1)
    expect(await audit(text)).toMatchObject({ isValid: true, findings: [], events: { server: 1, device: 2 } })
    expect(await audit(await exportAll())).toMatchObject({ isValid: true, findings: [] })
    const without = text.replace(/,"key_binding":"[^"]*"/, '')
    expect((await audit(without)).findings.map(({ code }) => code)).toEqual(['record_key'])
  })

  test('the very first event of a contact may be the browser’s; the record stays the service’s, which unsubscribes in it later', async () => {
    const confirmation = await optIn(stage)
    const visit = await new PreferenceVisit(stage).open(linkIn(confirmation, 'p'))
    await signAndPress(visit, { ticked: ['newsletter'], actionId: 'confirm', states: { newsletter: 'given' }, changes: { source: { ...draft(visit, {}).source, action: 'Confirm' } } })
    expect(await attestations()).toEqual(['device'])
    stage.clock.nowMs += 60_000
    await stage.send(linkIn(confirmation, 'u'), { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })
    expect(await attestations()).toEqual(['device', 'server'])
    expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    expect(await audit(await exportRecord())).toMatchObject({ isValid: true, findings: [], events: { server: 1, device: 1 } })
    expect(await audit(await exportAll())).toMatchObject({ isValid: true, findings: [] })
  })

  describe('the form counts all the same, attested by the service, where the signature', () => {
    const STATES: States = { newsletter: 'withdrawn' }
    const contact = createNotice('contact')
    test.each<[string, (visit: PreferenceVisit) => Promise<[string, string][]>]>([
      ['says another decision', async (visit) => signed(visit, { offers: 'given' })],
      ['says more than the form', async (visit) => signed(visit, { newsletter: 'withdrawn', offers: 'refused' })],
      ['is of another record', async (visit) => signed(visit, STATES, { record_id: browser.recordId })],
      ['is of another person', async (visit) => signed(visit, STATES, { pii_principal_id: browser.recordId })],
      ['is for another origin', async (visit) => signed(visit, STATES, { aud: { site: 'shop', origin: 'https://m.shop.example' } })],
      ['names another notice', async (visit) => signed(visit, STATES, { notice_hash: hashNotice({ ...contact, use: 'Other words.' }) })],
      ['has other words', async (visit) => signed(visit, STATES, { decisions: [{ purpose_id: 'newsletter', event_state: 'withdrawn', statement_text: 'Other words.' }] })],
      ['names another button', async (visit) => signed(visit, STATES, { source: { ...draft(visit, {}).source, action: 'OK' } })],
      ['came through another channel', async (visit) => signed(visit, STATES, { source: { ...draft(visit, {}).source, channel: 'one-click' } })],
      ['has no predecessor', async (visit) => signed(visit, STATES, { prev_event_hash: null })],
      ['has an anchor that never was', async (visit) => signed(visit, STATES, { log_anchor: { ...contextOf(visit).log_anchor!, size: 2 } })],
      ['is by a clock ten minutes ahead', async (visit) => signed(visit, STATES, { event_time: new Date(stage.clock.nowMs + 600_000).toISOString() })],
      ['is by a clock ten minutes behind', async (visit) => signed(visit, STATES, { event_time: new Date(stage.clock.nowMs - 600_000).toISOString() })],
      ['is by a key that the browser does not keep', async (visit) => [['event', await browser.sign(draft(visit, STATES), 'ephemeral')], ['key_binding', await bind(visit)]]],
      ['claims to be the service’s', async (visit) => [['event', await browser.sign(draft(visit, STATES), 'server')], ['key_binding', await bind(visit)]]],
      ['has no binding', async (visit) => [['event', await browser.sign(draft(visit, STATES))]]],
      ['has a binding by its own key', async (visit) => [['event', await browser.sign(draft(visit, STATES))],
        ['key_binding', await signKeyBinding({ site: 'shop', recordId: contextOf(visit).record_id, newKid: computeThumbprint(browser.signer.publicJwk), timeMs: stage.clock.nowMs }, browser.signer)]]],
      ['has a binding of another key', async (visit) => [['event', await (await createDevice()).sign(draft(visit, STATES))], ['key_binding', await bind(visit)]]],
      ['does not hold', async (visit) => [['event', `${(await browser.sign(draft(visit, STATES))).slice(0, -4)}AAAA`], ['key_binding', await bind(visit)]]],
      ['is none', async (visit) => [['event', 'yes, I agree'], ['key_binding', await bind(visit)]]],
      ['came beside a binding that is none', async (visit) => [['event', await browser.sign(draft(visit, STATES))], ['key_binding', 'let me in']]],
    ])('%s', async (_, makeFields) => {
      const { visit } = await subscribe(stage)
      await visit.open('/p/open')
      const fields = await makeFields(visit)
      await press(visit, { ticked: [], states: STATES }, fields)
      expect(visit.html).toContain('Your choices are saved')
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      expect(await attestations()).toEqual(['server', 'server'])
      expect(await audit(await exportRecord())).toMatchObject({ isValid: true, findings: [] })
    })

    async function signed(visit: PreferenceVisit, states: States, changes: Partial<EventDraft> = {}): Promise<[string, string][]> {
      return [['event', await browser.sign(draft(visit, states, changes))], ['key_binding', await bind(visit)]]
    }
  })

  test('the same would have been taken: only what is wrong with each of those signatures keeps it out', async () => {
    const { visit } = await subscribe(stage)
    await visit.open('/p/open')
    await signAndPress(visit, { ticked: [], states: { newsletter: 'withdrawn' } })
    expect(await attestations()).toEqual(['server', 'device'])
  })

  test('a signature that was used once is of no use again', async () => {
    const { visit } = await subscribe(stage)
    await visit.open('/p/open')
    const keyBinding = await bind(visit)
    const jws = await browser.sign(draft(visit, { newsletter: 'withdrawn' }))
    await press(visit, { ticked: [], states: {} }, [['event', jws], ['key_binding', keyBinding]])
    stage.clock.nowMs += 60_000
    await visit.save(['newsletter'])
    stage.clock.nowMs += 60_000
    await press(visit, { ticked: [], states: {} }, [['event', jws], ['key_binding', keyBinding]])
    expect(await attestations()).toEqual(['server', 'device', 'server', 'server'])
    expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
  })

  test('words that came in force meanwhile: what was signed are the words on the page', async () => {
    const { visit } = await subscribe(stage)
    await visit.open('/p/open')
    const contact = createNotice('contact')
    const newer = { ...contact, purposes: contact.purposes.map((purpose) => ({ ...purpose, statement_text: `${purpose.statement_text} Really.` })) }
    await stage.app.publish(createSite({ notices: [createNotice('device'), newer] }))
    await signAndPress(visit, { ticked: ['newsletter', 'offers'], states: { offers: 'given' } })
    expect(await attestations()).toEqual(['server', 'device'])
    expect(await audit(await exportRecord())).toMatchObject({ isValid: true, findings: [] })
  })

  describe('a key that was let in', () => {
    test.each(['before', 'after'])('adds nothing to the record except through the form of a link, %s it signed there', async (when) => {
      const visit = await new PreferenceVisit(stage).open(linkIn(await optIn(stage), 'p'))
      const keyBinding = await bind(visit)
      const confirm = { ticked: ['newsletter'], actionId: 'confirm', states: { newsletter: 'given' } as States, changes: { source: { ...draft(visit, {}).source, action: 'Confirm' } } }
      if (when === 'after') await signAndPress(visit, confirm)
      const { size } = await stage.store.readHead('shop')
      const own = await Promise.all((['preference-center', 'opt-in', 'api'] as const).map((channel) => browser.sign(draft(visit, { offers: 'given' }, {
        source: { channel, action: 'Save', url: 'https://shop.example/', build: null }, log_anchor: null,
      }))))
      const device = await browser.sign({ ...browser.draft({ analytics: 'given' }), record_id: contextOf(visit).record_id })
      for (const jws of [...own, device]) {
        expect((await postJws(stage, jws)).status).toBe(422)
        const { results } = (await (await postBatch(stage, [{ jws, key_binding: keyBinding }])).json()) as { results: { status: number }[] }
        expect(results.map(({ status }) => status)).toEqual([422])
      }
      expect((await stage.store.readHead('shop')).size).toBe(size)
    })

    test('is let into the record of the link’s own contact, and into no other’s', async () => {
      const { visit } = await subscribe(stage)
      await subscribe(stage, 'bob@example.org')
      await visit.open('/p/open')
      const other = (await stage.store.findContactByEmail('shop', 'bob@example.org'))!.recordId
      const answers = [await askForBinding(visit), await askForBinding(visit, { record_id: other }), await askForBinding(visit, { csrf: 'guessed' })]
      expect(answers.map(({ status }) => status)).toEqual([201, 404, 403])
    })

    test('goes with its binding when the contact is erased; what is left still verifies', async () => {
      const { visit } = await subscribe(stage)
      await visit.open('/p/open')
      const jws = await signAndPress(visit, { ticked: [], states: { newsletter: 'withdrawn' } })
      const recordId = contextOf(visit).record_id
      expect(await exportAll()).toContain('"key_binding"')
      expect((await callAsOperator(stage, `/v1/records/${recordId}/export`)).status).toBe(200)
      const erased = await stage.send(`/v1/records/${recordId}`, { method: 'DELETE', headers: { authorization: 'Bearer a-long-enough-admin-token' } })
      expect(erased.status).toBe(200)
      const text = await exportAll()
      expect(text).not.toContain('"key_binding"')
      expect(text).not.toContain(jws.split('.')[1])
      expect(text).toContain(hashEvent(jws))
      expect(await audit(text)).toMatchObject({ isValid: true, findings: [] })
    })
  })

  test('the page carries nothing that is pending unless it asks to confirm it', async () => {
    await optIn(stage)
    const response = await stage.send('/v1/sites/shop/links', { method: 'POST', body: JSON.stringify({ email: 'ada@example.org' }), headers: { 'content-type': 'application/json' } })
    expect(response.status).toBe(202)
    await stage.app.settle()
    const visit = await new PreferenceVisit(stage).open(linkIn(stage.mails.at(-1), 'p'))
    expect(contextOf(visit)).toMatchObject({ pending: [], isConfirming: false, states: {} })
  })
}
