// Every way to cheat that we could think of, tried on the export of a real service over SQLite. Each is tried twice:
// by somebody who holds the file only, and by an insider who holds the log's key and signs the forged tree anew.
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bytes, fromBase64url, toBase64, toBase64url, utf8 } from '../../core/bytes.ts'
import { parseCheckpoint, parseNoteKey } from '../../core/checkpoint.ts'
import { hashEvent } from '../../core/event.ts'
import { formatLeaf, type Leaf, parseLeaf } from '../../core/leaf.ts'
import { computeThumbprint } from '../../core/signature.ts'
import { type App, createApp } from '../../server/app.ts'
import { exportSite } from '../../server/export.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { collectLines, type Line } from '../fixtures/audit.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'
import { changeLeaf, codesOf, describeForgeries, type Forgery, leavesOf, lineOf, type Original, renumber, sign } from './forgery.ts'

const ORIGIN = 'consent.example/log/shop'
const OTHER_ORIGIN = 'https://other.example'
const clock = { nowMs: Date.parse('2026-11-22T10:00:00.000Z') }
const folder = mkdtempSync(join(tmpdir(), 'sayso-forgeries-'))
let store: Store
let app: App
let original: Original
let [ann, ben, eve]: Device[] = []
let elsewhere: string

async function post(jws: string, site = 'shop', origin = SHOP_ORIGIN): Promise<void> {
  clock.nowMs += 1000
  const request = new Request(`https://consent.example/v1/sites/${site}/events`, { method: 'POST', body: jws, headers: { 'content-type': 'text/plain', origin } })
  expect((await app.fetch(request, { ip: '192.0.2.1' })).status).toBe(201)
}

const checkpoint = async () => (await app.fetch(new Request('https://consent.example/log/shop/checkpoint'))).text()
const anchor = async () => {
  const { origin, size, root } = parseCheckpoint(await checkpoint())
  return { origin, size, root: toBase64(root) }
}

// Leaves: 0 key, 1-4 notices, 5 Ann gives, 6 Ben gives, 7 Ann withdraws, 8 Ben refuses and anchors in the log with 8 leaves.
beforeAll(async () => {
  store = createSqlStore(await openSqlite(join(folder, 'sayso.db')))
  const signer = createSigner(createMemoryKeyStore())
  app = createApp({
    store, signer, mailer: { send: async () => {} }, now: () => clock.nowMs, baseUrl: 'https://consent.example',
    random: (length): Bytes => crypto.getRandomValues(new Uint8Array(length)),
    assets: { loader: '__SAYSO_CONFIG__', build: 'test', rest: 'rest.js', files: new Map() },
  })
  await app.publish(createSite())
  await app.publish(createSite({ site: 'other', origins: [OTHER_ORIGIN] }))
  ;[ann, ben, eve] = await Promise.all([createDevice(), createDevice(), createDevice()])
  await post(await ann!.decide({ analytics: 'given', video: 'refused' }))
  await post(await ben!.decide({ advertising: 'given' }))
  await post(await ann!.decide({ analytics: 'withdrawn' }))
  const held = await checkpoint()
  await post(await ben!.decide({ advertising: 'refused' }, { log_anchor: await anchor() }))
  const final = await checkpoint()
  elsewhere = await eve!.sign(eve!.draft({ analytics: 'given' }, { aud: { site: 'other', origin: OTHER_ORIGIN }, source: { channel: 'banner', action: 'Save', url: null, build: null } }))
  await post(elsewhere, 'other', OTHER_ORIGIN)
  original = {
    origin: ORIGIN, held, final, signer: await signer.signLog('shop', ORIGIN), keys: (await app.ledger.vkeys('shop')).map(parseNoteKey),
    genuine: await collectLines(exportSite('shop', { store, ledger: app.ledger })),
  }
})

afterAll(async () => {
  await app.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

const leafOf = (type: Leaf['type'], hash: string, receivedAt = '2026-11-22T10:00:30.000Z') => formatLeaf({ type, hash, received_at: receivedAt })
const eventLine = (jws: string, receivedAt?: string): Line => ({ index: 0, leaf: leafOf('event', hashEvent(jws), receivedAt), event: jws })
const insert = (lines: Line[], index: number, ...added: Line[]) => void lines.splice(index + 1, 0, ...added)
const append = (lines: Line[], jws: string) => insert(lines, leavesOf(lines).length, eventLine(jws))

function replaceEvent(lines: Line[], index: number, jws: string): void {
  lineOf(lines, index).event = jws
  changeLeaf(lineOf(lines, index), { hash: hashEvent(jws) })
}

const decode = (part: string) => Buffer.from(part, 'base64url').toString()
const encode = (value: unknown) => toBase64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)))

/** A JWS of Eve's with whatever header and payload text, properly signed. */
async function signAnything(header: Line, payload: string): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${toBase64url(await eve!.signer.sign(utf8(input)))}`
}
const headerOf = (device: Device): Line => ({ typ: 'consent-event+jws', alg: 'ES256', kid: computeThumbprint(device.signer.publicJwk), jwk: device.signer.publicJwk })
const payloadOf = async () => decode((await eve!.sign(eve!.draft({ analytics: 'given' }))).split('.')[1]!)

/** The other valid signature of the same content: s becomes n - s. */
function twinOf(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const bytes = Buffer.from(fromBase64url(signature!)!)
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  return [header, payload, toBase64url(Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]))].join('.')
}

const FORGERIES: Forgery[] = [
  { name: 'a consent forged later', outsider: ['log_anchor', 'size'],
    // Ben's anchor gives it away: his browser had seen the log without it.
    insider: ['log_anchor'],
    forge: async (lines) => insert(lines, 6, eventLine(await eve!.sign(eve!.draft({ analytics: 'given' })), '2026-11-22T10:00:01.500Z')) },
  { name: 'a consent back-dated', outsider: ['log_anchor', 'root'], insider: ['log_anchor'],
    forge: (lines) => changeLeaf(lineOf(lines, 7), { received_at: '2026-11-22T10:00:02.001Z' }) },
  { name: 'a leaf back-dated before its neighbour', outsider: ['received_at', 'root'], insider: ['received_at'],
    forge: (lines) => changeLeaf(lineOf(lines, 8), { received_at: '2025-01-01T00:00:00.000Z' }) },
  { name: 'a withdrawal deleted', outsider: ['log_anchor', 'size'], insider: ['log_anchor'],
    forge: (lines) => void lines.splice(8, 1) },
  { name: 'an event deleted, its leaf kept', outsider: ['missing_body'], insider: ['missing_body'],
    forge: (lines) => void delete lineOf(lines, 7).event },
  { name: 'a leaf that never had a body', outsider: ['missing_body', 'size'], insider: ['missing_body'],
    forge: (lines) => insert(lines, 9, { index: 9, leaf: leafOf('event', hashEvent('nothing')) }) },
  { name: 'an event said to be erased', outsider: ['erased_unrecorded'], insider: ['erased_unrecorded'],
    forge(lines) {
      delete lineOf(lines, 7).event
      lineOf(lines, 7).erased = true
    } },
  { name: 'events re-ordered', outsider: ['log_anchor', 'received_at', 'root'], insider: ['log_anchor', 'received_at'],
    forge: (lines) => insert(lines, 6, ...lines.splice(8, 1)) },
  { name: 'events re-ordered, their times exchanged', outsider: ['log_anchor', 'root'], insider: ['log_anchor'],
    forge(lines) {
      const [earlier, later] = [parseLeaf(lineOf(lines, 6).leaf), parseLeaf(lineOf(lines, 7).leaf)]
      changeLeaf(lineOf(lines, 6), { received_at: later.received_at })
      changeLeaf(lineOf(lines, 7), { received_at: earlier.received_at })
      insert(lines, 6, ...lines.splice(8, 1))
    } },
  { name: 'an event of another site replayed here', outsider: ['aud', 'size'], insider: ['aud'],
    forge: (lines) => append(lines, elsewhere) },
  { name: 'a statement swapped', outsider: ['log_anchor', 'prev_event_hash', 'root', 'signature'], insider: ['log_anchor', 'prev_event_hash', 'signature'],
    forge(lines) {
      const [header, payload, signature] = lineOf(lines, 5).event.split('.')
      replaceEvent(lines, 5, [header, encode(decode(payload).replace('Count visits to improve the shop.', 'Sell all I do.')), signature].join('.'))
    } },
  { name: 'a statement that the notice does not have, signed by a device', outsider: ['size', 'statement_text'], insider: ['statement_text'],
    forge: async (lines) => append(lines, await signAnything(headerOf(eve!), (await payloadOf()).replace('Count visits to improve the shop.', 'Sell all I do.'))) },
  { name: 'a notice published after the event', outsider: ['log_anchor', 'notice_before_event', 'root'], insider: ['log_anchor', 'notice_before_event'],
    forge(lines) {
      const [notice] = lines.splice(2, 1)
      changeLeaf(notice!, { received_at: '2026-11-22T10:00:30.000Z' })
      insert(lines, 8, notice!)
    } },
  // Nobody inside the file can tell: the last event is simply not there.
  { name: 'a log truncated', outsider: ['size'], insider: [], forge: (lines) => void lines.splice(9, 1) },
  { name: 'a wrong kid', outsider: ['kid', 'size'], insider: ['kid'],
    forge: async (lines) => append(lines, await signAnything({ ...headerOf(eve!), kid: computeThumbprint(ann!.signer.publicJwk) }, await payloadOf())) },
  { name: 'a key of somebody else in the header', outsider: ['signature', 'size'], insider: ['signature'],
    forge: async (lines) => append(lines, await signAnything(headerOf(ann!), await payloadOf())) },
  { name: 'alg none, without a signature', outsider: ['jws', 'size'], insider: ['jws'],
    forge: async (lines) => append(lines, `${encode({ ...headerOf(eve!), alg: 'none' })}.${encode(await payloadOf())}.`) },
  { name: 'alg none, with one', outsider: ['alg', 'size'], insider: ['alg'],
    forge: async (lines) => append(lines, await signAnything({ ...headerOf(eve!), alg: 'none' }, await payloadOf())) },
  { name: 'alg confusion: an HMAC under the public key', outsider: ['alg', 'size'], insider: ['alg'],
    async forge(lines) {
      const input = `${encode({ ...headerOf(eve!), alg: 'HS256' })}.${encode(await payloadOf())}`
      append(lines, `${input}.${createHmac('sha256', JSON.stringify(eve!.signer.publicJwk)).update(input).digest('base64url')}`)
    } },
  { name: 'a key fetched from elsewhere', outsider: ['header', 'size'], insider: ['header'],
    forge: async (lines) => append(lines, await signAnything({ ...headerOf(eve!), jku: 'https://evil.example/keys' }, await payloadOf())) },
  // It says the same as before, so an insider gains nothing by it; what was anchored or came after still names the first.
  { name: 'a high-S twin in place of the event', outsider: ['event_hash', 'prev_event_hash'], insider: ['event_hash', 'prev_event_hash'],
    forge: (lines) => void (lineOf(lines, 5).event = twinOf(lineOf(lines, 5).event)) },
  { name: 'a high-S twin as a further event', outsider: ['event_id_duplicate', 'size'], insider: ['event_id_duplicate'],
    forge: (lines) => append(lines, twinOf(lineOf(lines, 6).event)) },
  { name: 'an event_id used for two decisions', outsider: ['event_id_duplicate', 'size'], insider: ['event_id_duplicate'],
    async forge(lines) {
      const { event_id } = JSON.parse(decode(lineOf(lines, 5).event.split('.')[1])) as Line
      append(lines, await eve!.sign({ ...eve!.draft({ analytics: 'given' }), event_id }))
    } },
  { name: 'a decision that two readers read differently', outsider: ['json_duplicate_name', 'size'], insider: ['json_duplicate_name'],
    forge: async (lines) => append(lines, await signAnything(headerOf(eve!), (await payloadOf()).replace('"event_state":"given"', '"event_state":"refused","event_state":"given"'))) },
  { name: 'a statement of any length', outsider: ['max_length', 'size'], insider: ['max_length'],
    forge: async (lines) => append(lines, await signAnything(headerOf(eve!), (await payloadOf()).replace('Count visits to improve the shop.', 'x'.repeat(2001)))) },
  // Not read at all, and nothing after it, so that it cannot fill memory either.
  { name: 'an event of any length', outsider: ['cut_off', 'oversize'], insider: ['cut_off', 'oversize', 'size'],
    forge: async (lines) => append(lines, await signAnything(headerOf(eve!), (await payloadOf()).replace('{', `{${' '.repeat(900_000)}`))) },
]

describeForgeries(FORGERIES, () => original, { member: 'event', bodies: 4 })

describe('a split view', () => {
  it('of one size is caught as split_view by whoever holds both checkpoints', async () => {
    const lines = structuredClone(original.genuine)
    replaceEvent(lines, 8, await eve!.sign(eve!.draft({ advertising: 'given' })))
    await sign(lines, original)
    expect(await codesOf(lines, original)).toEqual([])
    expect(await codesOf(lines, original, [original.final])).toEqual(['split_view'])
    expect(await codesOf(original.genuine, original, [lines[0]!.checkpoint])).toEqual(['split_view'])
    expect(await codesOf(original.genuine, original, [original.held, lines[0]!.checkpoint])).toEqual(['split_view'])
  })

  it('of another size is caught as inconsistent', async () => {
    const lines = structuredClone(original.genuine)
    replaceEvent(lines, 8, await eve!.sign(eve!.draft({ advertising: 'given' })))
    append(lines, await ann!.sign(ann!.draft({ video: 'given' })))
    await sign(renumber(lines), original)
    expect(await codesOf(lines, original)).toEqual([])
    expect(await codesOf(lines, original, [original.held])).toEqual([])
    expect(await codesOf(lines, original, [original.held, original.final])).toEqual(['inconsistent'])
  })
})

it('what nothing can show: an insider who invents a device at the time', async () => {
  const lines = structuredClone(original.genuine)
  append(lines, await eve!.sign(eve!.draft({ analytics: 'given' })))
  await sign(renumber(lines), original)
  expect(await codesOf(lines, original, [original.held, original.final])).toEqual([])
})
