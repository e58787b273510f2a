// A batch waits for what is being read, and not for ever.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGathering } from '../../server/gathering.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it settles when the last one has come, each counted once', async () => {
  const gathering = createGathering()
  const [first, second] = [gathering.expect('shop'), gathering.expect('shop')]
  let isSettled = false
  void gathering.settle('shop').then(() => (isSettled = true))
  first()
  first()
  await Promise.resolve()
  expect(isSettled).toBe(false)
  second()
  await Promise.resolve()
  expect(isSettled).toBe(true)
})

test('it settles at once where nothing is under way, or only for another log', async () => {
  const gathering = createGathering()
  gathering.expect('bakery')
  await gathering.settle('shop')
  expect(vi.getTimerCount()).toBe(0)
})

test('it goes on without what takes too long', async () => {
  const gathering = createGathering()
  gathering.expect('shop')
  const settled = gathering.settle('shop')
  await vi.advanceTimersByTimeAsync(50)
  await settled
})
