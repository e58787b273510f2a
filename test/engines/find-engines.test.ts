// An engine that is missing is told, with the way to get it; this part of the suite runs on every machine.
import { describe, expect, test } from 'vitest'
import { ENGINES, explainMissing, findPrograms, INSTALL } from './find-engines.ts'

const environment = { PATH: '/opt/bin:/usr/bin' }

describe.each(ENGINES)('%s', (name) => {
  test('is found where all its programs are on the path', () => {
    const programs = findPrograms(name, environment, (path) => path.startsWith('/usr/bin/'))
    expect(Object.values(programs).every((path) => path?.startsWith('/usr/bin/'))).toBe(true)
    expect(explainMissing(name, programs)).toBeUndefined()
  })

  test('is told, with the command that installs it, where a program is missing', () => {
    const text = explainMissing(name, findPrograms(name, environment, () => false))
    expect(text).toContain('NOT TESTED')
    expect(text).toContain(INSTALL[name])
  })

  test('is not taken for found where one of its programs is missing', () => {
    const [first, ...others] = Object.keys(findPrograms(name, environment, () => false))
    const text = explainMissing(name, findPrograms(name, environment, (path) => others.some((other) => path.includes(other))))
    expect(text).toContain(`no ${first}`)
    for (const other of others) expect(text).not.toContain(`no ${other}`)
  })
})
