// The threat model promises a test for each line: here is whether they are there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/threat-model.md'), 'utf8')
const forgeries = readFileSync(join(root, 'test/audit/forgeries.test.ts'), 'utf8')
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:they could|it could|---)/.test(line))

test.each([...new Set(text.match(/test\/[\w./-]+/g))])('%s exists', (path) => {
  expect(existsSync(join(root, path))).toBe(true)
})

test.each([...new Set(rows.map((row) => row.split(' | ').at(-1)!).flatMap((shown) => [...shown.matchAll(/“([^”]+)”/g)].map(([, name]) => name!)))])('the forgery “%s” is tried', (name) => {
  expect(forgeries).toContain(`'${name}`)
})

test('every line names what shows it', () => {
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !/`|“/.test(row.split(' | ').at(-1)!))).toEqual([])
})
