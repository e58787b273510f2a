// Documents that promise a test for each line: here is whether those tests are there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Tests that a document names: a file in backticks, and words of a test's name in quotation marks behind it. */
function listNamed(path: string): { file: string; name: string }[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/`(test\/[\w./-]+)` “((?:[^“”]|“[^”]*”)+)”/g)].map(([, file, name]) => ({ file: file!, name: name! }))
}

const named = ['SECURITY.md', 'docs/accessibility.md', 'docs/fairness.md'].flatMap(listNamed)

test('the documents name tests', () => expect(named.length).toBeGreaterThan(50))

/** Lines of a test file in which something is named. */
const listTitles = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').filter((line) => /^\s*(?:test|it|describe)\b|\b(?:test|describe)\(|^\s*\]\)\(/.test(line))

test.each(named)('$file has “$name”', ({ file, name }) => {
  expect(existsSync(join(root, file)), file).toBe(true)
  expect(listTitles(file).some((title) => title.includes(name)), name).toBe(true)
})

test('every line of the fairness list names a test, and every test of a line is named there', () => {
  const rows = readFileSync(join(root, 'docs/fairness.md'), 'utf8').split('\n').filter((line) => /^\| \d/.test(line))
  expect(rows.map((row) => Number(row.split(' | ')[0]!.slice(2)))).toEqual(Array.from({ length: 19 }, (_, i) => i + 1))
  const folder = 'test/e2e/fairness'
  for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts'))) {
    for (const title of listTitles(`${folder}/${file}`)) {
      const numbers = /FAIRNESS ([\d, ]+):/.exec(title)?.[1]?.split(', ') ?? []
      for (const number of numbers) {
        const names = [...rows[Number(number) - 1]!.matchAll(/`([\w./-]+)` “([^”]+)”/g)]
        expect(names.some(([, path, name]) => path === `${folder}/${file}` && title.includes(name!)), `${file}: ${title}`).toBe(true)
      }
    }
  }
})

test('every line about accessibility names a test', () => {
  const lines = readFileSync(join(root, 'docs/accessibility.md'), 'utf8').split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:criterion|---)/.test(line))
  expect(lines.length).toBeGreaterThan(25)
  expect(lines.filter((line) => !/`test\/[\w./-]+` “/.test(line.split(' | ').at(-1)!))).toEqual([])
})

test('every threat names a test', () => {
  const lines = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:threat|---)/.test(line))
  expect(lines.length).toBeGreaterThan(15)
  expect(lines.filter((line) => !/`test\/[\w./-]+` “/.test(line.split(' | ').at(-1)!))).toEqual([])
})
