// Built files: found by what the builds' manifests say; a service that was never built still starts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAssets } from '../../server/node/assets.ts'

let dist: string
beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'sayso-dist-'))
})
afterEach(() => rmSync(dist, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, path)), { recursive: true })
    writeFileSync(join(dist, path), text)
  }
}

test('the widget’s rest is found under the name that the build gave it, the pages’ two files under fixed names', async () => {
  write({
    'widget/loader.js': 'go(__SAYSO_CONFIG__)', 'widget/manifest.json': '{"rest":"rest.aaaaaaaa.js"}',
    'widget/rest.aaaaaaaa.js': 'rest', 'widget/part.dddddddd.js': 'part',
    'page/manifest.json': '{"preference-center":"preference-center.eeeeeeee.js","preference-center.css":"preference-center.ffffffff.css"}',
    'page/preference-center.eeeeeeee.js': 'script', 'page/preference-center.ffffffff.css': 'style',
  })
  const { loader, rest, files } = await readAssets(dist)
  const textOf = (name: string) => new TextDecoder().decode(files.get(name)!.body as Uint8Array)
  expect(loader).toBe('go(__SAYSO_CONFIG__)')
  expect(rest).toBe('rest.aaaaaaaa.js')
  expect([textOf(rest), textOf('part.dddddddd.js'), textOf('preference-center.js'), textOf('preference-center.css')]).toEqual(['rest', 'part', 'script', 'style'])
  expect(files.get('preference-center.css')!.type).toBe('text/css; charset=utf-8')
  expect([...files.keys()]).not.toContain('loader.js')
})

test('another build has another name', async () => {
  write({ 'widget/loader.js': 'one(__SAYSO_CONFIG__)' })
  const first = (await readAssets(dist)).build
  write({ 'widget/loader.js': 'two(__SAYSO_CONFIG__)' })
  expect((await readAssets(dist)).build).not.toBe(first)
})

test('without any build there is a loader that says so', async () => {
  const { loader, files } = await readAssets(dist)
  expect(loader).toContain('npm run build')
  expect(loader.split('__SAYSO_CONFIG__')).toHaveLength(2)
  expect(files.size).toBe(0)
})
