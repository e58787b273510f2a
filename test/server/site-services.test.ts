// `sayso site services`: what is known, and what a notice lacks.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listSiteServices } from '../../server/cli/site-services.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const code = await listSiteServices(args, { env: {}, out: (text) => void (out += text), err: (text) => void (err += text), signal: new AbortController().signal })
  return { code, out, err }
}

function write(site: object): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sayso-services-')), 'site.json')
  writeFileSync(path, JSON.stringify(site))
  return path
}

const services = { automatic: false, list: [{ id: 'plausible', purpose: 'analytics' }, { id: 'vimeo', purpose: 'video' }] }

test('without a file it lists what Sayso knows', async () => {
  const { code, out } = await run()
  expect(code).toBe(0)
  expect(out).toContain('google-analytics  Google Analytics, Google Ireland Limited (analytics)')
})

test('with one it says what the notice does not name yet', async () => {
  const { code, out } = await run(write({ ...createSite(), services }))
  expect(code).toBe(1)
  expect(out).toContain('plausible under analytics: the notice lacks the recipient “Plausible Insights OÜ”')
  expect(out).toContain('the tag “vuid”')
})

test('and is content when it names all', async () => {
  const device = createNotice('device')
  const purposes = device.purposes.map((purpose) => purpose.id === 'video' ? { ...purpose, recipients: ['Vimeo.com, Inc.'], tags: ['vuid'] } : purpose)
  const site = { ...createSite(), notices: [{ ...device, purposes }], services: { automatic: false, list: [services.list[1]] } }
  expect(await run(write(site))).toMatchObject({ code: 0, out: 'vimeo under video: the notice says it all\n' })
})

test('a file that is none is an error with its place', async () => {
  expect(await run('/nowhere.json')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') })
})
