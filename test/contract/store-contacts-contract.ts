// The part of every store's contract that is about contacts and what goes out to them.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Mailing, OnceMail, StepCode } from '../../server/store-contacts.ts'
import type { Store } from '../../server/store.ts'
import { sampleBatch, sampleContact, sampleEvent, sampleLink, sampleMail, sampleOptIn, timeAt } from './store-samples.ts'

const once = (contactId: string, id: string, ...whats: string[]): OnceMail => ({ contactId, whats, mail: sampleMail(id, { recipient: { contactId } }) })

const code = (rest: Partial<StepCode> = {}): StepCode => ({
  sessionHash: 'visit', action: 'export', contactId: 'contact-ada', codeHash: null, newEmail: null, tries: 0, expiresAt: timeAt(10), passedAt: null, ...rest,
})

const mailing = (rest: Partial<Mailing> = {}): Mailing => ({
  id: 'mailing', site: 'shop', kind: 'ask', perHour: 60, state: 'running', cursor: '', total: 2, queued: 0, skipped: 0, createdAt: timeAt(0), nextAt: timeAt(0), ...rest,
})

/** Describes the contacts of the store that `current` gives. */
export function describeContactStore(current: () => Store): void {
  let store: Store
  beforeEach(async () => {
    store = current()
    for (const email of ['ada', 'bob', 'eve']) await store.ensureContact(sampleContact(email))
  })

  const lease = async (minute: number, until: number, limit = 10) => (await store.leaseContacts(timeAt(minute), timeAt(until), limit)).map(({ id }) => id)

  describe('what is known of contacts', () => {
    test('many at once are made or found, in order', async () => {
      const made = await store.ensureContacts([sampleContact('max'), sampleContact('ADA', { id: 'another' }), sampleContact('max', { id: 'again' })])
      expect(made.map(({ id }) => id)).toEqual(['contact-max', 'contact-ada', 'contact-max'])
      expect(await store.countContacts('shop')).toBe(4)
      expect((await store.findContactsByEmail('shop', ['MAX', 'nobody', 'eve'])).map(({ id }) => id).sort()).toEqual(['contact-eve', 'contact-max'])
      expect(await store.findContactsByEmail('bakery', ['max'])).toEqual([])
    })

    test('changes as it is told, and nothing else does', async () => {
      const change = { language: 'fr', source: 'Fair', hasContract: true, mailBlock: 'bounced', purge: 'kept', dueAt: timeAt(7) } as const
      expect(await store.updateContact('contact-ada', change)).toBe(true)
      expect(await store.findContact('contact-ada')).toEqual(sampleContact('ada', change))
      expect(await store.updateContact('contact-ada', { source: null, mailBlock: null, purge: null })).toBe(true)
      expect(await store.findContact('contact-ada')).toEqual(sampleContact('ada', { language: 'fr', hasContract: true, dueAt: timeAt(7) }))
      expect(await store.findContact('contact-bob')).toEqual(sampleContact('bob'))
      expect(await store.updateContact('nobody', { purge: null })).toBe(false)
    })

    test('a new address is found from then on, unless it is somebody else’s', async () => {
      expect(await store.updateContact('contact-ada', { email: 'BOB' })).toBe(false)
      expect((await store.findContact('contact-ada'))!.email).toBe('ada')
      expect(await store.updateContact('contact-ada', { email: 'Ada' })).toBe(true)
      expect(await store.updateContact('contact-ada', { email: 'ada@new' })).toBe(true)
      expect([(await store.findContactByEmail('shop', 'ADA@new'))?.id, await store.findContactByEmail('shop', 'ada')]).toEqual(['contact-ada', undefined])
    })

    test('lists come in the order of ids, page by page, and by what waits for a decision', async () => {
      await store.updateContact('contact-eve', { purge: 'proposed' })
      const ids = async (query: Parameters<Store['listContacts']>[1]) => (await store.listContacts('shop', query)).map(({ id }) => id)
      expect(await ids({ limit: 2 })).toEqual(['contact-ada', 'contact-bob'])
      expect(await ids({ limit: 2, after: 'contact-bob' })).toEqual(['contact-eve'])
      expect(await ids({ limit: 9, purge: 'proposed' })).toEqual(['contact-eve'])
      expect(await ids({ limit: 9, purge: null })).toEqual(['contact-ada', 'contact-bob'])
      expect(await store.listContacts('bakery', { limit: 9 })).toEqual([])
    })

    test('who is due is leased to one, until the lease ends or it is done', async () => {
      await store.updateContact('contact-bob', { dueAt: timeAt(5) })
      expect(await lease(0, 4)).toEqual(['contact-ada', 'contact-eve'])
      expect(await lease(3, 9)).toEqual([])
      expect(await lease(4, 9, 1)).toEqual(['contact-ada'])
      await store.updateContact('contact-ada', { dueAt: timeAt(6) })
      expect(await lease(6, 20)).toEqual(['contact-eve', 'contact-bob', 'contact-ada'])
    })

    test('several at once never get the same contact', async () => {
      const leased = (await Promise.all(Array.from({ length: 6 }, () => lease(0, 5, 2)))).flat()
      expect(leased.sort()).toEqual(['contact-ada', 'contact-bob', 'contact-eve'])
    })
  })

  describe('what is done once', () => {
    test('a mail with a reason that was used goes no more', async () => {
      expect(await store.queueMailsOnce([once('contact-ada', 'm1', 'ask'), once('contact-ada', 'm2', 'ask'), once('contact-bob', 'm3', 'ask')])).toEqual([true, false, true])
      expect(await store.queueMailsOnce([once('contact-ada', 'm4', 'ask', 'remind'), once('contact-ada', 'm5', 'remind')])).toEqual([true, false])
      expect((await store.listMails('shop', 9)).map(({ id }) => id)).toEqual(['m1', 'm3', 'm4'])
      expect([await store.readDone('contact-ada'), await store.readDone('contact-eve')]).toEqual([['ask', 'remind'], []])
    })

    test('also where several try at once', async () => {
      const all = await Promise.all(['m1', 'm2', 'm3'].map((id) => store.queueMailsOnce([once('contact-ada', id, 'ask')])))
      expect(all.flat().filter(Boolean)).toHaveLength(1)
    })

    test('links are added many at a time', async () => {
      const links = ['a', 'b'].map((name) => sampleLink(name, 'contact-ada', { renew: ['offers'], restoreEmail: 'old@example.org' }))
      await store.addLinks(links)
      for (const link of links) expect(await store.findLink(link.tokenHash)).toEqual(link)
    })
  })

  describe('suppression', () => {
    test('holds per site, and can be lifted', async () => {
      expect(await store.hasSuppressed('shop')).toBe(false)
      await store.suppress('shop', ['x', 'y'])
      expect([await store.hasSuppressed('shop'), await store.hasSuppressed('bakery')]).toEqual([true, false])
      await store.suppress('shop', ['y', 'z'])
      expect(await store.findSuppressed('shop', ['w', 'x', 'y', 'z'])).toEqual(new Set(['x', 'y', 'z']))
      expect(await store.findSuppressed('bakery', ['x'])).toEqual(new Set())
      await store.unsuppress('shop', ['y', 'w'])
      expect(await store.findSuppressed('shop', ['x', 'y'])).toEqual(new Set(['x']))
    })
  })

  describe('codes', () => {
    const sent = { codeHash: 'hash', expiresAt: timeAt(12) }

    test('take three tries while they live, and none before they are sent', async () => {
      await store.putCode(code())
      expect(await store.takeCodeTry('visit', 'export', timeAt(1))).toBeUndefined()
      expect(await store.setCode('visit', 'export', sent)).toBe(true)
      const tries = []
      for (let i = 0; i < 4; i += 1) tries.push((await store.takeCodeTry('visit', 'export', timeAt(1)))?.tries)
      expect(tries).toEqual([1, 2, 3, undefined])
    })

    test('tried at once, take no more than three', async () => {
      await store.putCode(code())
      await store.setCode('visit', 'export', sent)
      const taken = await Promise.all(Array.from({ length: 10 }, () => store.takeCodeTry('visit', 'export', timeAt(1))))
      expect(taken.filter(Boolean)).toHaveLength(3)
    })

    test('are over at their end, and once they were passed', async () => {
      await store.putCode(code())
      await store.setCode('visit', 'export', sent)
      expect(await store.takeCodeTry('visit', 'export', timeAt(12))).toBeUndefined()
      await store.passCode('visit', 'export', timeAt(5), timeAt(15))
      expect(await store.findCode('visit', 'export')).toMatchObject({ passedAt: timeAt(5), expiresAt: timeAt(15) })
      expect(await store.takeCodeTry('visit', 'export', timeAt(6))).toBeUndefined()
      expect(await store.setCode('visit', 'export', sent)).toBe(false)
    })

    test('belong to a visit and an action; a new one takes the old one’s place', async () => {
      await store.putCode(code({ newEmail: 'x', action: 'new_address' }))
      await store.putCode(code({ tries: 2 }))
      await store.putCode(code())
      expect(await store.findCode('visit', 'export')).toEqual(code())
      expect(await store.findCode('visit', 'new_address')).toEqual(code({ newEmail: 'x', action: 'new_address' }))
      expect([await store.findCode('other', 'export'), await store.setCode('other', 'export', sent)]).toEqual([undefined, false])
      await store.deleteCodes(timeAt(11))
      expect(await store.findCode('visit', 'export')).toBeUndefined()
    })
  })

  describe('mailings', () => {
    const step = (cursor: string, rest: Partial<Mailing> = {}) => ({ cursor, skipped: 0, state: 'running' as const, nextAt: timeAt(1), ...rest })

    test('move on from where they are, and count what went', async () => {
      await store.addMailing(mailing())
      expect(await store.moveMailing('mailing', '', step('contact-ada', { skipped: 1 }), [once('contact-ada', 'm1', 'ask'), once('contact-bob', 'm2', 'ask')])).toBe(true)
      expect(await store.moveMailing('mailing', '', step('contact-bob'), [once('contact-eve', 'm3', 'ask')])).toBe(false)
      expect(await store.moveMailing('mailing', 'contact-ada', step('contact-eve', { state: 'done' }), [once('contact-ada', 'm4', 'ask')])).toBe(true)
      expect(await store.findMailing('mailing')).toEqual(mailing({ state: 'done', cursor: 'contact-eve', queued: 2, skipped: 2, nextAt: timeAt(1) }))
      expect((await store.listMails('shop', 9)).map(({ id }) => id)).toEqual(['m1', 'm2'])
    })

    test('several steps at once are one', async () => {
      await store.addMailing(mailing())
      const moved = await Promise.all(['m1', 'm2', 'm3'].map((id) => store.moveMailing('mailing', '', step('contact-ada'), [once('contact-ada', id, id)])))
      expect([moved.filter(Boolean).length, (await store.listMails('shop', 9)).length]).toEqual([1, 1])
    })

    test('stop, and go on', async () => {
      await store.addMailing(mailing())
      await store.addMailing(mailing({ id: 'later', createdAt: timeAt(3), nextAt: timeAt(4) }))
      const due = async (minute: number) => (await store.listDueMailings(timeAt(minute))).map(({ id }) => id)
      expect([await due(0), await due(4)]).toEqual([['mailing'], ['later', 'mailing']])
      expect(await store.changeMailingState('mailing', ['running'], 'stopped')).toBe(true)
      expect(await store.changeMailingState('mailing', ['running'], 'stopped')).toBe(false)
      expect([await due(0), await store.moveMailing('mailing', '', step('x'), [])]).toEqual([[], false])
      expect((await store.listMailings('shop')).map(({ id }) => id)).toEqual(['later', 'mailing'])
    })
  })

  describe('mails that wait', () => {
    test('that stick are handed to nobody until somebody says so', async () => {
      for (const id of ['a', 'b']) await store.queueMail(sampleMail(id))
      await store.markHandingOver('a', timeAt(0))
      await store.stickMail('a', 'uncertain')
      expect((await store.leaseMails(timeAt(0), timeAt(1), 9)).map(({ id }) => id)).toEqual(['b'])
      expect(await store.countMails()).toEqual({ waiting: 1, stuck: 1, oldestAt: sampleMail('b').createdAt })
      expect((await store.listMails('shop', 9)).map(({ id, stuck }) => [id, stuck])).toEqual([['a', 'uncertain'], ['b', undefined]])
      expect([await store.retryMail('bakery', 'a', timeAt(2)), await store.retryMail('shop', 'a', timeAt(2))]).toEqual([false, true])
      expect(await store.leaseMails(timeAt(2), timeAt(3), 9)).toEqual([sampleMail('b'), sampleMail('a', { dueAt: timeAt(2) })])
    })

    test('say that they were being handed over, until they are put off', async () => {
      await store.queueMail(sampleMail('a'))
      await store.markHandingOver('a', timeAt(0))
      expect((await store.leaseMails(timeAt(0), timeAt(1), 9))[0]).toHaveProperty('handingOverAt', timeAt(0))
      await store.postponeMail('a', timeAt(2))
      expect((await store.leaseMails(timeAt(2), timeAt(3), 9))[0]).not.toHaveProperty('handingOverAt')
    })
  })

  test('an erasure takes the codes and what was done, and what is known', async () => {
    await store.append(sampleBatch(0, [sampleEvent('a')], { optIns: [sampleOptIn('contact-ada', 'hash')] }))
    await store.putCode(code())
    await store.queueMailsOnce([once('contact-ada', 'm1', 'ask')])
    await store.append({ ...sampleBatch(1, []), tiles: [], erasure: { indices: [], contactIds: ['contact-ada'] } })
    expect([await store.findContact('contact-ada'), await store.findCode('visit', 'export'), await store.readDone('contact-ada')]).toEqual([undefined, undefined, []])
  })
}
