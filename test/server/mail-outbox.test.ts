// The outbox: a mail leaves the store once it was handed over, never before, and never twice at once.
import { expect, test } from 'vitest'
import { createMockService, type SentMail } from '../../api-mock/service.ts'
import { backOffMs } from '../../server/mail-outbox.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { NEW_CONTACT } from '../fixtures/contact.ts'
import { createSite } from '../fixtures/site.ts'

const time = '2026-11-22T10:00:00.000Z'
const mailTo = (id: string, email: string) => ({ id, site: 'shop', kind: 'link' as const, recipient: { email }, language: 'en', details: {}, createdAt: time, attempts: 0, dueAt: time })

async function open(send: (mail: SentMail) => Promise<void>) {
  const store = createMemoryStore()
  const service = { store, now: () => Date.parse(time), mailer: { send } }
  const contact = (id: string) => ({ id, site: 'shop', email: `${id}@example.org`, language: 'en', recordId: `${id}-record`, principalId: `${id}-person`, createdAt: time, ...NEW_CONTACT })
  const { app } = await createMockService({ sites: [createSite()], ...service })
  const other = await createMockService({ sites: [], ...service })
  for (const id of ['ada', 'bob']) {
    await store.ensureContact(contact(id))
    await store.queueMail(mailTo(id, `${id}@example.org`))
  }
  return { app, other: other.app, store }
}

test('two processes over one store send each mail once', async () => {
  const sent: string[] = []
  const { app, other } = await open(async ({ to }) => void sent.push(to))
  await Promise.all([app.settle(), other.settle(), app.settle()])
  expect(sent.sort()).toEqual(['ada@example.org', 'bob@example.org'])
})

test('a service that ends finishes the mail in hand and leaves the rest for the next one', async () => {
  const started = Promise.withResolvers<void>()
  const handedOver = Promise.withResolvers<void>()
  const sent: string[] = []
  const { app, other } = await open(async ({ to }) => {
    started.resolve()
    await handedOver.promise
    sent.push(to)
  })
  void app.settle()
  await started.promise
  const closing = app.close()
  handedOver.resolve()
  await closing
  expect(sent).toHaveLength(1)
  await other.settle()
  expect(sent.sort()).toEqual(['ada@example.org', 'bob@example.org'])
})

test('an address that nobody knows any more drops its mail', async () => {
  const sent: string[] = []
  const { app, store } = await open(async ({ to }) => void sent.push(to))
  await store.queueMail(mailTo('eve', 'eve@example.org'))
  await app.settle()
  expect(sent).not.toContain('eve@example.org')
  expect(await store.leaseMails('2027-01-01T00:00:00.000Z', '2027-01-01T00:01:00.000Z', 10)).toEqual([])
})

test('the waits grow from a minute to six hours and stay there', () => {
  expect([0, 1, 2, 3, 4, 50].map((attempts) => backOffMs(attempts) / 60_000)).toEqual([1, 5, 30, 120, 360, 360])
})
