// What needs more than a link, through any transport: a code that only the owner of the address gets.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SentMail } from '../../api-mock/service.ts'
import { hashText } from '../../core/hash.ts'
import { hashCode } from '../../server/code.ts'
import { callAsOperator, linkIn, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import type { OpenStage, ServiceStage } from './service-stage.ts'

const MINUTE_MS = 60_000

export function describeSteps(openStage: OpenStage): void {
  describe('a code to the address on file', () => {
    let stage: ServiceStage
    let visit: PreferenceVisit
    let confirmation: SentMail

    beforeEach(async () => {
      stage = await openStage()
      ;({ confirmation } = await subscribe(stage))
      visit = await new PreferenceVisit(stage).open(linkIn(confirmation, 'p'))
    })
    afterEach(() => stage.close())

    const press = (what: string, fields: [string, string][] = []) => visit.post([...fields, ['do', what]])
    const codeIn = (mail: SentMail | undefined) => /^\d{6}$/m.exec(mail?.text ?? '')?.[0] ?? ''

    async function receiveCode(action: string): Promise<string> {
      await visit.open(`/p/code?for=${action}`)
      await press('send')
      await stage.app.settle()
      return codeIn(stage.mails.at(-1))
    }

    async function passCode(action: string): Promise<void> {
      await press('enter', [['code', await receiveCode(action)]])
    }

    const contact = () => stage.store.findContactByEmail('shop', 'ada@example.org')

    test('opens the export, and nothing less does', async () => {
      await visit.open('/p/code?for=export')
      expect((await press('act')).headers.get('content-type')).toContain('text/html')
      const code = await receiveCode('export')
      expect(code).toMatch(/^\d{6}$/)
      expect(stage.mails.at(-1)!.to).toBe('ada@example.org')
      await press('enter', [['code', code]])
      const response = await stage.send(visit.action(), { method: 'POST', body: new URLSearchParams({ csrf: visit.field('csrf')!, do: 'act' }) as unknown as string, headers: { origin: 'null', 'sec-fetch-site': 'same-origin', cookie: visit.cookie! } })
      expect(response.headers.get('content-disposition')).toContain('.ndjson')
      const lines = (await response.text()).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(lines[0]).toMatchObject({ format: 'sayso-export/1', kind: 'record', claimed_state: { purposes: { newsletter: 'given' } } })
      expect(lines.at(-1)).toHaveProperty('end', true)
      // What people take out of their own is no operator's access.
      expect((await stage.store.readHead('shop.access')).size).toBe(0)
    })

    test('allows three tries, then another code is needed', async () => {
      const code = await receiveCode('erase')
      const wrong = code === '000000' ? '000001' : '000000'
      for (let i = 0; i < 3; i += 1) {
        await press('enter', [['code', wrong]])
        expect([visit.status, visit.html.includes('This is not the code')]).toEqual([422, true])
      }
      await press('enter', [['code', code]])
      expect([visit.status, visit.html.includes('no longer works')]).toEqual([422, true])
      expect(visit.html).toMatch(/<title>Error: /)
      expect(await contact()).toBeDefined()
    })

    test('tries that are no code cost nothing', async () => {
      const code = await receiveCode('export')
      for (let i = 0; i < 5; i += 1) await press('enter', [['code', '12']])
      expect(visit.html).toContain('Enter the 6 digits')
      await press('enter', [['code', ` ${code.slice(0, 3)}-${code.slice(3)} `]])
      expect(visit.html).toContain('Download the file')
    })

    test('lives ten minutes, and so does what it opens', async () => {
      const code = await receiveCode('export')
      stage.clock.nowMs += 10 * MINUTE_MS
      await press('enter', [['code', code]])
      expect(visit.html).toContain('no longer works')
      await visit.open(linkIn(confirmation, 'p'))
      await passCode('export')
      expect(visit.html).toContain('Download the file')
      stage.clock.nowMs += 10 * MINUTE_MS
      await press('act')
      expect(visit.html).toContain('Send me the code')
    })

    test('is good for one visit and one action alone', async () => {
      const code = await receiveCode('export')
      await visit.open('/p/code?for=erase')
      await press('enter', [['code', code]])
      expect(visit.html).toContain('no longer works')
      const other = await new PreferenceVisit(stage).open(linkIn(confirmation, 'p'))
      await other.open('/p/code?for=export')
      await other.post([['do', 'enter'], ['code', code]])
      expect(other.html).toContain('no longer works')
    })

    test('goes out three times in ten minutes at most', async () => {
      const before = stage.mails.length
      await visit.open('/p/code?for=export')
      for (let i = 0; i < 4; i += 1) {
        await visit.open('/p/code?for=export')
        await press('send')
      }
      expect([visit.status, visit.html.includes('Several codes were sent')]).toEqual([429, true])
      await stage.app.settle()
      // One was the confirmation that this address got a moment ago.
      expect(stage.mails.length - before).toBeLessThanOrEqual(3)
    })

    test('opens erasure: everything goes, the owner is told, and nobody imports the address again', async () => {
      await passCode('erase')
      await press('act')
      expect([visit.status, visit.html.includes('Tick the box')]).toEqual([422, true])
      expect(await contact()).toBeDefined()
      await press('act', [['confirm', 'yes']])
      expect(visit.html).toContain('Everything about you is erased')
      await stage.app.settle()
      expect(await contact()).toBeUndefined()
      const last = stage.mails.at(-1)!
      expect([last.to, last.subject]).toEqual(['ada@example.org', 'Shop has erased your data'])
      expect(last.headers).not.toHaveProperty('List-Unsubscribe')
      expect((await stage.send(linkIn(confirmation, 'p'), { headers: { accept: 'text/html' } })).status).toBe(404)
      const again = await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'ADA@example.org' })
      expect([again.status, ((await again.json()) as { type: string }).type]).toEqual([409, '/problems/suppressed'])
    })

    test('who was erased comes back through their own opt-in, and starts fresh', async () => {
      await passCode('erase')
      await press('act', [['confirm', 'yes']])
      stage.clock.nowMs += 11 * MINUTE_MS
      await subscribe(stage)
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
      expect((await stage.store.readRecord('shop', (await contact())!.recordId))).toHaveLength(1)
      expect((await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'ada@example.org' })).status).toBe(200)
    })

    describe('opens a change of address', () => {
      async function askFor(email: string): Promise<void> {
        await passCode('address')
        await press('act', [['email', email]])
        await stage.app.settle()
      }

      test('once the new address has shown that it is read; the old one is told, and can go back', async () => {
        await askFor('ada@example.net')
        const sent = stage.mails.at(-1)!
        expect(sent.to).toBe('ada@example.net')
        // Whoever reads there learns nothing that leads to anybody.
        expect(sent.text + sent.html + JSON.stringify(sent.headers)).not.toMatch(/\/[pu]\/[\w-]{43}/)
        expect(visit.html).toContain('a•••@example.net')
        expect(await contact()).toBeDefined()
        await press('enter_new', [['code', codeIn(sent)]])
        expect(visit.html).toContain('Your address has been changed')
        await stage.app.settle()
        expect(await contact()).toBeUndefined()
        const told = stage.mails.at(-1)!
        expect([told.to, told.subject]).toEqual(['ada@example.org', 'Your address at Shop has changed'])

        const back = await new PreferenceVisit(stage).open(linkIn(told, 'p'))
        expect(back.html).toContain('Change back to a•••@example.org')
        // It shows and opens nothing else of the person.
        expect(back.html).not.toContain('newsletter')
        const shown = back.html
        for (const path of ['/p/open', '/p/code?for=erase']) expect((await back.open(path)).status).toBe(404)
        const asForm = { method: 'POST', body: new URLSearchParams({ csrf: /name="csrf" value="([^"]+)"/.exec(shown)![1]!, action_id: 'unsubscribe_all', do: 'send' }) as unknown as string, headers: { accept: 'text/html', origin: 'null', 'sec-fetch-site': 'same-origin', cookie: back.cookie! } }
        for (const path of ['/p/open', '/p/code?for=erase', '/p/key-bindings', linkIn(told, 'p')]) expect((await stage.send(path, asForm)).status).not.toBeLessThan(400)
        expect(await statesOf(stage, 'ada@example.net')).toEqual({ newsletter: 'given' })
        await back.open('/p/restore')
        expect(await contact()).toBeUndefined()
        await back.post([['do', 'restore']])
        expect(await contact()).toBeDefined()
        expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
      })

      test.each([['ada', 'Enter an e-mail address'], ['ADA@example.org', 'your address already']])('but not to %s', async (email, words) => {
        await passCode('address')
        await press('act', [['email', email]])
        expect([visit.status, visit.html.includes(words)]).toEqual([422, true])
        expect(visit.html).toContain(`value="${email}"`)
      })

      test('but not to an address of somebody else, whose code the mail to them holds', async () => {
        await subscribe(stage, 'bob@example.org')
        await askFor('bob@example.org')
        await press('enter_new', [['code', codeIn(stage.mails.at(-1))]])
        expect([visit.status, visit.html.includes('cannot be used')]).toEqual([422, true])
        expect((await contact())!.id).not.toBe((await stage.store.findContactByEmail('shop', 'bob@example.org'))!.id)
      })
    })

    test('a form from elsewhere, or without its secret, does nothing', async () => {
      await visit.open('/p/code?for=export')
      expect((await visit.post([['do', 'send']], { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
      await visit.open('/p/code?for=export')
      const before = stage.mails.length
      await visit.post([['csrf', 'A'.repeat(43)], ['do', 'send']])
      await stage.app.settle()
      expect([visit.status, stage.mails.length]).toEqual([403, before])
    })

    test('without cookies it all goes on by the handle', async () => {
      visit = await new PreferenceVisit(stage, { hasCookies: false }).open(linkIn(confirmation, 'p'))
      const href = /href="(\/p\/code\?[^"]*for=export[^"]*)"/.exec(visit.html)![1]!.replaceAll('&amp;', '&')
      await visit.open(href)
      await press('send')
      await stage.app.settle()
      await press('enter', [['code', codeIn(stage.mails.at(-1))]])
      expect(visit.html).toContain('Download the file')
    })

    test('of the code only a hash is kept, which says nothing in another visit', async () => {
      const code = await receiveCode('export')
      const sessionHash = hashText(visit.cookie!.split('=')[1]!)
      const kept = (await stage.store.findCode(sessionHash, 'export'))!
      expect(JSON.stringify(kept)).not.toContain(code)
      expect(kept.codeHash).toBe(hashCode(sessionHash, code))
      expect(kept.codeHash).not.toBe(hashCode('another', code))
    })
  })
}
