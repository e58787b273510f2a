// Tokens for some of the operators' work: each opens what it is for, at its site, while it is in force, and nothing else.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseCompact } from '../../core/signature.ts'
import type { ConsentEvent } from '../../core/event.ts'
import { hashText } from '../../core/hash.ts'
import { createToken, type Scope, SCOPES } from '../../server/token.ts'
import { ADMIN_TOKEN, openStage, postJws, type ServiceStage } from '../contract/service-stage.ts'
import { sayso } from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { createSite } from '../fixtures/site.ts'

const ALL = Object.keys(SCOPES) as Scope[]

let stage: ServiceStage
let ip: string | undefined
beforeEach(async () => {
  ip = undefined
  stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, ip === undefined ? {} : { ip }) }) })
})
afterEach(() => stage.close())

async function give(scopes: readonly Scope[], { site = 'shop', days = 1 }: { site?: string | null; days?: number } = {}): Promise<{ secret: string; id: string }> {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const { secret, hash, token } = createToken({ name: 'Test', site, scopes, days }, { now: () => stage.clock.nowMs, random })
  await stage.store.addToken(hash, token)
  return { secret, id: token.id }
}

/** What each scope opens at a site; `{id}` is something that is not there. */
const WORK: [Scope, string, string][] = [
  ['contacts:read', 'GET', 'contacts'], ['contacts:write', 'POST', 'contacts'], ['contacts:write', 'PATCH', 'contacts/{id}'], ['contacts:write', 'POST', 'contacts/{id}/purge'],
  ['contacts:write', 'POST', 'contacts/{id}/verbal'], ['contacts:write', 'POST', 'contacts/{id}/links'], ['contacts:write', 'POST', 'contact-list'], ['contacts:export', 'GET', 'contact-list'],
  ['contacts:write', 'POST', 'suppressions'], ['mail', 'POST', 'mailings'], ['mail', 'GET', 'mailings'], ['mail', 'GET', 'mailings/{id}'], ['mail', 'POST', 'mailings/{id}/stop'],
  ['mail', 'GET', 'mails'], ['mail', 'POST', 'mails/{id}/retry'], ['mail', 'POST', 'mail-links'], ['mail-events', 'POST', 'mail-events'], ['mail-events', 'POST', 'inbound-mails'],
  ['accesses:read', 'GET', 'accesses'],
]

const ask = (path: string, method: string, secret?: string) => stage.send(path, { method, headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` }, ...(method === 'GET' ? {} : { body: '{}' }) })

describe.each(WORK)('%s: %s %s', (scope, method, path) => {
  const at = (site: string) => `/v1/sites/${site}/${path}`

  test('opens with it, and with no other', async () => {
    expect([401, 403]).not.toContain((await ask(at('shop'), method, (await give([scope])).secret)).status)
    const others = await ask(at('shop'), method, (await give(ALL.filter((other) => other !== scope))).secret)
    expect([others.status, ((await others.json()) as { type: string; detail: string })]).toEqual([403, expect.objectContaining({ type: '/problems/token_scope', detail: expect.stringContaining(`“${scope}”`) })])
  })

  test('at its site only, whether the other is there or not; one for all sites at each', async () => {
    const { secret } = await give(ALL)
    expect([(await ask(at('other'), method, secret)).status, (await ask(at('nowhere'), method, secret)).status]).toEqual([403, 403])
    expect([401, 403]).not.toContain((await ask(at('other'), method, (await give(ALL, { site: null })).secret)).status)
  })

  test('not without one, nor with one that is made up, expired or revoked', async () => {
    const [expired, revoked] = [await give(ALL), await give(ALL, { days: 3 })]
    await stage.store.revokeToken(revoked.id, '2026-11-22T10:00:05.000Z')
    stage.clock.nowMs += 86_400_000
    for (const secret of [undefined, `sayso_${'x'.repeat(43)}`, expired.secret, revoked.secret]) expect((await ask(at('shop'), method, secret)).status).toBe(401)
  })
})

describe('a record and an event', () => {
  let event: ConsentEvent
  beforeEach(async () => {
    const jws = await (await createDevice()).decide({ analytics: 'given' })
    expect((await postJws(stage, jws)).status).toBe(201)
    event = parseCompact(jws).payload as unknown as ConsentEvent
  })

  test.each([['records:export', 'GET', (one: ConsentEvent) => `/v1/records/${one.record_id}/export`], ['records:erase', 'DELETE', (one: ConsentEvent) => `/v1/records/${one.record_id}`]] as const)(
    '%s opens what is of its site; for all others there is nothing', async (scope, method, pathOf) => {
      const send = (secret: string) => stage.send(pathOf(event), { method, headers: { authorization: `Bearer ${secret}` } })
      for (const { secret } of [await give(ALL.filter((other) => other !== scope)), await give(ALL, { site: 'other' }), { secret: 'sayso_made-up' }]) expect((await send(secret)).status).toBe(404)
      expect((await send((await give([scope])).secret)).status).toBe(200)
    })

  test('evidence opens with its scope, in a header or typed', async () => {
    const send = (secret: string) => stage.send(`/evidence/${event.event_id}`, { headers: { authorization: `Bearer ${secret}` } })
    const type = (secret: string) => stage.send(`/evidence/${event.event_id}`, {
      method: 'POST', body: new URLSearchParams({ token: secret }), headers: { origin: stage.baseUrl, 'content-type': 'application/x-www-form-urlencoded' },
    })
    for (const { secret } of [await give(ALL.filter((scope) => scope !== 'evidence')), await give(ALL, { site: 'other' })]) {
      expect([(await send(secret)).status, (await type(secret)).status]).toEqual([401, 401])
    }
    const { secret } = await give(['evidence'])
    expect([(await send(secret)).status, (await type(secret)).status]).toEqual([200, 200])
  })
})

test('whoever guesses is told to wait; whoever has a token is not', async () => {
  ip = '192.0.2.1'
  for (let i = 0; i < 300; i += 1) await ask('/v1/sites/shop/contacts', 'GET', `sayso_${i}`)
  expect((await ask('/v1/sites/shop/contacts', 'GET', 'sayso_once-more')).status).toBe(429)
  expect((await ask('/v1/sites/shop/contacts', 'GET', ADMIN_TOKEN)).status).toBe(200)
})

test('the page for operators lists every scope as it is told', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/operate.md'), 'utf8')
  expect([...page.matchAll(/^\| `([\w:-]+)` \| ([^|]+) \|$/gm)].map(([, scope, about]) => [scope, about])).toEqual(Object.entries(SCOPES))
})

test('of a token only the hash is kept, and no two are alike', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, async () => (await give(['mail'])).secret))
  expect(new Set(secrets).size).toBe(20)
  for (const secret of secrets) expect(secret).toMatch(/^sayso_[\w-]{43}$/)
  expect(JSON.stringify(await stage.store.listTokens())).not.toContain(secrets[0])
  expect(await stage.store.findToken(hashText(secrets[0]!))).toBeDefined()
})

test('the command makes, lists and revokes them, and says what is wrong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-token-'))
  const env = { SAYSO_DATA: join(folder, 'data'), SAYSO_BASE_URL: 'http://consent.example' }
  try {
    writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
    await sayso(['site', 'publish', join(folder, 'site.json')], env)
    const made = await sayso(['token', 'new', '--name', 'Newsletter tool', '--scopes', 'mail, mail-events', '--site', 'shop', '--days', '30'], env)
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^sayso_[\w-]{43}\n$/) })
    expect(readFileSync(join(folder, 'data/sayso.db')).includes(made.out.trim())).toBe(false)
    const [id] = made.err.split(':')
    expect((await sayso(['token'], env)).out).toMatch(new RegExp(`^${id}  shop  mail,mail-events  until 20\\S+Z  Newsletter tool\n$`))
    expect(await sayso(['token', 'revoke', id!], env)).toMatchObject({ code: 0 })
    expect((await sayso(['token'], env)).out).toContain('revoked 20')
    const make = (...more: string[]) => sayso(['token', 'new', '--name', 'N', ...more], env)
    expect(await make('--scopes', 'mail,everything', '--site', 'shop')).toMatchObject({ code: 1, err: expect.stringContaining('There is no scope “everything”') })
    expect(await make('--scopes', 'mail', '--site', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('/site: No site “nowhere”') })
    expect(await make('--scopes', 'mail', '--site', 'shop', '--days', '400')).toMatchObject({ code: 1, err: expect.stringContaining('/days: A whole number of days') })
    expect([(await make('--scopes', 'mail')).code, (await make('--scopes', 'mail', '--site', 'shop', '--all-sites')).code, (await sayso(['token', 'revoke'], env)).code]).toEqual([2, 2, 2])
    expect(await sayso(['token', 'revoke', 'nobody'], env)).toMatchObject({ code: 1 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
