// The part of the store contract that is about erasing: what goes with the commit, and what stays and why.
import { beforeEach, describe, expect, test } from 'vitest'
import { hashText } from '../../core/hash.ts'
import type { Append, Store } from '../../server/store.ts'
import {
  sampleBatch, sampleContact, sampleErasure, sampleEvent, sampleKey, sampleLink, sampleMail, sampleNotice, sampleOptIn, sampleSession, timeAt,
} from './store-samples.ts'
import type { Lease } from './store-log-contract.ts'

const ADA = 'contact-ada@example.com'

/** Describes erasing from the store that `current` gives, a new and empty one for each test. */
export function describeErasure(current: () => Store, lease: Lease): void {
  describe('erasing and keys', () => {
    let store: Store
    const [a, b, c] = ['a', 'b', 'c'].map((name) => sampleEvent(name, { recordId: name === 'c' ? 'other' : 'record' }))

    /** Leaves 0 notice, 1 a, 2 b (one record), 3 c (another); two contacts with everything that names them. */
    beforeEach(async () => {
      store = current()
      for (const email of ['ada@example.com', 'bob@example.com']) {
        await store.ensureContact(sampleContact(email))
        await store.addLink(sampleLink(`link-${email}`, `contact-${email}`))
        await store.addSession(sampleSession(email, `link-${email}`))
        await store.queueMail(sampleMail(`to-${email}`, { recipient: { contactId: `contact-${email}` }, details: {} }))
        await store.queueMail(sampleMail(`typed-${email}`, { recipient: { email: email.toUpperCase() }, kind: 'link', details: {} }))
      }
      await store.append(sampleBatch(0, [sampleNotice('{}'), a!, b!, c!], {
        optIns: [sampleOptIn(ADA, 'elsewhere'), sampleOptIn('contact-bob@example.com', a!.hash), sampleOptIn('contact-bob@example.com', c!.hash)],
        mails: [sampleMail('about-a', { recipient: { contactId: 'contact-bob@example.com' }, details: { eventHash: a!.hash } })],
      }))
    })

    const batch = (erasure: Append['erasure'], leaves = [sampleErasure(a!), sampleErasure(b!)], size = 4) => sampleBatch(size, leaves, { erasure })

    describe('erasing', () => {
      test('bodies of events go, their leaves stay, and others keep theirs', async () => {
        expect(await store.append(batch({ indices: [1, 2], contactIds: [] }))).toBe(true)
        const leaves = await store.readLeaves('shop', 0, 9)
        expect(leaves.map(({ type, body }) => [type, body === null])).toEqual([['notice', false], ['event', true], ['event', true], ['event', false], ['erasure', false], ['erasure', false]])
        expect(leaves[1]).toEqual({ index: 1, type: 'event', text: a!.text, hash: a!.hash, body: null })
        expect([await store.findEvent('event-a'), await store.findEventByHash('shop', a!.hash), await store.findRecordStart('shop', 'record')]).toEqual([undefined, undefined, undefined])
        expect(await store.readRecord('shop', 'record')).toEqual([])
        expect(await store.findRecordSite('record')).toBeUndefined()
        expect(await store.readRecord('shop', 'other')).toHaveLength(1)
        expect(await store.findErasureLeaf('shop', b!.hash)).toBe(5)
        expect(await store.findErasureLeaf('shop', c!.hash)).toBeUndefined()
        expect((await store.readHead('shop')).size).toBe(6)
      })

      test('an erased event is known by its id and its record, and by nothing else', async () => {
        await store.append(batch({ indices: [1], contactIds: [] }, [sampleErasure(a!)]))
        expect(await store.findErased('event-a')).toEqual({ site: 'shop', index: 1, hash: a!.hash })
        expect(await store.findErased('event-b')).toBeUndefined()
        expect(await store.readErased('shop', 'record')).toEqual([{ site: 'shop', index: 1, hash: a!.hash }])
        expect(await store.readErased('bakery', 'record')).toEqual([])
        expect((await store.findRecordStart('shop', 'record'))?.eventId).toBe('event-b')
      })

      test('a batch is told what the log has of its events, also where a body is gone', async () => {
        await store.append(batch({ indices: [1], contactIds: [] }, [sampleErasure(a!)]))
        const { events, erasedIds, recordIds } = await store.recallEvents('shop', {
          eventIds: ['event-a', 'event-b', 'event-new'], recordIds: ['record', 'other', 'record-bob@example.com', 'record-new'], hashes: [c!.hash, a!.hash, 'x'],
        })
        expect(events.map(({ eventId }) => eventId).sort()).toEqual(['event-b', 'event-c'])
        expect(events).toContainEqual(await store.findEvent('event-c'))
        expect([erasedIds, recordIds.sort()]).toEqual([['event-a'], ['other', 'record', 'record-bob@example.com']])
        // Ids are everybody's, hashes and records the log's own.
        const elsewhere = await store.recallEvents('bakery', { eventIds: ['event-a', 'event-b'], recordIds: ['record', 'other'], hashes: [c!.hash] })
        expect([elsewhere.events.map(({ eventId }) => eventId), elsewhere.erasedIds, elsewhere.recordIds]).toEqual([['event-b'], ['event-a'], []])
      })

      test('an erased record is known although all its events are gone', async () => {
        await store.append(batch({ indices: [1, 2], contactIds: [] }))
        expect((await store.recallEvents('shop', { eventIds: ['event-new'], recordIds: ['record', 'record-new'], hashes: [] })).recordIds).toEqual(['record'])
      })

      test('opt-ins and mails about an erased event go, whoever they are of', async () => {
        await store.append(batch({ indices: [1], contactIds: [] }, [sampleErasure(a!)]))
        expect((await store.readOptIns('contact-bob@example.com')).map(({ eventHash }) => eventHash)).toEqual([c!.hash])
        expect((await lease()).sort()).toEqual(['to-ada@example.com', 'to-bob@example.com', 'typed-ada@example.com', 'typed-bob@example.com'])
      })

      test('a contact goes with opt-ins, links, sessions and waiting mails; others stay', async () => {
        await store.append(batch({ indices: [], contactIds: [ADA] }, []))
        expect([await store.findContact(ADA), await store.findContactByEmail('shop', 'ada@example.com'), await store.findContactByRecord('record-ada@example.com')]).toEqual([undefined, undefined, undefined])
        expect(await store.readOptIns(ADA)).toEqual([])
        expect([await store.findLink('link-ada@example.com'), await store.findSession('cookie-ada@example.com'), await store.findSession('handle-ada@example.com')]).toEqual([undefined, undefined, undefined])
        expect((await lease()).sort()).toEqual(['about-a', 'to-bob@example.com', 'typed-bob@example.com'])
        expect(await store.findLink('link-bob@example.com')).toBeDefined()
        expect(await store.findSession('handle-bob@example.com')).toBeDefined()
        expect(await store.findContactByRecord('record-bob@example.com')).toEqual(sampleContact('bob@example.com'))
        expect(await store.ensureContact(sampleContact('ada@example.com', { id: 'new' }))).toMatchObject({ id: 'new' })
      })

      test('onto another size nothing is erased', async () => {
        expect(await store.append(batch({ indices: [1], contactIds: [ADA] }, [sampleErasure(a!)], 3))).toBe(false)
        expect(await store.findEvent('event-a')).toBeDefined()
        expect(await store.findContact(ADA)).toBeDefined()
      })

      test.each([['a notice', 0], ['a leaf that is to come', 4]])('%s cannot be erased, and then nothing of the batch is written', async (_name, index) => {
        await expect(store.append(batch({ indices: [1, index], contactIds: [ADA] }))).rejects.toThrow()
        expect((await store.readHead('shop')).size).toBe(4)
        expect(await store.findEvent('event-a')).toBeDefined()
        expect(await store.findContact(ADA)).toBeDefined()
      })

      test('what was erased cannot be erased twice', async () => {
        await store.append(batch({ indices: [1], contactIds: [] }, [sampleErasure(a!)]))
        await expect(store.append(batch({ indices: [1], contactIds: [] }, [sampleErasure(a!)], 5))).rejects.toThrow()
      })

      test('afterwards the files can be cleared', async () => {
        await store.append(batch({ indices: [1, 2], contactIds: [ADA] }))
        expect(await store.scrub()).toBe(true)
        expect((await store.readHead('shop')).size).toBe(6)
      })
    })

    describe('keys and bindings', () => {
      test('key leaves are read in log order, of one site', async () => {
        await store.append(sampleBatch(4, [sampleKey('{"n":1}'), sampleEvent('between'), sampleKey('{"n":2}')]))
        await store.append(sampleBatch(0, [sampleKey('{"n":3}')], { site: 'bakery' }))
        expect(await store.readKeys('shop')).toEqual([{ index: 4, hash: hashText('{"n":1}'), jwk: '{"n":1}' }, { index: 6, hash: hashText('{"n":2}'), jwk: '{"n":2}' }])
        expect(await store.readKeys('nowhere')).toEqual([])
      })

      test('a binding is kept beside its event and goes with it', async () => {
        const event = sampleEvent('bound', { minutes: 1 })
        const leaf = { ...event, body: { ...event.body, keyBinding: 'binding' } as typeof event.body }
        await store.append(sampleBatch(4, [leaf]))
        expect((await store.findEvent('event-bound'))?.keyBinding).toBe('binding')
        expect((await store.readLeaves('shop', 4, 5))[0]!.body).toEqual(leaf.body)
        expect((await store.findRecordStart('shop', 'record'))?.eventId).toBe('event-a')
        expect(await store.findEvent('event-a')).not.toHaveProperty('keyBinding')
        expect(await store.readHead('shop')).toMatchObject({ lastReceivedAt: timeAt(1) })
      })
    })
  })
}
