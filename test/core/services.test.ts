// The services as data: each stands once, says where it loads from, and is found by that alone.
import { describe, expect, test } from 'vitest'
import known from '../../core/services.json' with { type: 'json' }
import { KnownService, knownServices, listServices, STOPS } from '../../core/services.ts'
import { parseSite } from '../../core/site.ts'
import { validate } from '../../core/validate.ts'
import { matchesTag } from '../../widget/traces.ts'
import { createSite } from '../fixtures/site.ts'

test('there are at least forty, each with an id of its own', () => {
  expect(known.length).toBeGreaterThanOrEqual(40)
  expect(knownServices.size).toBe(known.length)
})

describe.each(known.map((service) => [service.id, service] as const))('%s', (_id, service) => {
  test('is written as a service is', () => expect(validate(KnownService, service)).toEqual(service))

  test('shares no host with another but by path', () => {
    const others = known.filter((other) => other.id !== service.id).flatMap(({ hosts }) => hosts)
    expect(service.hosts.filter((host) => others.some((other) => other === host || other.startsWith(`${host}/`) && !host.includes('/')))).toEqual([])
  })

  test('names each host and each tag once', () => {
    expect(new Set(service.hosts).size).toBe(service.hosts.length)
    expect(new Set(service.tags).size).toBe(service.tags.length)
  })

  test('has names that match themselves and not everything', () => {
    for (const tag of service.tags) {
      expect(matchesTag(tag, tag.replaceAll('*', 'AB12'))).toBe(true)
      expect(matchesTag(tag, 'basket')).toBe(false)
    }
  })
})

test('every way to stop is used', () => {
  expect([...new Set(known.flatMap(({ stop }) => stop ?? []))].sort()).toEqual([...STOPS].sort())
})

describe('a site’s services', () => {
  const read = (list: object[]) => parseSite({ ...createSite(), services: { automatic: true, list } })

  test('are known ones by id, and others with their hosts', () => {
    const { services } = read([{ id: 'youtube', purpose: 'video' }, { id: 'our-own', purpose: 'analytics', hosts: ['stats.shop.example'] }])
    expect(listServices(services!, '')).toMatchObject([{ id: 'youtube', purpose: 'video', hosts: expect.arrayContaining(['www.youtube-nocookie.com']) }, { hosts: ['stats.shop.example'], tags: [] }])
  })

  test.each([
    ['an unknown one without hosts', [{ id: 'our-own', purpose: 'analytics' }], '/services/list/0/hosts'],
    ['a purpose that nobody is asked about', [{ id: 'youtube', purpose: 'films' }], '/services/list/0/purpose'],
    ['a host that is an address', [{ id: 'our-own', purpose: 'analytics', hosts: ['https://stats.example'] }], '/services/list/0/hosts/0'],
  ])('%s is refused', (_name, list, pointer) => {
    expect(() => read(list)).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }))
  })
})
