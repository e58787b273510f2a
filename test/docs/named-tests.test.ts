// Documents that promise a test for each line: here is whether those tests are there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Tests that a document names: a file in backticks, and words of a test's name in quotation marks behind it. */
function listNamed(path: string): { file: string; name: string }[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/`(test\/[\w./-]+)` “((?:[^“”]|“[^”]*”)+)”/g)].map(([, file, name]) => ({ file: file!, name: name! }))
}

const named = ['docs/accessibility.md', 'docs/fairness.md'].flatMap(listNamed)

test('the documents name tests', () => expect(named.length).toBeGreaterThan(50))

test.each(named)('$file has “$name”', ({ file, name }) => {
  expect(existsSync(join(root, file)), file).toBe(true)
  expect(readFileSync(join(root, file), 'utf8').includes(name), name).toBe(true)
})

test('every line about accessibility names a test', () => {
  const lines = readFileSync(join(root, 'docs/accessibility.md'), 'utf8').split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:criterion|---)/.test(line))
  expect(lines.length).toBeGreaterThan(25)
  expect(lines.filter((line) => !/`test\/[\w./-]+` “/.test(line.split(' | ').at(-1)!))).toEqual([])
})
