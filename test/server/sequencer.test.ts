// Batches of one log follow each other, each written whole or not at all, and everybody gets the result of their own entry.
import { expect, test, vi } from 'vitest'
import { createSequencer, type Steps } from '../../server/sequencer.ts'

/** A log that takes texts; “alone” needs a batch to itself. */
class FakeLog implements Steps<string, string, { batch: readonly string[] }> {
  readonly written: string[][] = []
  drops = 0
  /** How many writes somebody else gets in between. */
  intruders = 0
  failure: Error | undefined
  /** Writes wait for it. */
  gate = Promise.resolve()

  isAlone = (entry: string) => entry === 'alone'
  prepare = vi.fn(async (_log: string, batch: readonly string[]) => ({ batch }))
  async write(_log: string, { batch }: { batch: readonly string[] }) {
    await this.gate
    if (this.failure) throw this.failure
    if (this.intruders > 0) return (this.intruders -= 1) < 0
    this.written.push([...batch])
    return true
  }
  finish = (_log: string, { batch }: { batch: readonly string[] }) => batch.map((entry) => `${entry}!`)
  drop = () => void (this.drops += 1)
}

function create() {
  const log = new FakeLog()
  const clock = { nowMs: 1000 }
  return { log, clock, sequencer: createSequencer(log, () => clock.nowMs) }
}

test('what comes while a batch is written goes together into the next one, and each gets its own result', async () => {
  const { log, sequencer } = create()
  const open = Promise.withResolvers<void>()
  log.gate = open.promise
  const first = sequencer.enqueue('shop', ['a'])
  await vi.waitFor(() => expect(log.prepare).toHaveBeenCalled())
  const others = [sequencer.enqueue('shop', ['b', 'c']), sequencer.enqueue('shop', ['d'])]
  open.resolve()
  expect(await first).toEqual(['a!'])
  expect(await Promise.all(others)).toEqual([['b!', 'c!'], ['d!']])
  expect(log.written).toEqual([['a'], ['b', 'c', 'd']])
})

test('an entry that needs a batch to itself gets one, in its place', async () => {
  const { log, sequencer } = create()
  await Promise.all([sequencer.enqueue('shop', ['a', 'b']), sequencer.enqueue('shop', ['alone']), sequencer.enqueue('shop', ['c'])])
  expect(log.written).toEqual([['a', 'b'], ['alone'], ['c']])
})

test('no batch grows without end', async () => {
  const { log, sequencer } = create()
  await sequencer.enqueue('shop', Array.from({ length: 600 }, (_, i) => `${i}`))
  expect(log.written.map(({ length }) => length)).toEqual([256, 256, 88])
  expect(log.written.flat()).toEqual(Array.from({ length: 600 }, (_, i) => `${i}`))
})

test('where somebody else wrote in between, it is put together anew, and what was remembered is dropped', async () => {
  const { log, sequencer } = create()
  log.intruders = 2
  expect(await sequencer.enqueue('shop', ['a'])).toEqual(['a!'])
  expect(log.prepare).toHaveBeenCalledTimes(3)
  expect(log.drops).toBe(2)
})

test('where that never ends, or writing fails, everybody in the batch is told, and the next one goes on', async () => {
  const { log, sequencer } = create()
  log.intruders = 1000
  await expect(sequencer.enqueue('shop', ['a'])).rejects.toThrow('another process keeps writing to the log of shop')
  log.intruders = 0
  log.failure = new Error('the disk is full')
  const both = [sequencer.enqueue('shop', ['b']), sequencer.enqueue('shop', ['c'])]
  for (const one of both) await expect(one).rejects.toThrow('the disk is full')
  log.failure = undefined
  expect(await sequencer.enqueue('shop', ['d'])).toEqual(['d!'])
  expect(log.written).toEqual([['d']])
})

test('logs do not wait for each other, and the one that waits longest is told of', async () => {
  const { log, clock, sequencer } = create()
  expect(sequencer.waitedMs()).toBe(0)
  const open = Promise.withResolvers<void>()
  log.gate = open.promise
  const shop = sequencer.enqueue('shop', ['a'])
  await vi.waitFor(() => expect(log.prepare).toHaveBeenCalledTimes(1))
  clock.nowMs += 500
  const bakery = sequencer.enqueue('bakery', ['b'])
  await vi.waitFor(() => expect(log.prepare).toHaveBeenCalledTimes(2))
  clock.nowMs += 250
  expect(sequencer.waitedMs()).toBe(750)
  open.resolve()
  await Promise.all([shop, bakery])
  expect(sequencer.waitedMs()).toBe(0)
})
