// What source.build says: the widget's build, and which boxes a form had.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BUILD_LIMIT, formatBuild, parseBuild } from '../../core/build.ts'
import { ConsentEvent } from '../../core/event.ts'
import { validate } from '../../core/validate.ts'

it.each<[string, string, string[] | null]>([
  ['k3Jx9_bQ2aZ#newsletter+offers', 'k3Jx9_bQ2aZ', ['newsletter', 'offers']],
  ['k3Jx9_bQ2aZ', 'k3Jx9_bQ2aZ', null],
  ['k3Jx9_bQ2aZ#', 'k3Jx9_bQ2aZ#', null],
  ['k3Jx9_bQ2aZ#Not an id', 'k3Jx9_bQ2aZ#Not an id', null],
  ['k3Jx9_bQ2aZ#newsletter+', 'k3Jx9_bQ2aZ#newsletter+', null],
])('%s', (text, build, shown) => {
  expect(parseBuild(text)).toEqual({ build, shown })
})

it('comes back as it was written, whatever the ids', () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9_-]{0,39}$/)
  fc.assert(fc.property(fc.stringMatching(/^[\w-]{1,100}$/), fc.array(id, { minLength: 1, maxLength: 50 }), (build, shown) => {
    expect(parseBuild(formatBuild({ build, shown }))).toEqual({ build, shown })
  }))
  expect(formatBuild({ build: 'b', shown: null })).toBe('b')
})

it('has room in an event for every box that a notice can have, and for no more', () => {
  const longest = formatBuild({ build: 'b'.repeat(100), shown: Array.from({ length: 50 }, () => 'p'.repeat(40)) })
  const { build } = ConsentEvent.entries.source.entries
  expect(longest).toHaveLength(BUILD_LIMIT)
  expect(validate(build, longest)).toBe(longest)
  expect(() => validate(build, `${longest}+`)).toThrow()
})
