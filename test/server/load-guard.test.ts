// More at once than the service can hold is turned away before it is read, is told when to come back, and loses nothing.
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../server/store-memory.ts'
import { openStage, postJws } from '../contract/service-stage.ts'
import { createDevice } from '../fixtures/device.ts'
import { SHOP_ORIGIN } from '../fixtures/site.ts'

/** A stage whose store answers reads of batches only when it is let. */
async function openHeldStage(limits: { requestsAtOnce?: number; bytesAtOnce?: number }) {
  const store = createMemoryStore()
  const stage = await openStage({ store, connect: (app) => ({ send: (request) => app.fetch(request) }) }, { limits })
  const held = Promise.withResolvers<void>()
  const { recallEvents } = store
  store.recallEvents = async (...asked) => {
    await held.promise
    return recallEvents(...asked)
  }
  return { stage, release: held.resolve }
}

test.each([{ requestsAtOnce: 2 }, { bytesAtOnce: 2 * 256 * 1024 }])('over %j a request is answered 503 at once, and the same one is taken later', async (limits) => {
  const { stage, release } = await openHeldStage(limits)
  const [first, second, third] = await Promise.all([1, 2, 3].map(async () => (await createDevice()).decide({ analytics: 'given' })))
  const sendAll = [postJws(stage, first!), postJws(stage, second!)]
  const over = await postJws(stage, third!)
  expect([over.status, over.headers.get('retry-after'), over.headers.get('access-control-allow-origin')]).toEqual([503, '5', '*'])
  expect(over.headers.get('access-control-expose-headers')).toBe('Retry-After')
  expect(await over.json()).toMatchObject({ type: '/problems/overloaded' })
  expect((await stage.send('/healthz')).status).toBe(200)
  release()
  expect((await Promise.all(sendAll)).map(({ status }) => status)).toEqual([201, 201])
  expect((await postJws(stage, third!)).status).toBe(201)
  await stage.close()
})

test('one request has room however little is set, so nothing that is allowed can never be sent', async () => {
  const { stage, release } = await openHeldStage({ bytesAtOnce: 1 })
  release()
  expect((await postJws(stage, await (await createDevice()).decide({ analytics: 'given' }))).status).toBe(201)
  await stage.close()
})

test('a page may read when to come back', async () => {
  const stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }) }, { limits: { eventsPerIp: 1 } })
  const device = await createDevice()
  expect((await postJws(stage, await device.decide({ analytics: 'given' }))).headers.has('access-control-expose-headers')).toBe(false)
  const over = await postJws(stage, await device.decide({ analytics: 'withdrawn' }))
  expect([over.status, over.headers.get('access-control-allow-origin'), over.headers.get('access-control-expose-headers')]).toEqual([429, SHOP_ORIGIN, 'Retry-After'])
  await stage.close()
})
