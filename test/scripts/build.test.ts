// When `npm start` builds: only if a source is younger than the last build.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isBuildDue } from '../../scripts/build.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sayso-build-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a bare clone is built', () => {
  place('core/tree.ts', 100)
  expect(isBuildDue(root)).toBe(true)
})

test('nothing is built when every source is older', () => {
  place('core/tree.ts', 100)
  place('dist/server/main.js', 200)
  expect(isBuildDue(root)).toBe(false)
})

test.each(['core/tree.ts', 'widget/banner/deep/layout.ts', 'vite.config.ts', 'package-lock.json'])('a younger %s is built', (source) => {
  place('dist/server/main.js', 200)
  place(source, 300)
  expect(isBuildDue(root)).toBe(true)
})

// Folders take the time of their youngest entry, so a test sees only the times that it set.
function place(path: string, seconds: number): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  for (let at = file; at !== root; at = dirname(at)) utimesSync(at, seconds, seconds)
}
