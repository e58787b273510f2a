// The contract that every store keeps. A store's own test hands over a function that opens an empty one.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../server/store.ts'
import { describeAccesses } from './store-access-contract.ts'
import { describeContactStore } from './store-contacts-contract.ts'
import { describeErasure } from './store-erasure-contract.ts'
import { describeLog, type Lease } from './store-log-contract.ts'
import { describeBuilds } from './store-build-contract.ts'
import { describeTokens } from './store-token-contract.ts'
import { describeVouchers } from './store-voucher-contract.ts'
import {
  sampleBatch, sampleContact, sampleEvent, sampleLink, sampleMail, sampleOptIn, sampleSession, sampleSite, timeAt,
} from './store-samples.ts'

/** Describes what a store does; `open` makes an empty one for each test. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store

    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const lease: Lease = async (minute = 0, until = 5, limit = 10) => (await store.leaseMails(timeAt(minute), timeAt(until), limit)).map((mail) => mail.id)

    describe('sites', () => {
      test('a saved site is found, replaced by a later one, and listed in the order of ids', async () => {
        await store.saveSite(sampleSite('shop'))
        await store.saveSite(sampleSite('bakery'))
        await store.saveSite(sampleSite('shop', 'New name'))
        expect(await store.findSite('shop')).toEqual(sampleSite('shop', 'New name'))
        expect(await store.listSites()).toEqual([sampleSite('bakery'), sampleSite('shop', 'New name')])
        expect(await store.findSite('nowhere')).toBeUndefined()
      })

      test('changing what was put in or handed out changes nothing that is stored', async () => {
        const site = sampleSite('shop')
        await store.saveSite(site)
        site.origins.push('https://evil.example')
        ;(await store.findSite('shop'))!.origins.push('https://evil.example')
        ;(await store.listSites())[0]!.name = 'Evil'
        expect(await store.findSite('shop')).toEqual(sampleSite('shop'))
      })
    })

    describe('contacts', () => {
      test('one address is one contact of a site, however its letters are written', async () => {
        const first = await store.ensureContact(sampleContact('Ada.Müller@Example.com'))
        expect(first).toEqual(sampleContact('Ada.Müller@Example.com'))
        expect(await store.ensureContact(sampleContact('ada.MÜLLER@example.COM'))).toEqual(first)
        expect(await store.findContactByEmail('shop', ' ADA.müller@EXAMPLE.com ')).toEqual(first)
        expect(await store.findContact(first.id)).toEqual(first)
      })

      test('the same address at another site is another contact', async () => {
        await store.ensureContact(sampleContact('ada@example.com'))
        expect(await store.findContactByEmail('bakery', 'ada@example.com')).toBeUndefined()
        const other = sampleContact('ada@example.com', { id: 'other', site: 'bakery' })
        expect(await store.ensureContact(other)).toEqual(other)
      })

      test('letters that only look alike are not the same mailbox', async () => {
        await store.ensureContact(sampleContact('\u212Aim@example.com'))
        expect(await store.findContactByEmail('shop', 'kim@example.com')).toBeUndefined()
      })

      test('several calls at once make one contact', async () => {
        const contacts = ['1', '2', '3'].map((id) => sampleContact('ada@example.com', { id }))
        const made = await Promise.all(contacts.map((contact) => store.ensureContact(contact)))
        expect(new Set(made.map((contact) => contact.id)).size).toBe(1)
      })

      test('an id belongs to one contact', async () => {
        await store.ensureContact(sampleContact('ada@example.com', { id: 'same' }))
        await expect(store.ensureContact(sampleContact('bob@example.com', { id: 'same' }))).rejects.toThrow()
        expect(await store.findContactByEmail('shop', 'bob@example.com')).toBeUndefined()
      })

      test('changing a contact that was handed out changes nothing that is stored', async () => {
        ;(await store.ensureContact(sampleContact('ada@example.com'))).email = 'evil@example.com'
        ;(await store.findContact('contact-ada@example.com'))!.email = 'evil@example.com'
        expect(await store.findContactByEmail('shop', 'ada@example.com')).toEqual(sampleContact('ada@example.com'))
      })

      test('opt-ins are kept with their batch and confirmed once', async () => {
        for (const email of ['ada', 'bob']) await store.ensureContact(sampleContact(email))
        const later = sampleOptIn('contact-ada', 'hash-1', timeAt(2))
        const earlier = sampleOptIn('contact-ada', 'hash-2', timeAt(1))
        const bobs = sampleOptIn('contact-bob', 'hash-1', timeAt(1))
        await store.append(sampleBatch(0, [sampleEvent('a')], { optIns: [later, earlier, bobs] }))
        expect(await store.readOptIns('contact-ada')).toEqual([earlier, later])

        await store.confirmOptIns('contact-ada', timeAt(3))
        const third = sampleOptIn('contact-ada', 'hash-3', timeAt(4))
        await store.append(sampleBatch(1, [sampleEvent('b')], { optIns: [third] }))
        await store.confirmOptIns('contact-ada', timeAt(5))
        expect((await store.readOptIns('contact-ada')).map((optIn) => optIn.confirmedAt)).toEqual([timeAt(3), timeAt(3), timeAt(5)])
        expect(await store.readOptIns('contact-bob')).toEqual([bobs])
        expect(await store.readOptIns('nobody')).toEqual([])
      })
    })

    describeLog(() => store, lease)
    describeErasure(() => store, lease)
    describeVouchers(() => store)
    describeBuilds(() => store)
    describeLinks(() => store)
    describeMails(() => store, lease)
    describeContactStore(() => store)
    describeTokens(() => store)
    describeAccesses(() => store)
  })
}

function describeLinks(current: () => Store): void {
  describe('links and sessions', () => {
    let store: Store
    beforeEach(async () => {
      store = current()
      for (const email of ['ada', 'bob']) await store.ensureContact(sampleContact(email))
    })

    test('a link is found by its hash alone, as it was added', async () => {
      const change = sampleLink('change', 'contact-ada', { origin: 'sent', undo: ['newsletter', 'offers'] })
      const empty = sampleLink('empty', 'contact-ada', { undo: [] })
      const unsubscribe = sampleLink('unsubscribe', 'contact-ada', { kind: 'U', purposeId: 'offers', expiresAt: null, origin: 'sent' })
      for (const link of [change, empty, unsubscribe]) await store.addLink(link)
      for (const link of [change, empty, unsubscribe]) expect(await store.findLink(link.tokenHash)).toEqual(link)
      expect(await store.findLink('CHANGE')).toBeUndefined()
      ;(await store.findLink('change'))!.undo!.push('more')
      expect(await store.findLink('change')).toEqual(change)
    })

    test('a second link with the same hash, and a link of nobody, are refused', async () => {
      await store.addLink(sampleLink('token', 'contact-ada'))
      await expect(store.addLink(sampleLink('token', 'contact-bob'))).rejects.toThrow()
      await expect(store.addLink(sampleLink('other', 'nobody'))).rejects.toThrow()
      expect(await store.findLink('token')).toEqual(sampleLink('token', 'contact-ada'))
      expect(await store.findLink('other')).toBeUndefined()
    })

    test('only the other self-requested P links of the contact are revoked, and only once', async () => {
      const links = [
        sampleLink('used', 'contact-ada'), sampleLink('older', 'contact-ada'), sampleLink('oldest', 'contact-ada', { revokedAt: timeAt(1) }),
        sampleLink('sent', 'contact-ada', { origin: 'sent' }), sampleLink('unsubscribe', 'contact-ada', { kind: 'U' }), sampleLink('bob', 'contact-bob'),
      ]
      for (const link of links) await store.addLink(link)
      await store.revokeRequestedLinks('contact-ada', 'used', timeAt(5))
      const revoked = await Promise.all(links.map(async ({ tokenHash }) => (await store.findLink(tokenHash))!.revokedAt))
      expect(revoked).toEqual([null, timeAt(5), timeAt(1), null, null, null])
    })

    test('a session is found by its cookie and by its handle', async () => {
      await store.addLink(sampleLink('token', 'contact-ada'))
      for (const visit of ['a', 'b']) await store.addSession(sampleSession(visit, 'token'))
      expect(await store.findSession('cookie-a')).toEqual(sampleSession('a', 'token'))
      expect(await store.findSession('handle-b')).toEqual(sampleSession('b', 'token'))
      expect(await store.findSession('token')).toBeUndefined()
      ;(await store.findSession('cookie-a'))!.csrf = 'changed'
      expect(await store.findSession('cookie-a')).toEqual(sampleSession('a', 'token'))
    })

    test('a session with a cookie or handle that is taken, or without a link, is refused', async () => {
      await store.addLink(sampleLink('token', 'contact-ada'))
      await store.addSession(sampleSession('a', 'token'))
      await expect(store.addSession(sampleSession('b', 'token', { cookieHash: 'cookie-a' }))).rejects.toThrow()
      await expect(store.addSession(sampleSession('b', 'token', { handleHash: 'handle-a' }))).rejects.toThrow()
      await expect(store.addSession(sampleSession('b', 'unknown'))).rejects.toThrow()
      expect(await store.findSession('handle-b')).toBeUndefined()
    })

    test('sessions that ended before a time are deleted, the others stay', async () => {
      await store.addLink(sampleLink('token', 'contact-ada'))
      await store.addSession(sampleSession('ended', 'token', { expiresAt: timeAt(9) }))
      await store.addSession(sampleSession('open', 'token', { expiresAt: timeAt(10) }))
      await store.deleteSessions(timeAt(10))
      expect(await store.findSession('cookie-ended')).toBeUndefined()
      expect(await store.findSession('handle-ended')).toBeUndefined()
      expect(await store.findSession('cookie-open')).toBeDefined()
    })
  })
}

function describeMails(current: () => Store, lease: Lease): void {
  describe('mails', () => {
    let store: Store
    beforeEach(() => {
      store = current()
    })

    test('a mail comes back as it was queued, alone or with its batch', async () => {
      const alone = sampleMail('alone', { kind: 'link', recipient: { email: 'Ada@example.com' }, details: {} })
      const change = sampleMail('change', { kind: 'changed', details: { eventHash: 'hash', grantedBefore: ['offers'] }, createdAt: timeAt(1) })
      await store.queueMail(alone)
      await store.append(sampleBatch(0, [sampleEvent('a')], { mails: [change] }))
      expect(await store.leaseMails(timeAt(2), timeAt(5), 10)).toEqual([alone, change])
    })

    test('a mail is not queued twice', async () => {
      await store.queueMail(sampleMail('same'))
      await expect(store.queueMail(sampleMail('same'))).rejects.toThrow()
      expect(await lease()).toEqual(['same'])
    })

    test('only what is due is handed out, the longest due first, no more than asked for', async () => {
      const dueAt = { later: 3, second: 1, third: 2, first: 0 }
      for (const [id, minute] of Object.entries(dueAt)) await store.queueMail(sampleMail(id, { dueAt: timeAt(minute) }))
      expect(await lease(2, 9, 2)).toEqual(['first', 'second'])
      expect(await lease(2, 9, 2)).toEqual(['third'])
      expect(await lease(3, 9, 0)).toEqual([])
    })

    test('a leased mail is not handed out again until the lease ends', async () => {
      await store.queueMail(sampleMail('mail'))
      expect(await lease(0, 5)).toEqual(['mail'])
      expect(await lease(4, 9)).toEqual([])
      expect(await lease(5, 9)).toEqual(['mail'])
      expect(await lease(8, 12)).toEqual([])
    })

    test('several senders at once never get the same mail', async () => {
      for (let i = 0; i < 20; i += 1) await store.queueMail(sampleMail(`mail-${i}`))
      const leased = (await Promise.all(Array.from({ length: 8 }, () => lease(0, 5, 4)))).flat()
      expect(leased).toHaveLength(20)
      expect(new Set(leased).size).toBe(20)
    })

    test('a mail that was sent is gone', async () => {
      await store.queueMail(sampleMail('mail'))
      await lease(0, 5)
      await store.deleteMail('mail')
      await store.deleteMail('mail')
      expect(await lease(60, 65)).toEqual([])
    })

    test('a postponed mail waits for its new time, its lease forgotten and one more attempt counted', async () => {
      await store.queueMail(sampleMail('mail'))
      await lease(0, 30)
      await store.postponeMail('mail', timeAt(10))
      await store.postponeMail('unknown', timeAt(10))
      expect(await lease(9, 12)).toEqual([])
      expect(await store.leaseMails(timeAt(10), timeAt(12), 5)).toEqual([sampleMail('mail', { attempts: 1, dueAt: timeAt(10) })])
      await store.postponeMail('mail', timeAt(20))
      expect((await store.leaseMails(timeAt(20), timeAt(22), 5))[0]!.attempts).toBe(2)
    })

    test('changing a mail that was put in or handed out changes nothing that is stored', async () => {
      const mail = sampleMail('mail', { details: { grantedBefore: ['offers'] } })
      await store.queueMail(mail)
      mail.details.grantedBefore!.push('more')
      ;(await store.leaseMails(timeAt(0), timeAt(1), 1))[0]!.details.grantedBefore!.push('more')
      expect((await store.leaseMails(timeAt(1), timeAt(2), 1))[0]!.details.grantedBefore).toEqual(['offers'])
    })
  })
}
