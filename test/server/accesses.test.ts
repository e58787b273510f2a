// What operators read and take out is recorded before it leaves, whichever route shows it, and names nobody but by random ids.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Access, accessLogOf, readAccess } from '../../core/access.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import type { ConsentEvent } from '../../core/event.ts'
import { splitLines } from '../../core/export.ts'
import { parseCompact } from '../../core/signature.ts'
import { exportAccesses } from '../../server/export.ts'
import { createToken, type Scope, SCOPES } from '../../server/token.ts'
import { sampleMail } from '../contract/store-samples.ts'
import { ADMIN_TOKEN, openStage, postJws, type ServiceStage } from '../contract/service-stage.ts'
import { auditLines, codesOf, collectLines, type Line } from '../fixtures/audit.ts'
import { createDevice } from '../fixtures/device.ts'

const EMAIL = 'ada.lovelace@example.org'
const IP = '203.0.113.77'
const LOG = accessLogOf('shop')

let stage: ServiceStage
let event: ConsentEvent
let contactId: string

async function open(): Promise<void> {
  stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: IP }) }) })
  const jws = await (await createDevice()).decide({ analytics: 'given' })
  expect((await postJws(stage, jws)).status).toBe(201)
  event = parseCompact(jws).payload as unknown as ConsentEvent
  contactId = ((await (await call('POST', '/v1/sites/shop/contacts', { email: EMAIL, source: 'the fair' })).json()) as { id: string }).id
}
beforeEach(open)
afterEach(() => stage.close())

function call(method: string, path: string, body?: object | string, secret: string | undefined = ADMIN_TOKEN): Promise<Response> {
  return stage.send(path, {
    method, headers: { ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }), 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

async function readEntries(): Promise<Access[]> {
  const leaves = await stage.store.readLeaves(LOG, 0, 10_000)
  return leaves.flatMap(({ body }) => (body?.type === 'access' ? [readAccess(body.entry)] : []))
}

/** What is new since the last time. */
async function during(work: () => Promise<unknown>): Promise<Access[]> {
  const { length } = await readEntries()
  await work()
  return (await readEntries()).slice(length)
}

async function giveToken(scopes: Scope[], name = 'Newsletter tool'): Promise<{ secret: string; id: string }> {
  const { secret, hash, token } = createToken({ name, site: 'shop', scopes, days: 1 }, { now: () => stage.clock.nowMs, random: (length) => crypto.getRandomValues(new Uint8Array(length)) })
  await stage.store.addToken(hash, token)
  return { secret, id: token.id }
}

const audit = async () => auditLines(await collectLines(exportAccesses('shop', { store: stage.store, ledger: stage.app.ledger })), { keys: (await stage.app.ledger.vkeys(LOG)).map(parseNoteKey) })

// A route that opens with an operator's token stands here, with what its access is recorded as; null: it shows nothing of anybody.
const DECIDED: Record<string, Scope | null> = {
  'GET /v1/sites/:site/contacts': 'contacts:read', 'POST /v1/sites/:site/contacts': 'contacts:write', 'PATCH /v1/sites/:site/contacts/:id': 'contacts:write',
  'POST /v1/sites/:site/contacts/:id/verbal': 'contacts:write', 'POST /v1/sites/:site/contacts/:id/links': 'contacts:write', 'POST /v1/sites/:site/contacts/:id/purge': null,
  'GET /v1/sites/:site/contact-list': 'contacts:export', 'POST /v1/sites/:site/contact-list': 'contacts:write', 'POST /v1/sites/:site/suppressions': null,
  'POST /v1/sites/:site/mail-links': 'mail', 'POST /v1/sites/:site/mail-events': 'mail-events', 'POST /v1/sites/:site/inbound-mails': 'mail-events',
  'POST /v1/sites/:site/mailings': null, 'GET /v1/sites/:site/mailings': null, 'GET /v1/sites/:site/mailings/:id': null, 'POST /v1/sites/:site/mailings/:id/stop': null,
  'POST /v1/sites/:site/mailings/:id/resume': null, 'GET /v1/sites/:site/mails': null, 'POST /v1/sites/:site/mails/:id/retry': null,
  'GET /v1/records/:id/export': 'records:export', 'DELETE /v1/records/:id': null, 'GET /evidence/:id': 'evidence', 'POST /evidence/:id': 'evidence',
  'GET /v1/sites/:site/accesses': 'accesses:read',
}

/** Sends what opens a route to an operator, or to nobody. */
async function tryRoute(method: string, path: string, isOperator: boolean): Promise<number> {
  let id = contactId
  if (path.startsWith('/v1/records/')) id = event.record_id
  if (path.startsWith('/evidence/')) id = event.event_id
  if (path.includes('/mailings/')) ({ id } = (await (await call('POST', '/v1/sites/shop/mailings', { kind: 'link', per_hour: 10 })).json()) as { id: string })
  if (path.includes('/mails/') && isOperator) await stage.store.queueMail(sampleMail((id = 'waiting'), { dueAt: '2030-01-01T00:00:00.000Z' }))
  const isList = path.endsWith('/contact-list')
  const asked = path.replace(':site', 'shop').replace(/:id\b/, id).replace(/:\w+/g, 'unknown')
  if (method === 'POST' && path === '/evidence/:id') {
    const headers = { origin: stage.baseUrl, 'content-type': 'application/x-www-form-urlencoded' }
    return (await stage.send(asked, { method, headers, body: new URLSearchParams({ token: isOperator ? ADMIN_TOKEN : 'nobody’s' }) })).status
  }
  const response = await call(method, asked, method === 'GET' || method === 'DELETE' ? undefined : isList ? 'email\nada@example.com\n' : {}, isOperator ? ADMIN_TOKEN : '')
  await response.text()
  return response.status
}

test('every route that opens to operators leaves an entry, but for those that show nothing of anybody; each is decided here', { timeout: 60_000 }, async () => {
  const found: Record<string, string | null> = {}
  for (const { method, path } of stage.app.routes) {
    await stage.close()
    await open()
    const nobodys = await tryRoute(method, path, false)
    let status = 0
    const entries = await during(async () => (status = await tryRoute(method, path, true)))
    if (status !== nobodys || entries.length > 0) found[`${method} ${path}`] = entries.at(-1)?.action ?? null
  }
  expect(found).toEqual(DECIDED)
})

describe('an entry', () => {
  test('says who, by which token, did what, about whom, and what was answered', async () => {
    const { secret, id } = await giveToken(['contacts:write', 'contacts:read', 'contacts:export'])
    const made = async (work: () => Promise<unknown>) => (await during(work)).map(({ v: _v, access_id: _id, salt: _salt, ...entry }) => entry)
    const byToken = { site: 'shop', operator: { kind: 'token', id, name: 'Newsletter tool' } }
    expect(await made(() => call('POST', '/v1/sites/shop/contacts', { email: EMAIL }, secret))).toEqual([
      { ...byToken, action: 'contacts:write', route: 'POST /v1/sites/{site}/contacts', status: 200, subject: { contact_id: contactId } },
    ])
    expect(await made(() => call('GET', '/v1/sites/shop/contacts?after=', undefined, secret))).toEqual([
      { ...byToken, action: 'contacts:read', route: 'GET /v1/sites/{site}/contacts', status: 200, subject: { contact_ids: [contactId] } },
    ])
    expect(await made(async () => (await call('GET', '/v1/sites/shop/contact-list', undefined, secret)).text())).toEqual([
      { ...byToken, action: 'contacts:export', route: 'GET /v1/sites/{site}/contact-list', status: 200, subject: null },
    ])
    const byAdmin = { site: 'shop', operator: { kind: 'admin', id: null, name: null } }
    expect(await made(() => call('POST', `/v1/sites/shop/contacts/${contactId}/links`, { kind: 'P' }))).toEqual([
      { ...byAdmin, action: 'contacts:write', route: 'POST /v1/sites/{site}/contacts/{id}/links', status: 201, subject: { contact_id: contactId } },
    ])
    expect(await made(() => call('POST', '/v1/sites/shop/mail-links', { contacts: [{ email: EMAIL }, { email: 'nobody@example.org' }] }))).toEqual([
      { ...byAdmin, action: 'mail', route: 'POST /v1/sites/{site}/mail-links', status: 200, subject: { contact_ids: [contactId] } },
    ])
    expect(await made(() => call('GET', `/v1/records/${event.record_id}/export`))).toEqual([
      { ...byAdmin, action: 'records:export', route: 'GET /v1/records/{id}/export', status: 200, subject: { record_id: event.record_id } },
    ])
    expect(await made(() => call('GET', `/evidence/${event.event_id}`))).toEqual([
      { ...byAdmin, action: 'evidence', route: 'GET /evidence/{id}', status: 200, subject: { event_id: event.event_id } },
    ])
  })

  test('is there also where the answer is a refusal, which can tell something of a person too', async () => {
    expect(await during(() => call('PATCH', `/v1/sites/shop/contacts/${contactId}`, { language: 7 }))).toEqual([expect.objectContaining({ status: 422, subject: { contact_id: contactId } })])
  })

  test('is not there for what is not granted, not there or not an address of ours', async () => {
    const { secret } = await giveToken(['mail'])
    expect(await during(async () => {
      for (const [status, ...asked] of [
        [401, 'GET', '/v1/sites/shop/contacts', undefined, 'sayso_made-up'], [403, 'GET', '/v1/sites/shop/contacts', undefined, secret],
        [404, 'PATCH', '/v1/sites/shop/contacts/nobody', {}], [404, 'GET', '/v1/sites/nowhere/contacts'], [404, 'GET', '/v1/sites/shop/contacts/x/y'],
        [405, 'PUT', '/v1/sites/shop/contacts', {}], [404, 'GET', '/v1/records/nothing/export'], [404, 'GET', '/evidence/nothing'],
      ] as [number, string, string, object?, string?][]) expect((await call(...asked)).status).toBe(status)
    })).toEqual([])
    expect((await stage.store.readHead('nowhere.access')).size).toBe(0)
  })

  test('holds no address, no search text, no IP and no secret, whatever was asked', async () => {
    const { secret } = await giveToken(Object.keys(SCOPES) as Scope[])
    for (const { method, path } of stage.app.routes) {
      for (const id of [contactId, encodeURIComponent(EMAIL)]) {
        const asked = `${path.replace(':site', 'shop').replace(/:id\b/, id).replace(/:\w+/g, 'unknown')}?after=${EMAIL}&q=${EMAIL}`
        const response = await call(method, asked, method === 'GET' || method === 'DELETE' ? undefined : { email: EMAIL, contacts: [{ email: EMAIL }], events: [{ email: EMAIL, type: 'bounce' }] }, secret)
        await response.text()
      }
    }
    const leaves = await stage.store.readLeaves(LOG, 0, 1000)
    expect(leaves.length).toBeGreaterThan(15)
    for (const part of ['lovelace', 'example.org', IP, secret, ADMIN_TOKEN, 'the fair']) expect(JSON.stringify(leaves)).not.toContain(part)
  })

  test('names as many contacts as there are, in several entries where they are many', async () => {
    await call('POST', '/v1/sites/shop/contact-list?ask=0', `email\n${Array.from({ length: 600 }, (_, i) => `p${i}@example.org`).join('\n')}\n`).then((response) => response.text())
    const contacts = Array.from({ length: 600 }, (_, i) => ({ email: `p${i}@example.org` }))
    const entries = await during(() => call('POST', '/v1/sites/shop/mail-links', { contacts }))
    const named = entries.map(({ subject }) => (subject && 'contact_ids' in subject ? subject.contact_ids : []))
    expect(named.map(({ length }) => length)).toEqual([500, 100])
    expect(new Set(named.flat()).size).toBe(600)
    expect(codesOf(await audit())).toEqual([])
  })

  test('stays when the person is erased, whose id in it then leads nowhere', async () => {
    const contact = (await stage.store.findContact(contactId))!
    await call('POST', `/v1/sites/shop/contacts/${contactId}/links`, { kind: 'P' })
    await stage.store.updateContact(contactId, { purge: 'proposed' })
    expect((await call('POST', `/v1/sites/shop/contacts/${contactId}/purge`, { decision: 'erase' })).status).toBe(200)
    expect(await stage.store.findContact(contactId)).toBeUndefined()
    const leaves = JSON.stringify(await stage.store.readLeaves(LOG, 0, 100))
    expect([leaves.includes(contactId), leaves.includes(contact.email)]).toEqual([true, false])
    expect(codesOf(await audit())).toEqual([])
  })
})

describe('before the answer leaves', () => {
  /** A read of the contacts whose access is being written; `release` lets it be. */
  async function readWhileWriting() {
    const { append } = stage.store
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    stage.store.append = async (batch) => {
      if (batch.site !== LOG) return append(batch)
      begun.resolve()
      await released.promise
      return append(batch)
    }
    let isAnswered = false
    const answer = call('GET', '/v1/sites/shop/contacts').finally(() => (isAnswered = true))
    await begun.promise
    return { answer, isAnswered: () => isAnswered, release: released.resolve }
  }

  test('its access is durable', async () => {
    const { answer, isAnswered, release } = await readWhileWriting()
    // Whatever else could be done meanwhile is done.
    await new Promise(setImmediate)
    expect(isAnswered()).toBe(false)
    release()
    expect(await (await answer).text()).toContain(EMAIL)
  })

  test.each([
    ['503 where the store cannot write just now', Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), 503],
    ['500 where the service made a mistake', new Error('a mistake'), 500],
  ])('or nothing is shown: %s', async (_, fault, status) => {
    const { append } = stage.store
    const { secret } = await giveToken(Object.keys(SCOPES) as Scope[])
    stage.store.append = async (batch) => (batch.site === LOG ? Promise.reject(fault) : append(batch))
    const asked: [string, string, object?][] = [
      ['GET', '/v1/sites/shop/contacts'], ['GET', '/v1/sites/shop/contact-list'], ['GET', '/v1/sites/shop/accesses'], ['POST', `/v1/sites/shop/contacts/${contactId}/links`, { kind: 'P' }],
      ['POST', '/v1/sites/shop/contacts', { email: EMAIL }], ['POST', '/v1/sites/shop/mail-links', { contacts: [{ email: EMAIL }] }],
      ['GET', `/v1/records/${event.record_id}/export`], ['GET', `/evidence/${event.event_id}`],
    ]
    for (const [method, path, body] of asked) {
      const response = await call(method, path, body, secret)
      const text = await response.text()
      expect([path, response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([path, status, 'application/problem+json; charset=utf-8', null])
      for (const part of [EMAIL, contactId, event.record_id, '/p/', '"format"']) expect(text).not.toContain(part)
    }
    stage.store.append = append
    expect((await call('GET', '/v1/sites/shop/contacts')).status).toBe(200)
  })
})

describe('the log of accesses', () => {
  test('takes what comes at once in one commit', async () => {
    let commits = 0
    const { append } = stage.store
    stage.store.append = (batch) => {
      commits += 1
      return append(batch)
    }
    const [entry] = (await stage.store.readLeaves(LOG, 1, 2)).map(({ body }) => (body?.type === 'access' ? body.entry : ''))
    const { size } = await stage.store.readHead(LOG)
    await Promise.all(Array.from({ length: 50 }, (_, i) => stage.app.ledger.recordAccesses('shop', [entry!.replace(/"status":\d+/, `"status":${200 + i}`)])))
    expect([commits, (await stage.store.readHead(LOG)).size]).toEqual([1, size + 50])
  })

  test('is read back as an export that holds, by whoever may, and the reading is the last entry in it', async () => {
    await call('GET', '/v1/sites/shop/contacts')
    const { secret } = await giveToken(['accesses:read'], 'Auditor')
    const response = await call('GET', '/v1/sites/shop/accesses', undefined, secret)
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([200, 'application/x-ndjson', 'no-store'])
    async function* pieces() {
      yield await response.text()
    }
    const lines: Line[] = []
    for await (const line of splitLines(pieces())) lines.push(JSON.parse(line) as Line)
    expect(lines[0]).toMatchObject({ format: 'sayso-export/1', kind: 'accesses', origin: 'consent.example/log/shop.access' })
    expect(lines.slice(1, -1).map(({ access }) => access && (JSON.parse(access) as Access).action)).toEqual([undefined, 'contacts:write', 'contacts:read', 'accesses:read'])
    expect(JSON.parse(lines.at(-2)!.access as string)).toMatchObject({ operator: { kind: 'token', name: 'Auditor' }, subject: null })
    const report = await auditLines(lines, { keys: (await stage.app.ledger.vkeys(LOG)).map(parseNoteKey) })
    expect(report).toMatchObject({ isValid: true, kind: 'accesses', leaves: 4, accesses: { admin: 2, token: 1, command: 0 } })
  })

  test('is served like any log, and that of a site which is not there is not', async () => {
    const text = async (path: string) => (await stage.send(path)).text()
    expect(await text('/log/shop.access/checkpoint')).toMatch(/^consent\.example\/log\/shop\.access\n2\n/)
    expect(await text('/log/shop.access/key')).toMatch(/^consent\.example\/log\/shop\.access\+/)
    expect(await text('/log/shop.access/tile/entries/000.p/2')).toMatch(/"type":"key".*"type":"access"/s)
    expect((await (await stage.send('/log/shop.access/tile/0/000.p/2')).arrayBuffer()).byteLength).toBe(64)
    expect(await text('/log/other.access/checkpoint')).toMatch(/^consent\.example\/log\/other\.access\n0\n/)
    for (const path of ['nowhere.access', 'shop.access.access', '.access', 'shop.other']) expect((await stage.send(`/log/${path}/checkpoint`)).status).toBe(404)
  })

  test('is one for each site, and the site’s own log knows nothing of it', async () => {
    const size = await stage.logSize()
    await call('GET', '/v1/sites/other/contacts')
    await call('GET', '/v1/sites/shop/contacts')
    expect([(await stage.store.readHead('other.access')).size, (await stage.store.readHead(LOG)).size, await stage.logSize()]).toEqual([2, 3, size])
  })

  test('goes on through several services over one store', async () => {
    const twin = await stage.openTwin()
    const read = (app: typeof twin) => app.fetch(new Request('https://consent.example/v1/sites/shop/contacts', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }))
    expect((await Promise.all([stage.app, twin, stage.app, twin].map(read))).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await stage.store.readHead(LOG)).size).toBe(6)
    expect(codesOf(await audit())).toEqual([])
    await twin.close()
  })
})
