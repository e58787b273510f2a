// The demo's site file says what the demo's pages do: complete, in both languages, naming every cookie.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findNotice, parseSite } from '../../core/site.ts'

const demo = join(import.meta.dirname, '../../demo')
const site = parseSite(JSON.parse(readFileSync(join(demo, 'site.json'), 'utf8')))
const shop = readdirSync(join(demo, 'shop'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(html|js)$/.test(path))
  .map((path) => readFileSync(join(demo, 'shop', path), 'utf8'))
  .join('\n')

describe.each(['en', 'de'])('the notices in %s', (language) => {
  const purposes = (['device', 'contact'] as const).flatMap((scope) => findNotice(site, scope, [language])?.purposes ?? [])

  test('speak of the six purposes, in the order in which they are asked', () => {
    expect(purposes.map(({ id, scope }) => `${id} ${scope}`)).toEqual([
      'necessary device',
      'analytics device',
      'video device',
      'advertising device',
      'newsletter contact',
      'offers contact',
    ])
    expect(site.notices.filter((notice) => notice.language === language)).toHaveLength(2)
  })

  test('ask for consent to everything but the necessary', () => {
    expect(purposes.filter(({ legal_basis }) => legal_basis !== 'consent').map(({ id }) => id)).toEqual(['necessary'])
  })

  test('explain each company that receives something', () => {
    for (const notice of site.notices.filter((candidate) => candidate.language === language)) {
      const explained = [notice.controller.name, ...notice.shared_with.map(({ name }) => name)]
      expect(explained).toEqual(expect.arrayContaining(notice.purposes.flatMap(({ recipients }) => recipients)))
    }
  })

  test('say where the data is stored, in a member of its own', () => {
    for (const notice of site.notices.filter((candidate) => candidate.language === language)) {
      expect(notice.storage).toMatch(/European Union|Europäischen Union/)
      expect(notice.retention).not.toMatch(/European Union|Europäischen Union/)
    }
  })

  test('keep a cookie choice for 183 days and a subscription for two years', () => {
    expect(findNotice(site, 'device', [language])?.validity_duration).toBe('P183D')
    expect(findNotice(site, 'contact', [language])?.validity_duration).toBe('P24M')
  })

  test('name every cookie that the shop sets', () => {
    const set = [...shop.matchAll(/document\.cookie = `(\w+)=/g)].map(([, name]) => name)
    expect(set).toHaveLength(2)
    expect(purposes.flatMap(({ tags }) => tags)).toEqual(expect.arrayContaining(set))
  })
})

test('what is parked or offered on the pages belongs to a purpose', () => {
  const used = [...shop.matchAll(/data-sayso(?:-opt-in)?="([^"]+)"/g)].flatMap(([, ids]) => ids!.split(' '))
  expect(used).toContain('video')
  expect(site.notices.flatMap(({ purposes }) => purposes.map(({ id }) => id))).toEqual(expect.arrayContaining(used))
})
