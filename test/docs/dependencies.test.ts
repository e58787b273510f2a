// The list of dependencies has every one, with its reason, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
const [, running = '', development = ''] = readFileSync(join(root, 'docs/dependencies.md'), 'utf8').split('\n## ')
const listRows = (text: string) => [...text.matchAll(/^\| (\S+) \| (.+) \|$/gm)].map(([, name, reason]) => ({ name: name!, reason: reason! })).filter(({ name }) => !['package', '---'].includes(name))

test.each([['dependencies', running], ['devDependencies', development]] as const)('each of the %s stands in the list with a reason, and no other', (kind, text) => {
  const rows = listRows(text)
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(manifest[kind]).sort())
  expect(rows.filter(({ reason }) => reason.trim() === '')).toEqual([])
})
