// The mail API, what mail servers tell, mailings to a whole list, and the mails that wait, through any transport.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAIL_KINDS } from '../../preference-center/mail-kinds.ts'
import { MailFailure, type MailFailureReason } from '../../server/mailer.ts'
import { MOST_ATTEMPTS } from '../../server/mail-outbox.ts'
import { createSite } from '../fixtures/site.ts'
import { askForLink, callAsOperator, linkIn, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import { ADMIN_TOKEN, type OpenStage, type ServiceStage } from './service-stage.ts'

const HOUR_MS = 3_600_000

interface LinkResult {
  email: string
  may_send: boolean
  reason: string | null
  manage_url: string
  unsubscribe_url: string
  headers: Record<string, string>
}

export function describeMailApi(openStage: OpenStage): void {
  let stage: ServiceStage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  const ask = async <T>(path: string, body?: unknown) => (await (await callAsOperator(stage, `/v1/sites/shop/${path}`, body)).json()) as T
  const addContact = (email: string) => ask<{ id: string }>('contacts', { email, ask: false })
  const links = async (emails: string[], rest: object = {}) => (await ask<{ results: LinkResult[] }>('mail-links', { contacts: emails.map((email) => ({ email })), ...rest })).results
  const sendRaw = (raw: string) => stage.send('/v1/sites/shop/inbound-mails', { method: 'POST', body: raw.replaceAll('\n', '\r\n'), headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${ADMIN_TOKEN}` } })

  describe('links for the operator’s own mails', () => {
    test('come with ready headers, say who may get the mail, and work', async () => {
      await subscribe(stage)
      await addContact('bob@example.org')
      const [ada, bob, eve] = await links(['ada@example.org', 'bob@example.org', 'eve@example.org'], { purpose_id: 'newsletter' })
      expect([ada!.may_send, bob!.may_send, eve!.may_send]).toEqual([true, false, false])
      expect([ada!.reason, bob!.reason, eve!.reason]).toEqual([null, 'not_agreed', 'unknown'])
      expect(ada!.headers).toEqual({ 'List-Unsubscribe': `<${ada!.unsubscribe_url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' })
      expect((await new PreferenceVisit(stage).open(ada!.manage_url)).ticked).toEqual(['newsletter'])
      await stage.send(ada!.unsubscribe_url, { method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      expect((await links(['ada@example.org'], { purpose_id: 'newsletter' }))[0]).toMatchObject({ may_send: false, reason: 'not_agreed' })
    })

    test('come for 10,000 contacts in one call, each its own', async () => {
      const emails = Array.from({ length: 10_000 }, (_, i) => `p${i}@example.org`)
      const csv = `email\n${emails.join('\n')}\n`
      await (await stage.send('/v1/sites/shop/contact-list?ask=0', { method: 'POST', body: csv, headers: { 'content-type': 'text/csv', authorization: `Bearer ${ADMIN_TOKEN}` } })).text()
      const results = await links(emails)
      expect(results).toHaveLength(10_000)
      expect(new Set(results.flatMap(({ manage_url, unsubscribe_url }) => [manage_url, unsubscribe_url])).size).toBe(20_000)
      expect(results.map(({ email }) => email)).toEqual(emails)
      expect((await new PreferenceVisit(stage).open(results[9_999]!.manage_url)).html).toContain('p•••@example.org')
      expect((await callAsOperator(stage, '/v1/sites/shop/mail-links', { contacts: [...emails, 'one@example.org'].map((email) => ({ email })) })).status).toBe(422)
    }, 60_000)

    test.each([[{ contacts: [] }, '/contacts'], [{ contacts: [{ name: 'x' }] }, '/contacts/0'], [{ contacts: [{ email: 'a@example.org' }], purpose_id: 'analytics' }, '/purpose_id']])('%j is refused by the field', async (body, pointer) => {
      const problem = await ask<{ status: number; errors: { pointer: string }[] }>('mail-links', body)
      expect([problem.status, problem.errors[0]!.pointer.startsWith(pointer)]).toEqual([422, true])
    })
  })

  describe('unsubscribing by mail', () => {
    beforeEach(() => stage.app.publish(createSite({ unsubscribe_address: 'unsubscribe@mail.example' })))

    test('is offered in the header, and works by the address alone or by the subject alone', async () => {
      for (const [email, read] of [
        ['ada@example.org', (mailto: URL) => `To: ${mailto.pathname}\nSubject: hello`], ['bob@example.org', (mailto: URL) => `To: ${mailto.pathname.toLowerCase()}\nSubject: ${decodeURIComponent(mailto.search.slice('?subject='.length))}`],
      ] as const) {
        const { confirmation } = await subscribe(stage, email)
        const header = confirmation.headers['List-Unsubscribe']!
        expect(header).toMatch(/^<https?:\/\/[^>]+\/u\/[\w-]{43}>, <mailto:unsubscribe\+[\w-]{43}@mail\.example\?subject=unsubscribe%20[\w-]{43}>$/)
        const mailto = new URL(/<(mailto:[^>]+)>/.exec(header)![1]!)
        const raw = `From: ${email}\n${read(mailto)}\nMIME-Version: 1.0\n\nplease\n`
        expect(await (await sendRaw(raw)).json()).toEqual({ kind: 'unsubscribe', known: true })
        expect(await statesOf(stage, email)).toEqual({ newsletter: 'withdrawn' })
        const size = await stage.logSize()
        await sendRaw(raw)
        expect(await stage.logSize()).toBe(size)
      }
    })

    test('does nothing for a link that may do more, or for any other mail', async () => {
      const { confirmation } = await subscribe(stage)
      const token = linkIn(confirmation, 'p').split('/').at(-1)!
      expect(await (await sendRaw(`From: a@example.org\nTo: unsubscribe+${token}@mail.example\nSubject: x\n\n`)).json()).toEqual({ kind: 'unsubscribe', known: false })
      expect(await (await sendRaw('From: a@example.org\nTo: unsubscribe@mail.example\nSubject: Out of office\n\nback on Monday\n')).json()).toEqual({ kind: 'other', known: false })
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })
  })

  describe('a bounce or a complaint', () => {
    const dsn = (status: string, action: string) => `From: mailer-daemon@mx.example\nTo: shop@example.com\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ada@example.org\nAction: ${action}\nStatus: ${status}\n\n--b--\n`
    const complaint = 'From: feedback@isp.example\nTo: abuse@example.com\nSubject: Complaint\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSpam.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: isp/1\nVersion: 1\nOriginal-Rcpt-To: <ada@example.org>\n\n--b--\n'
    const blockOf = async () => (await stage.store.findContactByEmail('shop', 'ada@example.org'))!.mailBlock

    test.each([
      ['a failure for good', () => sendRaw(dsn('5.1.1', 'failed')), 'bounced'], ['a complaint', () => sendRaw(complaint), 'complained'],
      ['a bounce as JSON', () => callAsOperator(stage, '/v1/sites/shop/mail-events', { events: [{ email: 'ADA@example.org', type: 'bounce' }] }), 'bounced'],
      ['a complaint as JSON', () => callAsOperator(stage, '/v1/sites/shop/mail-events', { events: [{ email: 'ada@example.org', type: 'complaint' }] }), 'complained'],
      ['a failure that passes', () => sendRaw(dsn('4.2.2', 'delayed')), null],
    ] as const)('%s: %#', async (_name, tell, expected) => {
      await subscribe(stage)
      expect((await tell()).status).toBe(200)
      expect(await blockOf()).toBe(expected)
      expect((await links(['ada@example.org']))[0]).toMatchObject({ may_send: expected === null, reason: expected })
    })

    test('stops mails that nobody asked for, and not the link that the person asks for; answering it ends the block', async () => {
      await subscribe(stage)
      await callAsOperator(stage, '/v1/sites/shop/mail-events', { events: [{ email: 'ada@example.org', type: 'complaint' }] })
      const { id } = (await stage.store.findContactByEmail('shop', 'ada@example.org'))!
      const before = stage.mails.length
      await callAsOperator(stage, `/v1/sites/shop/contacts/${id}/links`, { kind: 'P', send: true })
      await stage.app.settle()
      expect(stage.mails).toHaveLength(before)
      const visit = await new PreferenceVisit(stage).open(linkIn(await askForLink(stage), 'p'))
      await visit.save(['newsletter', 'offers'])
      expect(await blockOf()).toBeNull()
    })
  })

  describe('a mailing to the whole list', () => {
    type Mailing = { id: string; state: string; total: number; done: number; queued: number; skipped: number }
    const read = (id: string) => ask<Mailing>(`mailings/${id}`)
    const tick = async (ms: number) => {
      stage.clock.nowMs += ms
      await stage.app.tend()
      await stage.app.settle()
    }

    beforeEach(async () => {
      await subscribe(stage)
      for (let i = 0; i < 9; i += 1) await addContact(`p${i}@example.org`)
      await stage.send('/v1/sites/shop/suppressions', { method: 'POST', body: 'p3@example.org', headers: { 'content-type': 'text/plain', authorization: `Bearer ${ADMIN_TOKEN}` } })
      stage.mails.length = 0
    })

    test('goes out at its rate, shows how far it is, asks only who never decided, and each once', async () => {
      const { id, total } = await ask<Mailing>('mailings', { kind: 'ask', per_hour: 60 })
      expect(total).toBe(10)
      await tick(0)
      expect(stage.mails).toHaveLength(1)
      await tick(HOUR_MS / 60)
      expect(stage.mails).toHaveLength(2)
      expect(await read(id)).toMatchObject({ state: 'running', queued: 2 })
      for (let i = 0; i < 12; i += 1) await tick(HOUR_MS / 60)
      expect(await read(id)).toMatchObject({ state: 'done', total: 10, done: 10, queued: 8, skipped: 2 })
      expect(stage.mails.map(({ to }) => to).sort()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map((i) => `p${i}@example.org`))
      const again = await ask<Mailing>('mailings', { kind: 'ask', per_hour: 3600 })
      for (let i = 0; i < 3; i += 1) await tick(HOUR_MS)
      expect(await read(again.id)).toMatchObject({ state: 'done', queued: 0 })
    })

    test('can be stopped, and goes on where it was', async () => {
      const { id } = await ask<Mailing>('mailings', { kind: 'link', per_hour: 60 })
      await tick(0)
      expect(await ask<Mailing>(`mailings/${id}/stop`, {})).toMatchObject({ state: 'stopped' })
      for (let i = 0; i < 5; i += 1) await tick(HOUR_MS)
      expect(stage.mails).toHaveLength(1)
      expect((await callAsOperator(stage, `/v1/sites/shop/mailings/${id}/stop`, {})).status).toBe(409)
      await ask<Mailing>(`mailings/${id}/resume`, {})
      for (let i = 0; i < 12; i += 1) await tick(HOUR_MS / 60)
      expect(await read(id)).toMatchObject({ state: 'done', queued: 9, skipped: 1 })
      expect(new Set(stage.mails.map(({ to }) => to)).size).toBe(9)
    })

    test('two servers that step at once send each mail once', async () => {
      await ask<Mailing>('mailings', { kind: 'link', per_hour: 100_000 })
      const servers = [stage.app, await stage.openTwin(), await stage.openTwin()]
      await Promise.all(servers.map((app) => app.tend()))
      await Promise.all(servers.map((app) => app.settle()))
      expect(stage.mails.map(({ to }) => to).sort()).toEqual([...new Set(stage.mails.map(({ to }) => to))].sort())
      expect(stage.mails).toHaveLength(9)
    })
  })

  describe('a mail that does not go', () => {
    const outcomes: MailFailureReason[] = []
    const openFailing = async () => {
      await stage.close()
      outcomes.length = 0
      stage = await openStage({ mailer: {
        send: async (mail) => {
          const reason = outcomes.shift()
          if (reason) throw new MailFailure(reason, 'refused')
          stage.mails.push(mail)
        },
      } })
    }
    const waiting = async () => (await ask<{ mails: { id: string; kind: string; attempts: number; stuck: string | null }[] }>('mails')).mails

    test('is tried again for two days, then sticks in sight until somebody says so', async () => {
      await openFailing()
      await addContact('bob@example.org')
      outcomes.push(...Array.from({ length: MOST_ATTEMPTS }, () => 'temporary' as const))
      await askForLink(stage, 'bob@example.org')
      for (let i = 0; i < 40; i += 1) {
        stage.clock.nowMs += 6 * HOUR_MS
        await stage.app.settle()
      }
      expect(outcomes).toEqual([])
      const [mail] = await waiting()
      expect(mail).toMatchObject({ kind: 'link', attempts: MOST_ATTEMPTS, stuck: 'gave_up' })
      expect(JSON.stringify(mail)).not.toContain('bob')
      expect(await (await stage.send('/metrics')).text()).toContain('sayso_mails_stuck 1\n')
      expect((await callAsOperator(stage, `/v1/sites/shop/mails/${mail!.id}/retry`, {})).status).toBe(202)
      await stage.app.settle()
      expect([stage.mails.length, await waiting()]).toEqual([1, []])
    })

    test('but may have gone is not sent twice by itself', async () => {
      await openFailing()
      await addContact('bob@example.org')
      outcomes.push('uncertain')
      await askForLink(stage, 'bob@example.org')
      for (let i = 0; i < 5; i += 1) {
        stage.clock.nowMs += 6 * HOUR_MS
        await stage.app.settle()
      }
      expect(stage.mails).toEqual([])
      expect(await waiting()).toEqual([expect.objectContaining({ stuck: 'uncertain' })])
    })

    test('for want of a mailbox marks the contact', async () => {
      await openFailing()
      await addContact('bob@example.org')
      outcomes.push('no_mailbox')
      await askForLink(stage, 'bob@example.org')
      expect([await waiting(), (await stage.store.findContactByEmail('shop', 'bob@example.org'))!.mailBlock]).toEqual([[], 'bounced'])
    })
  })

  describe('the preview', () => {
    test('shows every mail in the language that is asked for, in frames that run and fetch nothing', async () => {
      const page = await (await stage.send('/v1/sites/shop/mail-preview?lang=de', { headers: { accept: 'text/html' } })).text()
      expect(page).toContain('<html lang="de"')
      for (const kind of MAIL_KINDS) {
        expect(page).toContain(`src="/v1/sites/shop/mail-preview/${kind}?lang=de"`)
        const mail = await stage.send(`/v1/sites/shop/mail-preview/${kind}?lang=de`)
        expect([mail.status, mail.headers.get('x-frame-options'), (await mail.text()).includes('lang="de"')]).toEqual([200, 'SAMEORIGIN', true])
        expect(mail.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*; sandbox$/)
      }
      expect((await stage.send('/v1/sites/shop/mail-preview/other')).status).toBe(404)
    })

    test('has the site’s name, colours and postal address', async () => {
      await stage.app.publish(createSite({ appearance: { preset: 'berry' } }))
      const mail = await (await stage.send('/v1/sites/shop/mail-preview/ask?lang=en')).text()
      for (const part of ['Shop', '#8a1f4e', '#f3bfd4', createSite().notices[0]!.controller.address]) expect(mail).toContain(part)
    })
  })
}
