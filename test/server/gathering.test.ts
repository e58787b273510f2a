// A batch waits for half of what is being read, and not for ever.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGathering } from '../../server/gathering.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const none = () => 0

test('it settles when the last one will not come, each counted once', async () => {
  const gathering = createGathering()
  const [first, second] = [gathering.expect('shop'), gathering.expect('shop')]
  let isSettled = false
  void gathering.settle('shop', none).then(() => (isSettled = true))
  first()
  first()
  await Promise.resolve()
  expect(isSettled).toBe(false)
  second()
  await Promise.resolve()
  expect(isSettled).toBe(true)
})

test('it settles when as many have come as are under way still', async () => {
  const gathering = createGathering()
  const ends = Array.from({ length: 5 }, () => gathering.expect('shop'))
  let come = 0
  let isSettled = false
  void gathering.settle('shop', () => come).then(() => (isSettled = true))
  const takeOne = async () => {
    come += 1
    ends.pop()!()
    await Promise.resolve()
  }
  await takeOne()
  await takeOne()
  expect(isSettled).toBe(false)
  await takeOne()
  expect(isSettled).toBe(true)
})

test('it settles at once where nothing is under way, or only for another log', async () => {
  const gathering = createGathering()
  gathering.expect('bakery')
  await gathering.settle('shop', none)
  expect(vi.getTimerCount()).toBe(0)
})

test('it goes on without what takes too long', async () => {
  const gathering = createGathering()
  gathering.expect('shop')
  const settled = gathering.settle('shop', none)
  await vi.advanceTimersByTimeAsync(50)
  await settled
})
