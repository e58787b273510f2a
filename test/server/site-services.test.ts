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

test('with --purposes it prints them ready to paste: recipients and tags filled in, the site’s own words kept, new ones without words', async () => {
  const list = [...services.list, { id: 'matomo', purpose: 'analytics' }, { id: 'spotify', purpose: 'music' }, { id: 'our-own', name: 'Our own GmbH', purpose: 'music', hosts: ['music.shop.example'], tags: ['m_*'] }]
  const site = { ...createSite(), services: { automatic: true, list } }
  const { code, out } = await run(write(site), '--purposes')
  expect(code).toBe(0)
  const purposes = JSON.parse(out) as { id: string; statement_text: string; recipients: string[]; tags: string[] }[]
  const told = createNotice('device').purposes.find(({ id }) => id === 'analytics')!
  expect(purposes.map(({ id }) => id)).toEqual(['analytics', 'video', 'music'])
  expect(purposes[0]).toMatchObject({ statement_text: told.statement_text, recipients: [...new Set([...told.recipients, 'Plausible Insights OÜ', 'InnoCraft Limited'])] })
  expect(purposes[0]!.tags).toEqual(expect.arrayContaining(['_pk_id*', ...told.tags]))
  expect(purposes[2]).toMatchObject({ statement_text: '', recipients: ['Spotify AB', 'Our own GmbH'], tags: ['m_*'] })

  // Pasted as they are, the site says what it lacks; with words it can be published.
  const paste = (words: object) => ({ ...site, notices: [{ ...createNotice('device'), purposes: purposes.map((purpose) => ({ ...purpose, ...purpose.id === 'music' ? words : {} })) }] })
  expect(await run(write(paste({})))).toMatchObject({ code: 1, err: expect.stringContaining('/purposes/2/statement_text') })
  expect(await run(write(paste({ statement_text: 'Play music.', data_categories: ['What you listen to'], retention: '30 days' })))).toMatchObject({ code: 0 })
})

test('a file that is none is an error with its place', async () => {
  expect(await run('/nowhere.json')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') })
})
