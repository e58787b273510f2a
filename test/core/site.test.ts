// A site file's translations: the same purposes, in one order and on one basis.
import { expect, test } from 'vitest'
import { createNotice, createSite } from '../fixtures/site.ts'

const german = createNotice('device', 'de')
const publish = (notice: typeof german) => createSite({ notices: [createNotice('device'), notice] })

test('a translation with the same purposes is taken', () => {
  expect(publish(german).notices).toHaveLength(2)
})

test.each([
  ['in another order', german.purposes.toReversed()],
  ['with one less', german.purposes.slice(1)],
  ['with one that is asked about in one language only', german.purposes.map((purpose) => ({ ...purpose, legal_basis: 'consent' as const }))],
])('a translation %s is not: a remembered choice is a letter for each, in order', (_, purposes) => {
  expect(() => publish({ ...german, purposes })).toThrow()
})
