// The outbox over memory and a service that answers as told: order, batches, repeats, waiting, final refusals.
import { expect, test } from 'vitest'
import type { Client, Outcome } from '../../core/client.ts'
import type { EventEntry, EventResult, Problem } from '../../core/protocol.ts'
import type { Receipt } from '../../core/receipt.ts'
import { createOutbox, createWaiting, type OutboxOptions, type Waiting } from '../../widget/outbox.ts'
import { createMemoryStorage, type DeviceStorage } from '../../ui/storage.ts'

const problem = (status: number, pointer = ''): Problem => ({ type: 'about:blank', title: 'No', status, detail: 'No.', errors: [{ pointer, code: 'x', detail: 'No.' }] })
const receiptFor = (jws: string): Receipt => ({ format: 'sayso-receipt/1', event: jws, leaf: '', proof: '', notice_hash: '' })
const jwsOf = (entry: EventEntry) => (entry as { jws: string }).jws

/** A stage: acts are texts, their event is the text and how often it was sealed. */
function createStage(changes: Partial<OutboxOptions<string>> = {}, storage: DeviceStorage = createMemoryStorage()) {
  const sent: string[][] = []
  const warnings: string[] = []
  const timers: { work: () => void; delayMs: number }[] = []
  const stage = {
    sent, warnings, timers, storage, empties: 0,
    answer: (entries: string[]): Outcome<EventResult[]> => ({ kind: 'ok', value: entries.map((jws) => ({ event_id: jws, status: 201, receipt: receiptFor(jws) })) }),
  }
  let seals = 0
  const client: Pick<Client, 'sendEvents'> = {
    async sendEvents(entries) {
      sent.push(entries.map(jwsOf))
      return stage.answer(entries.map(jwsOf))
    },
  }
  let last: Promise<void> = Promise.resolve()
  const outbox = createOutbox<string>({
    storage, client,
    seal: async ({ act, isRestarted }) => ({ kind: 'ok', value: { jws: `${act}#${seals += 1}${isRestarted ? ' restarted' : ''}` } }),
    onForeignRecord: async () => undefined,
    onReceipt: async () => undefined,
    onEmpty: () => { stage.empties += 1 },
    withLock: (work) => last = last.then(work),
    schedule: (work, delayMs) => void timers.push({ work, delayMs }),
    random: () => 0,
    warn: (message) => void warnings.push(message),
    ...changes,
  })
  return Object.assign(stage, { outbox, add: (...acts: string[]) => outbox.add(acts.map((act) => createWaiting(act))) })
}

test('acts are sent in the order they happened, and are gone after their receipt', async () => {
  const stage = createStage()
  await stage.add('a', 'b')
  await stage.add('c')
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a#1', 'b#2', 'c#3']])
  expect((await stage.outbox.listReceipts()).map(({ event }) => event)).toEqual(['c#3', 'b#2', 'a#1'])
  await stage.outbox.send()
  expect(stage.sent).toHaveLength(1)
})

test('without an answer nothing is lost, and the very same event is sent again', async () => {
  const stage = createStage()
  const answer = stage.answer
  stage.answer = () => ({ kind: 'unreachable', retryAfterSeconds: undefined })
  await stage.add('a')
  await stage.outbox.send()
  expect(stage.timers.map(({ delayMs }) => delayMs)).toEqual([2000])
  stage.answer = answer
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a#1'], ['a#1']])
  expect(stage.empties).toBe(1)
})

test('a page that ends between a receipt and the end of its work: asked again, the same receipt is kept once', async () => {
  const storage = createMemoryStorage()
  const ending: DeviceStorage = {
    ...storage,
    change: async (key, change) => {
      const value = await storage.change(key, change)
      if (key === 'receipts') throw new DOMException('The page ends.', 'AbortError')
      return value
    },
  }
  const first = createStage({}, ending)
  await first.add('a')
  await expect(first.outbox.send()).rejects.toThrow('The page ends.')
  const second = createStage({}, storage)
  await second.outbox.send()
  expect([first.sent, second.sent]).toEqual([[['a#1']], [['a#1']]])
  expect(await second.outbox.listReceipts()).toHaveLength(1)
})

test('each failure waits longer, never less than the service asked for, never more than five minutes by itself', async () => {
  const stage = createStage()
  let retryAfterSeconds: number | undefined
  stage.answer = () => ({ kind: 'unreachable', retryAfterSeconds })
  await stage.add('a')
  const delays: number[] = []
  for (let i = 0; i < 12; i += 1) {
    await stage.outbox.send()
    const { work, delayMs } = stage.timers.pop()!
    delays.push(delayMs)
    retryAfterSeconds = i === 10 ? 900 : undefined
    stage.sent.length = 0
    work()
    await stage.outbox.send()
    stage.timers.length = Math.min(stage.timers.length, 1)
  }
  expect(delays[0]).toBe(2000)
  expect(Math.max(...delays.slice(0, 10))).toBe(300_000)
})

test('more than a hundred go in several requests, in order', async () => {
  const stage = createStage()
  await stage.add(...Array.from({ length: 205 }, (_, i) => `act ${i}`))
  await stage.outbox.send()
  expect(stage.sent.map((batch) => batch.length)).toEqual([100, 100, 5])
  expect(stage.sent.flat().map((jws) => jws.split('#')[0])).toEqual(Array.from({ length: 205 }, (_, i) => `act ${i}`))
  expect(await stage.outbox.listReceipts()).toHaveLength(50)
})

test('long events make smaller requests', async () => {
  const stage = createStage()
  await stage.add('x'.repeat(120_000), 'y'.repeat(120_000))
  await stage.outbox.send()
  expect(stage.sent.map((batch) => batch.length)).toEqual([1, 1])
})

test('a final no for one holds up none of the others, and is kept', async () => {
  const stage = createStage()
  stage.answer = (entries) => ({ kind: 'ok', value: entries.map((jws) => jws.startsWith('bad')
    ? { event_id: null, status: 422, problem: problem(422) } : { event_id: jws, status: 201, receipt: receiptFor(jws) }) })
  await stage.add('a', 'bad', 'c')
  await stage.outbox.send()
  expect(await stage.outbox.listReceipts()).toHaveLength(2)
  expect(await stage.outbox.listRefused()).toMatchObject([{ waiting: { act: 'bad', sealed: { jws: 'bad#2' } }, problem: { status: 422 } }])
  expect(stage.warnings).toHaveLength(1)
  expect(stage.empties).toBe(1)
})

test('an entry that the service cannot take right now stays', async () => {
  const stage = createStage()
  stage.answer = (entries) => ({ kind: 'ok', value: entries.map(() => ({ event_id: null, status: 503, problem: problem(503) })) })
  await stage.add('a')
  await stage.outbox.send()
  expect(stage.timers).toHaveLength(1)
  expect(await stage.outbox.listRefused()).toEqual([])
})

test('an event whose predecessor the service does not have is made anew, once', async () => {
  const stage = createStage()
  stage.answer = (entries) => ({ kind: 'ok', value: entries.map(() => ({ event_id: null, status: 422, problem: problem(422, '/prev_event_hash') })) })
  await stage.add('a')
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a#1'], ['a#2 restarted']])
  expect(await stage.outbox.listRefused()).toHaveLength(1)
})

test('when a whole request is refused, the one at fault is found; when it is us who are, everything is kept', async () => {
  const stage = createStage()
  const answer = stage.answer
  stage.answer = (entries) => entries.some((jws) => jws.startsWith('bad')) ? { kind: 'refused', problem: problem(422) } : answer(entries)
  await stage.add('a', 'bad', 'c')
  await stage.outbox.send()
  expect(await stage.outbox.listReceipts()).toHaveLength(2)
  expect(await stage.outbox.listRefused()).toHaveLength(1)

  stage.answer = () => ({ kind: 'refused', problem: problem(403) })
  await stage.add('d')
  await stage.outbox.send()
  expect(await stage.outbox.listRefused()).toHaveLength(1)
  expect(stage.timers).toHaveLength(1)
})

test('two tabs over one storage send each act once', async () => {
  const storage = createMemoryStorage()
  let last: Promise<void> = Promise.resolve()
  const withLock = (work: () => Promise<void>) => last = last.then(work)
  const [one, two] = [createStage({ withLock }, storage), createStage({ withLock }, storage)]
  await Promise.all([one.add('a'), two.add('b')])
  await Promise.all([one.outbox.send(), two.outbox.send()])
  expect([...one.sent, ...two.sent].flat().map((jws) => jws[0])).toEqual(['a', 'b'])
})

test('without a lock two tabs may send twice, but one and the same event', async () => {
  const storage = createMemoryStorage()
  const withLock = (work: () => Promise<void>) => work()
  const [one, two] = [createStage({ withLock }, storage), createStage({ withLock }, storage)]
  await one.add('a')
  await Promise.all([one.outbox.send(), two.outbox.send()])
  expect(new Set([...one.sent, ...two.sent].flat())).toHaveLength(1)
})

test('while an act cannot be sealed, what happened before it is sent and what happened after it waits', async () => {
  let isReachable = false
  const stage = createStage({ seal: async ({ act }: Waiting<string>) => act === 'b' && !isReachable
    ? { kind: 'unreachable', retryAfterSeconds: 7 } : { kind: 'ok', value: { jws: act } } })
  await stage.add('a', 'b', 'c')
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a']])
  expect(stage.timers[0]!.delayMs).toBe(7000)
  isReachable = true
  stage.timers[0]!.work()
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a'], ['b', 'c']])
})

test('the same entry added twice is there once', async () => {
  const stage = createStage()
  const waiting = createWaiting('a')
  await stage.outbox.add([waiting])
  await stage.outbox.add([waiting])
  await stage.outbox.send()
  expect(stage.sent).toEqual([['a#1']])
})
