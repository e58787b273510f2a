// What comes with time, through any transport: three years pass in seconds.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDevice } from '../fixtures/device.ts'
import { createNotice } from '../fixtures/site.ts'
import { callAsOperator, linkIn, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import { ADMIN_TOKEN, type OpenStage, postJws, type ServiceStage } from './service-stage.ts'

const DAY_MS = 86_400_000
const day = (time: number) => new Date(time).toISOString().slice(0, 10)

export function describeTime(openStage: OpenStage): void {
  describe('two years after a consent', () => {
    let stage: ServiceStage
    beforeEach(async () => {
      stage = await openStage()
    })
    afterEach(() => stage.close())

    /** Lets days pass, one at a time, as a service that runs does; the mails of that time with the day they came. */
    async function live(days: number): Promise<{ on: string; subject: string; to: string }[]> {
      const seen: { on: string; subject: string; to: string }[] = []
      for (let i = 0; i < days; i += 1) {
        stage.clock.nowMs += DAY_MS
        const before = stage.mails.length
        await stage.app.tend()
        await stage.app.settle()
        for (const { subject, to } of stage.mails.slice(before)) seen.push({ on: day(stage.clock.nowMs), subject, to })
      }
      return seen
    }

    const eventsOf = async (email = 'ada@example.org') => {
      const { recordId } = (await stage.store.findContactByEmail('shop', email))!
      const stored = await stage.store.readRecord('shop', recordId)
      return stored.map(({ jws }) => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>)
    }

    test('it is asked for again, once more, then it ends by itself and an event says so; nothing comes after', async () => {
      await subscribe(stage)
      const mails = await live(3 * 365)
      expect(mails).toEqual([
        { on: '2028-10-23', subject: 'Does Shop still have your permission?', to: 'ada@example.org' },
        { on: '2028-11-15', subject: 'Your permission for Shop ends soon', to: 'ada@example.org' },
      ])
      expect(await statesOf(stage)).toEqual({ newsletter: 'expired' })
      const events = await eventsOf()
      expect(events).toHaveLength(2)
      expect(events[1]).toMatchObject({
        event_type: 'signal', attestation: 'server', decisions: [{ purpose_id: 'newsletter', event_state: 'expired', statement_text: expect.any(String) }], source: { channel: 'api', url: null },
      })
      expect(day(Date.parse(events[1]!.event_time as string))).toBe('2028-11-22')
      const history = (await new PreferenceVisit(stage).open(linkIn(await link(), 'p'))).html
      expect(history).toContain('Ended by itself')
      expect(history).toContain('Nothing: the time was over, and there was no answer.')
    })

    async function link() {
      const { id } = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      await callAsOperator(stage, `/v1/sites/shop/contacts/${id}/links`, { kind: 'P', send: true })
      await stage.app.settle()
      return stage.mails.at(-1)!
    }

    test('saying yes once more makes it last two years again', async () => {
      await subscribe(stage)
      await live(2 * 365 - 20)
      const asked = stage.mails.at(-1)!
      const visit = await new PreferenceVisit(stage).open(linkIn(asked, 'p'))
      expect([visit.html.includes('Do you still want this?'), visit.ticked]).toEqual([true, ['newsletter']])
      await visit.save(['newsletter'], 'confirm')
      expect((await eventsOf()).map(({ decisions }) => (decisions as { event_state: string }[])[0]!.event_state)).toEqual(['given', 'given'])
      // The same link renews nothing twice.
      await visit.open(linkIn(asked, 'p'))
      await visit.save(['newsletter'], 'confirm')
      expect(await eventsOf()).toHaveLength(2)
      await stage.app.settle()
      expect((await live(600)).map(({ subject }) => subject)).toEqual([])
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
      expect((await live(200)).map(({ subject }) => subject)).toEqual(['Does Shop still have your permission?', 'Your permission for Shop ends soon'])
    })

    test('no box ticked on that page is a no', async () => {
      await subscribe(stage, 'ada@example.org', ['newsletter', 'offers'])
      await live(2 * 365 - 20)
      const visit = await new PreferenceVisit(stage).open(linkIn(stage.mails.at(-1), 'p'))
      await visit.save(['offers'])
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'given' })
    })

    test('purposes that end on one day share a mail, others get their own', async () => {
      const { visit } = await subscribe(stage, 'ada@example.org', ['newsletter'])
      stage.clock.nowMs += 100 * DAY_MS
      const later = await new PreferenceVisit(stage).open(linkIn(await link(), 'p'))
      await later.save(['newsletter', 'offers'])
      await stage.app.settle()
      expect(visit.status).toBe(200)
      const mails = await live(3 * 365)
      expect(mails.map(({ on }) => on)).toEqual(['2028-10-23', '2028-11-15', '2029-01-31', '2029-02-23'])
      await subscribe(stage, 'bob@example.org', ['newsletter', 'offers'])
      expect((await live(2 * 365)).filter(({ to }) => to === 'bob@example.org')).toHaveLength(2)
    })

    test('each is asked for once, also where two were given hours apart', async () => {
      await subscribe(stage, 'ada@example.org', ['newsletter'])
      stage.clock.nowMs += 4 * 3_600_000
      await (await new PreferenceVisit(stage).open(linkIn(await link(), 'p'))).save(['newsletter', 'offers'])
      await stage.app.settle()
      const before = stage.mails.length
      // So that one is due and the other not yet.
      for (let hour = 0; hour < 3 * 365 * 24; hour += hour > 690 * 24 && hour < 740 * 24 ? 1 : 24) {
        stage.clock.nowMs += (hour > 690 * 24 && hour < 740 * 24 ? 1 : 24) * 3_600_000
        await stage.app.tend()
      }
      await stage.app.settle()
      const [newsletter, offers] = createNotice('contact').purposes.map(({ statement_text }) => statement_text)
      const asked = stage.mails.slice(before).map(({ text }) => [text.includes(newsletter!), text.includes(offers!)])
      expect(asked).toEqual([[true, false], [false, true], [true, false], [false, true]])
    })

    test('nobody is asked who refused, withdrew, complained or is suppressed; what they agreed to still ends', async () => {
      for (const name of ['ada', 'bob', 'eve']) await subscribe(stage, `${name}@example.org`)
      await (await new PreferenceVisit(stage).open(linkIn(stage.mails[0], 'p'))).unsubscribeAll()
      await callAsOperator(stage, '/v1/sites/shop/mail-events', { events: [{ email: 'bob@example.org', type: 'complaint' }] })
      await stage.send('/v1/sites/shop/suppressions', { method: 'POST', body: 'eve@example.org', headers: { 'content-type': 'text/plain', authorization: `Bearer ${ADMIN_TOKEN}` } })
      await stage.app.settle()
      expect(await live(800)).toEqual([])
      expect([await statesOf(stage, 'bob@example.org'), await statesOf(stage, 'eve@example.org')]).toEqual([{ newsletter: 'expired' }, { newsletter: 'expired' }])
      // What was withdrawn is too old to count as anything, and nothing is added to it.
      expect(await eventsOf()).toHaveLength(2)
    })

    test('several servers at once do it once', async () => {
      await subscribe(stage)
      const before = stage.mails.length
      const servers = [stage.app, await stage.openTwin(), await stage.openTwin()]
      for (let i = 0; i < 800; i += 10) {
        stage.clock.nowMs += 10 * DAY_MS
        await Promise.all(servers.map((app) => app.tend()))
      }
      await Promise.all(servers.map((app) => app.settle()))
      expect([stage.mails.length - before, (await eventsOf()).length]).toEqual([2, 2])
    })

    test('a service that slept through it all notes the end, and asks no more', async () => {
      await subscribe(stage)
      const before = stage.mails.length
      stage.clock.nowMs += 3 * 365 * DAY_MS
      await stage.app.tend()
      await stage.app.settle()
      expect([stage.mails.length, await statesOf(stage)]).toEqual([before, { newsletter: 'expired' }])
    })
  })

  test('nobody but the service can note an end', async () => {
    const stage = await openStage()
    try {
      const device = await createDevice()
      const draft = device.draft({ newsletter: 'given' }, { notice: createNotice('contact') })
      const jws = await device.sign({
        ...draft, event_type: 'signal', source: { ...draft.source, channel: 'api' }, decisions: draft.decisions.map((decision) => ({ ...decision, event_state: 'expired' as const })),
      })
      const response = await postJws(stage, jws)
      expect([response.status, ((await response.json()) as { errors: { code: string }[] }).errors[0]!.code]).toEqual([422, 'expiry'])
    } finally {
      await stage.close()
    }
  })
}
