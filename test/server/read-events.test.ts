// Events read in other threads come out as core reads them, and a thread that ends takes nothing else with it.
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readEvent } from '../../core/event.ts'
import { Refusal } from '../../core/refusal.ts'
import { createEventReader } from '../../server/node/read-events.ts'
import { createDevice } from '../fixtures/device.ts'

let reader: ReturnType<typeof createEventReader>
let jws: string

beforeAll(async () => {
  reader = createEventReader(2)
  jws = await (await createDevice()).decide({ analytics: 'given', video: 'refused' })
})
afterAll(() => reader.close())

const refusalOf = async (work: Promise<unknown>) => {
  const error = await work.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Refusal)
  return (error as Refusal).errors
}

test('an event that holds is read as core reads it', async () => {
  expect(await reader.readEvent(jws)).toEqual(await readEvent(jws))
})

describe('what is wrong is told as core tells it', () => {
  const [header, payload, signature] = ['split', 'split', 'split'].map((_, i) => () => jws.split('.')[i]!)
  test.each<[string, () => string]>([
    ['no JWS', () => 'nonsense'],
    ['another signature', () => `${header!()}.${payload!()}.${signature!().replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`],
    ['another payload', () => `${header!()}.${Buffer.from('{"schema_version":"2"}').toString('base64url')}.${signature!()}`],
    ['a header that is no JSON', () => `${Buffer.from('{').toString('base64url')}.${payload!()}.${signature!()}`],
  ])('%s', async (_name, make) => {
    expect(await refusalOf(reader.readEvent(make()))).toEqual(await refusalOf(readEvent(make())))
  })
})

test('of many at once each gets its own answer, good and bad mixed', async () => {
  const device = await createDevice()
  const all = await Promise.all(Array.from({ length: 60 }, async (_, i) => (i % 7 === 3 ? `bad-${i}` : device.decide({ analytics: 'given' }))))
  const read = await Promise.all(all.map((one) => reader.readEvent(one).then(({ jws: its }) => its, (error: unknown) => error)))
  for (const [i, one] of all.entries()) {
    if (i % 7 === 3) expect(read[i]).toBeInstanceOf(Refusal)
    else expect(read[i]).toBe(one)
  }
})

test('a thread that ends fails what it had in hand, and another takes its place', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage')
  const alone = createEventReader(1)
  try {
    const first = alone.readEvent(jws)
    const failed = expect(first).rejects.toThrow('has ended')
    await vi.waitFor(() => expect(posted).toHaveBeenCalled())
    await (posted.mock.contexts[0] as Worker).terminate()
    await failed
    expect(await alone.readEvent(jws)).toEqual(await readEvent(jws))
  } finally {
    posted.mockRestore()
    await alone.close()
  }
})
