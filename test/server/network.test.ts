import { expect, test } from 'vitest'
import { createLimiter, DEFAULT_LIMITS } from '../../server/limits.ts'
import { networkOf } from '../../server/network.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'], ['2001:DB8::1', '2001:db8:0:0'], ['2001:0db8:0000:0001::9', '2001:db8:0:1'],
  ['::1', '0:0:0:0'], ['fe80::1%eth0', 'fe80:0:0:0'], ['2001:db8:1:2:3:4:5::', '2001:db8:1:2'],
])('%s counts as %s', (ip, network) => expect(networkOf(ip)).toBe(network))

test('whoever has a network of addresses has the limit of one, and their neighbour one of their own', () => {
  const limiter = createLimiter({ ...DEFAULT_LIMITS, eventsPerIp: 2 }, () => 0)
  expect(['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((ip) => limiter.takeEvents(ip, 1).isGranted)).toEqual([true, true, false])
  expect(limiter.takeEvents('2001:db8:0:1::1', 1).isGranted).toBe(true)
})
