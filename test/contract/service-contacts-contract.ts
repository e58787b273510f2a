// Contacts through any transport: lists in and out, who is suppressed, what staff note, who is put up for purging.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LineResult } from '../../server/answers/contacts.ts'
import { callAsOperator, linkIn, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import { ADMIN_TOKEN, type OpenStage, type ServiceStage } from './service-stage.ts'

const DAY_MS = 86_400_000

export function describeContacts(openStage: OpenStage): void {
  let stage: ServiceStage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  const post = (path: string, body: string, type: string) => stage.send(path, { method: 'POST', body, headers: { 'content-type': type, authorization: `Bearer ${ADMIN_TOKEN}` } })
  const contact = (email: string) => stage.store.findContactByEmail('shop', email)

  async function load(csv: string, query = ''): Promise<{ lines: LineResult[]; totals: Record<string, number> }> {
    const response = await post(`/v1/sites/shop/contact-list?${query}`, csv, 'text/csv')
    expect(response.status).toBe(200)
    const all = (await response.text()).trim().split('\n').map((line) => JSON.parse(line) as LineResult & { end?: true; totals: Record<string, number> })
    const { totals } = all.pop()!
    await stage.app.settle()
    return { lines: all, totals }
  }

  const suppress = (text: string) => post('/v1/sites/shop/suppressions', text, 'text/plain')

  describe('a list', () => {
    test('dry, says of each line what would happen, and changes nothing', async () => {
      await subscribe(stage)
      await suppress('gone@example.org')
      const before = [await stage.logSize(), stage.mails.length, await stage.store.countContacts('shop')]
      const csv = 'email,language\nnew@example.org,de\nADA@example.org,en\ngone@example.org,\nnobody,\nNEW@example.org,\n'
      const { lines, totals } = await load(csv, 'dry_run=1&purposes=newsletter')
      expect(lines.map(({ line, outcome, asked }) => [line, outcome, asked])).toEqual([
        [2, 'created', true], [3, 'known', false], [4, 'suppressed', false], [5, 'invalid', false], [6, 'duplicate', false],
      ])
      expect(totals).toEqual({ created: 1, known: 1, suppressed: 1, invalid: 1, duplicate: 1 })
      expect([await stage.logSize(), stage.mails.length, await stage.store.countContacts('shop')]).toEqual(before)
    })

    test('for real, does what the dry run said, and asks each new contact once', async () => {
      const csv = 'E-Mail;Sprache;Source\n"Zoë ""Z"" <x>";;\nzoe@example.org;de;Trade fair, hall 4\nbob@example.org;en;\n'
      const dry = await load(csv, 'dry_run=1')
      const real = await load(csv)
      expect(real.lines.map(({ contact_id: _, ...line }) => line)).toEqual(dry.lines.map(({ contact_id: _, ...line }) => line))
      expect(stage.mails.map(({ to, subject }) => [to, subject]).sort()).toEqual([['bob@example.org', 'May Shop write to you?'], ['zoe@example.org', 'Darf Shop Ihnen schreiben?']])
      expect(stage.mails.find(({ to }) => to === 'zoe@example.org')!.text).toContain('Trade fair, hall 4')
      await load(csv)
      expect(stage.mails).toHaveLength(2)
    })

    test('asks nobody where that is not wanted', async () => {
      await load('email\nbob@example.org\n', 'ask=0')
      expect([stage.mails, (await contact('bob@example.org'))?.email]).toEqual([[], 'bob@example.org'])
    })

    test('an agreement without proof does not count until its owner says so', async () => {
      const { lines } = await load('email,optin_time\nbob@example.org,2024-03-01 12:30:00\n', 'purposes=newsletter,offers')
      expect(lines[0]).toMatchObject({ outcome: 'created', recorded: 'unconfirmed', asked: true })
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'unconfirmed', offers: 'unconfirmed' })
      const visit = await new PreferenceVisit(stage).open(linkIn(stage.mails[0], 'p'))
      expect([visit.ticked, visit.html.includes('Not confirmed yet')]).toEqual([[], true])
      expect(visit.html).toContain('It does not count until you confirm it')
      await visit.save(['newsletter'])
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'given', offers: 'unconfirmed' })
    })

    test('a no counts at once, and the owner is not asked', async () => {
      const { lines } = await load('Email Address,UNSUB_TIME\nbob@example.org,2024-03-01 12:30:00\n', 'purposes=newsletter')
      expect(lines[0]).toMatchObject({ recorded: 'refused', asked: false })
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'refused', offers: 'refused' })
      expect(stage.mails).toEqual([])
    })

    test('never overrules what a person decided here', async () => {
      const { visit } = await subscribe(stage)
      await visit.open('/p/open')
      await visit.unsubscribeAll()
      const size = await stage.logSize()
      const { lines } = await load('email,status,optin_time\nada@example.org,subscribed,2030-01-01\n', 'purposes=newsletter,offers')
      expect(await statesOf(stage)).toMatchObject({ newsletter: 'withdrawn' })
      expect(lines[0]).toMatchObject({ outcome: 'known', recorded: 'unconfirmed' })
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'unconfirmed' })
      expect(await stage.logSize()).toBe(size + 1)
    })

    test('an older no does not end a newer yes', async () => {
      await subscribe(stage)
      const { lines } = await load('email,status,unsubscribed_at\nada@example.org,unsubscribed,2020-01-01\n')
      // About the purpose that was never decided here, the no stands.
      expect([lines[0]!.recorded, await statesOf(stage)]).toEqual(['refused', { newsletter: 'given', offers: 'refused' }])
    })

    test.each([
      ['Mailchimp, subscribed', 'Email Address,First Name,OPTIN_TIME,LAST_CHANGED\na@example.org,A,2023-01-01 10:00:00,2023-01-02 10:00:00\n', 'unconfirmed'],
      ['Mailchimp, cleaned', 'Email Address,CLEAN_TIME\na@example.org,2023-01-01 10:00:00\n', 'bounced'],
      ['HubSpot', '"Record ID","Email","Unsubscribed from all email","Preferred language"\n"1","a@example.org","true","de"\n', 'refused'],
      ['listmonk', 'uuid,email,name,attributes,status,created_at,updated_at\nu,a@example.org,A,"{""city"": ""X""}",enabled,2023-01-01T10:00:00Z,2023-01-01T10:00:00Z\n', 'unconfirmed'],
      ['listmonk, blocklisted', 'uuid,email,status\nu,a@example.org,blocklisted\n', 'refused'],
      ['Mautic', '"id","email","preferred_locale","doEmail"\n"1","a@example.org","fr","1"\n', 'refused'],
    ])('of %s is understood', async (_name, csv, recorded) => {
      expect((await load(csv, 'purposes=newsletter')).lines[0]).toMatchObject({ outcome: 'created', recorded })
    })

    test.each([
      ['name\nAda\n', 'csv_header', '/1'], ['', 'csv_empty', ''], ['email\n"a@example.org\n', 'csv', '/2'],
    ])('%j is refused, and says where', async (csv, code, pointer) => {
      const response = await post('/v1/sites/shop/contact-list', csv, 'text/csv')
      expect(response.status).toBe(422)
      expect(((await response.json()) as { errors: unknown[] }).errors).toEqual([expect.objectContaining({ code, pointer })])
    })

    test('goes out again without anything that a spreadsheet would run', async () => {
      await load('email,source\nbob@example.org,"=HYPERLINK(""https://evil.example"")"\n=x@example.org,+1\n', 'ask=0')
      const response = await stage.send('/v1/sites/shop/contact-list', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
      const text = await response.text()
      expect(text.split('\r\n')[0]).toBe('email,language,source,has_contract,mail_block,purge,created_at,record_id')
      expect(text).toContain('"\'=HYPERLINK(""https://evil.example"")"')
      expect(text).toContain('"\'=x@example.org"')
      expect(text).not.toMatch(/(?:^|,)"?[=+@-]/m)
    })
  })

  describe('a suppression list', () => {
    const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')

    test('of addresses or of their hashes keeps them all out, and holds none', async () => {
      const list = ['email', 'Ada@Example.org', hex('sha256', 'bob@example.org'), hex('md5', 'eve@example.org').toUpperCase(), 'no address']
      expect(await (await suppress(list.join('\r\n'))).json()).toEqual({ added: 3, invalid_lines: [5] })
      const { lines } = await load('email\nada@example.org\nBOB@example.org\neve@example.org\nmax@example.org\n')
      expect(lines.map(({ outcome }) => outcome)).toEqual(['suppressed', 'suppressed', 'suppressed', 'created'])
      expect((await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'bob@example.org' })).status).toBe(409)
      const candidates = ['ada@example.org', hex('sha256', 'ada@example.org'), hex('md5', 'ada@example.org')]
      expect([...(await stage.store.findSuppressed('shop', candidates))]).toEqual([])
    })

    test('is of one site', async () => {
      await suppress('ada@example.org')
      expect((await callAsOperator(stage, '/v1/sites/other/contacts', { email: 'ada@example.org', ask: false })).status).toBe(201)
    })
  })

  describe('a new contact', () => {
    test('is asked by itself, told where the address is from, and once', async () => {
      const make = () => callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'bob@example.org', source: 'Business card, 3 May' })
      expect(await (await make()).json()).toMatchObject({ asked: true, source: 'Business card, 3 May' })
      expect(await (await make()).json()).toMatchObject({ asked: false })
      await stage.app.settle()
      expect(stage.mails).toHaveLength(1)
      const [mail] = stage.mails
      for (const part of [mail!.text, mail!.html]) expect(part).toContain('Business card, 3 May')
      const visit = await new PreferenceVisit(stage).open(linkIn(mail, 'p'))
      expect(visit.ticked).toEqual([])
      await visit.save(['newsletter'])
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'given' })
    })

    test('whoever signed up by himself is not asked besides', async () => {
      await subscribe(stage)
      await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'ada@example.org' })
      await stage.app.settle()
      expect(stage.mails.map(({ subject }) => subject)).not.toContain('May Shop write to you?')
    })
  })

  describe('what staff note', () => {
    const note = async (id: string, body: Record<string, unknown>) => callAsOperator(stage, `/v1/sites/shop/contacts/${id}/verbal`, {
      time: '2026-11-21T09:00:00.000Z', staff: 'Anna Berg', told: 'By phone: read the newsletter sentence aloud', decisions: [{ purpose_id: 'newsletter', event_state: 'given' }], ...body,
    })
    const make = async () => ((await (await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'bob@example.org', ask: false })).json()) as { id: string }).id

    test('counts, says when, what was told and by whom, and is mailed to the person with an undo link', async () => {
      const response = await note(await make(), {})
      expect(response.status).toBe(201)
      const { event_id: eventId } = (await response.json()) as { event_id: string }
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'given' })
      const receipt = (await (await stage.send(`/v1/events/${eventId}/receipt`)).json()) as { event: string }
      expect(JSON.parse(Buffer.from(receipt.event.split('.')[1]!, 'base64url').toString())).toMatchObject({
        event_type: 'verbal', event_time: '2026-11-21T09:00:00.000Z', attestation: 'server', source: { channel: 'api', action: 'Anna Berg: By phone: read the newsletter sentence aloud', url: null },
      })
      await stage.app.settle()
      const [mail] = stage.mails
      expect([mail!.to, mail!.subject, mail!.text.includes('Anna Berg')]).toEqual(['bob@example.org', 'What you told Shop', true])
      const visit = await new PreferenceVisit(stage).open(linkIn(mail, 'p'))
      expect(visit.html).toContain('You told Shop. Noted:')
      await visit.save([], 'undo')
      expect(await statesOf(stage, 'bob@example.org')).toEqual({ newsletter: 'withdrawn' })
    })

    test('does not overrule what the person decided later', async () => {
      await subscribe(stage)
      const { id } = (await contact('ada@example.org'))!
      const response = await note(id, { decisions: [{ purpose_id: 'newsletter', event_state: 'withdrawn' }] })
      expect([response.status, await statesOf(stage)]).toEqual([409, { newsletter: 'given' }])
    })

    test.each([
      [{ time: '2026-11-23T00:00:00.000Z' }, '/time'], [{ time: 'yesterday' }, '/time'], [{ staff: '' }, '/staff'], [{ told: ' ' }, '/told'], [{ decisions: [] }, '/decisions'],
      [{ decisions: [{ purpose_id: 'analytics', event_state: 'given' }] }, '/decisions/0/purpose_id'],
    ])('%j is refused by the field', async (body, pointer) => {
      const response = await note(await make(), body)
      expect(response.status).toBe(422)
      expect(((await response.json()) as { errors: { pointer: string }[] }).errors[0]!.pointer).toBe(pointer)
    })
  })

  describe('purging', () => {
    const proposed = async () => ((await (await callAsOperator(stage, '/v1/sites/shop/contacts?purge=proposed')).json()) as { contacts: { email: string; id: string }[] }).contacts
    const addThree = async () => {
      await subscribe(stage, 'ada@example.org')
      await load('email,has_contract\nbob@example.org,no\neve@example.org,yes\n', 'ask=0')
    }

    test('three months without an opt-in and without a contract put a contact up for a person to decide', async () => {
      await addThree()
      stage.clock.nowMs += 80 * DAY_MS
      await stage.app.tend()
      expect(await proposed()).toEqual([])
      stage.clock.nowMs += 15 * DAY_MS
      await stage.app.tend()
      expect((await proposed()).map(({ email }) => email)).toEqual(['bob@example.org'])
      const [bob] = await proposed()
      expect((await callAsOperator(stage, `/v1/sites/shop/contacts/${bob!.id}/purge`, { decision: 'erase' })).status).toBe(200)
      expect([await contact('bob@example.org'), await proposed()]).toEqual([undefined, []])
      expect((await load('email\nbob@example.org\n')).lines[0]!.outcome).toBe('suppressed')
    })

    test('who is kept is not put up again', async () => {
      await addThree()
      stage.clock.nowMs += 100 * DAY_MS
      await stage.app.tend()
      const [bob] = await proposed()
      await callAsOperator(stage, `/v1/sites/shop/contacts/${bob!.id}/purge`, { decision: 'keep' })
      for (let i = 0; i < 8; i += 1) {
        stage.clock.nowMs += 90 * DAY_MS
        await stage.app.tend()
      }
      expect((await proposed()).map(({ email }) => email)).not.toContain('bob@example.org')
    })

    test('who opts in meanwhile, or turns out to have a contract, is taken off again', async () => {
      await load('email\nbob@example.org\neve@example.org\n', 'ask=0')
      stage.clock.nowMs += 100 * DAY_MS
      await stage.app.tend()
      expect(await proposed()).toHaveLength(2)
      await subscribe(stage, 'bob@example.org')
      const eve = (await contact('eve@example.org'))!
      await stage.send(`/v1/sites/shop/contacts/${eve.id}`, { method: 'PATCH', body: '{"has_contract":true}', headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` } })
      await stage.app.tend()
      expect(await proposed()).toEqual([])
    })
  })

  test.each([
    'contacts', 'contact-list', 'suppressions', 'mail-links', 'mailings', 'mails', 'mail-events', 'inbound-mails',
  ])('%s answers to nobody without the token', async (name) => {
    for (const token of [null, 'another-long-enough-token']) {
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
      for (const method of ['GET', 'POST']) expect((await stage.send(`/v1/sites/shop/${name}`, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })).status).toBe(401)
    }
  })
}
