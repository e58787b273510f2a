// Limits: room up to the limit, none beyond it, room again when the window is over.
import { expect, test } from 'vitest'
import { createLimiter, createRateWindow, DEFAULT_LIMITS } from '../../server/limits.ts'

test('a key has room up to its limit, then must wait until the window is over', () => {
  let nowMs = 0
  const window = createRateWindow({ limit: 3, windowMs: 60_000, now: () => nowMs })
  expect([window.take('a'), window.take('a', 2)].every(({ isGranted }) => isGranted)).toBe(true)
  nowMs = 45_000
  expect(window.take('a')).toEqual({ isGranted: false, retryAfterSeconds: 15 })
  expect(window.take('b').isGranted).toBe(true)
  nowMs = 60_000
  expect(window.take('a').isGranted).toBe(true)
})

test('what does not fit as a whole takes nothing', () => {
  const window = createRateWindow({ limit: 3, windowMs: 60_000, now: () => 0 })
  window.take('a', 2)
  expect(window.take('a', 2).isGranted).toBe(false)
  expect(window.take('a', 1).isGranted).toBe(true)
})

test('one address is one address however it is written, and each site counts for itself', () => {
  const limiter = createLimiter({ ...DEFAULT_LIMITS, linksPerAddress: 1 }, () => 0)
  expect(limiter.takeAddress('shop', 'Ada@Example.org')).toBe(true)
  expect(limiter.takeAddress('shop', 'ada@example.ORG')).toBe(false)
  expect(limiter.takeAddress('other', 'ada@example.org')).toBe(true)
})

test('without an IP address nothing is counted by address, but the site still is', () => {
  const limiter = createLimiter({ ...DEFAULT_LIMITS, eventsPerIp: 1, linksPerIp: 1, linksPerSite: 2 }, () => 0)
  expect([1, 2, 3].every(() => limiter.takeEvents(undefined, 1).isGranted)).toBe(true)
  expect([limiter.takeLinks(undefined, 'shop'), limiter.takeLinks(undefined, 'shop'), limiter.takeLinks(undefined, 'shop')].map(({ isGranted }) => isGranted))
    .toEqual([true, true, false])
})
