// Which rule holds where, and what a site is there.
import { describe, expect, test } from 'vitest'
import { findRule } from '../../core/places.ts'
import { computeChoiceKey, listNotices, parseSite, siteUnder } from '../../core/site.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

const californian = { ...createNotice('device'), labels: { ...createNotice('device').labels, title: 'Your Privacy Choices', reject_all: 'Do Not Sell or Share My Personal Information' } }
const places = {
  told_by: ['cf-ipcountry', 'cf-region-code'],
  rules: [
    { places: ['US'], until_objection: ['analytics'] },
    { places: ['US-CA', 'US-CO'], until_objection: ['analytics', 'advertising'], notices: [californian] },
  ],
}
const read = (changes = {}) => parseSite({ ...createSite(), places, ...changes })

describe('the rule for a place', () => {
  test.each([
    ['US-CA', ['analytics', 'advertising']], ['us-ca', ['analytics', 'advertising']], ['US-NY', ['analytics']], ['US', ['analytics']],
    ['DE', undefined], ['', undefined], ['U', undefined], ['USA', undefined], ['XX-CA', undefined],
  ])('%s', (place, expected) => {
    expect(findRule(read().places, place)?.until_objection).toEqual(expected)
  })
})

test('its notices stand in for the site’s own about devices, and all of them go into the log', () => {
  const site = read()
  const there = siteUnder(site, site.places!.rules[1]!)
  expect(there.notices.find(({ purposes }) => purposes.some(({ scope }) => scope === 'device'))!.labels.title).toBe('Your Privacy Choices')
  expect(there.notices.some(({ purposes }) => purposes.every(({ scope }) => scope === 'contact'))).toBe(true)
  expect(listNotices(site)).toHaveLength(site.notices.length + 1)
  expect(computeChoiceKey(there)).toBe(computeChoiceKey(site))
})

describe('a rule is refused', () => {
  test.each([
    ['an unknown purpose', [{ places: ['GB'], until_objection: ['telepathy'] }], '/places/rules/0/until_objection/0'],
    ['a purpose about messages', [{ places: ['GB'], until_objection: ['newsletter'] }], '/places/rules/0/until_objection/0'],
    ['a place that is none', [{ places: ['California'], until_objection: ['analytics'] }], '/places/rules/0/places/0'],
    ['two notices of one language', [{ places: ['GB'], until_objection: ['analytics'], notices: [californian, californian] }], '/places/rules/0/notices/1'],
  ])('with %s', (_name, rules, pointer) => {
    expect(() => read({ places: { ...places, rules } })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }))
  })
})
