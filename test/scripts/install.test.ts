// Whether `npm start` and `npm test` install: only when something is missing or other than asked for.
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isInstallDue, pinnedEnvironment, pinnedNode } from '../../scripts/install.mjs'

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/hono': { version: '4.0.0', integrity: 'sha512-a' },
    'node_modules/vite-for-another-system': { version: '1.0.0', optional: true },
  },
}
const hono = wanted.packages['node_modules/hono']

describe('installing', () => {
  test('is due on a bare clone', () => {
    expect(isInstallDue(wanted, null)).toBe(true)
  })

  test("is not due when all is there, but for another system's optional packages", () => {
    expect(isInstallDue(wanted, { packages: { 'node_modules/hono': hono } })).toBe(false)
  })

  test('is not due for a package more', () => {
    expect(isInstallDue(wanted, { packages: { 'node_modules/hono': hono, 'node_modules/left-over': { version: '1.0.0' } } })).toBe(false)
  })

  test.each([
    ['a package is missing', {}],
    ['a package has another version', { 'node_modules/hono': { ...hono, version: '4.0.1' } }],
    ['a package has other content', { 'node_modules/hono': { ...hono, integrity: 'sha512-b' } }],
  ])('is due when %s', (_case, packages) => {
    expect(isInstallDue(wanted, { packages })).toBe(true)
  })
})

test('scripts find the pinned Node before any other', () => {
  const environment = pinnedEnvironment('/project', { PATH: '/usr/bin', HOME: '/home/me' })
  const bin = join('/project', 'node_modules', '.bin')
  expect(environment['PATH']).toBe(`${bin}${delimiter}/usr/bin`)
  expect(environment['HOME']).toBe('/home/me')
  expect(pinnedNode('/project')).toContain(join('/project', 'node_modules'))
})
