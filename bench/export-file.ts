// Writes the export of a made-up site: a device key a record, four events each, 64 records at a time side by side,
// and an anchor that a page would have kept for an hour.
import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type Bytes, fromBase64url, toBase64, utf8 } from '../core/bytes.ts'
import { createNoteKey, formatNoteKey, type NoteSigner, signCheckpoint } from '../core/checkpoint.ts'
import { createDraft, createRandomId, hashEvent, signEvent } from '../core/event.ts'
import { TreeHistory } from '../core/history.ts'
import { formatLeaf, type LeafType } from '../core/leaf.ts'
import { hashNotice } from '../core/notice.ts'
import type { EventSigner, PublicJwk } from '../core/signature.ts'
import { hashLeaf } from '../core/tree.ts'
import { createNotice, SHOP_ORIGIN } from '../test/fixtures/site.ts'

const ORIGIN = 'consent.example/log/shop'
const EVENTS_OF_A_RECORD = 4
const RECORDS_SIDE_BY_SIDE = 64
const EVENTS_AN_HOUR = 500
const STATES = ['given', 'refused', 'withdrawn'] as const

function createDeviceSigner(): EventSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  return {
    publicJwk: { crv: 'P-256', kty: 'EC', x, y } as PublicJwk,
    sign: async (bytes) => new Uint8Array(signWith('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}

function createLogSigner(): NoteSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    key: createNoteKey(ORIGIN, fromBase64url(publicKey.export({ format: 'jwk' }).x!) as Bytes),
    sign: async (bytes) => new Uint8Array(signWith(null, bytes, privateKey)),
  }
}

interface VisitorRecord {
  id: string
  principal: string
  signer: EventSigner
  previous: string | null
  events: number
}

function createRecord(): VisitorRecord {
  return { id: createRandomId(), principal: createRandomId(), signer: createDeviceSigner(), previous: null, events: 0 }
}

/** Writes an export of `count` events to `path`; resolves to the log's vkey. */
export async function writeExportFile(path: string, count: number): Promise<string> {
  const logSigner = createLogSigner()
  const tree = new TreeHistory()
  const notice = createNotice('device')
  const startMs = Date.parse('2026-01-01T00:00:00.000Z')
  const body = createWriteStream(`${path}.body`)

  async function add(type: LeafType, hash: string, timeMs: number, beside: object): Promise<void> {
    const leaf = formatLeaf({ type, hash, received_at: new Date(timeMs).toISOString() })
    const line = `${JSON.stringify({ index: tree.size, leaf, ...beside })}\n`
    tree.add(hashLeaf(utf8(leaf)))
    if (!body.write(line)) await once(body, 'drain')
  }

  const noticeHash = hashNotice(notice)
  const purposes = notice.purposes.filter(({ legal_basis }) => legal_basis === 'consent')
  await add('notice', noticeHash, startMs, { notice })
  let anchor = null
  const records: VisitorRecord[] = []
  for (let i = 0; i < count; i += 1) {
    const timeMs = startMs + i * 50
    if (i % EVENTS_AN_HOUR === 0) anchor = { origin: ORIGIN, size: tree.size, root: toBase64(await tree.rootAt(tree.size)) }
    const slot = i % RECORDS_SIDE_BY_SIDE
    if ((records[slot]?.events ?? EVENTS_OF_A_RECORD) === EVENTS_OF_A_RECORD) records[slot] = createRecord()
    const record = records[slot]!
    record.events += 1
    const jws = await signEvent(createDraft({
      record_id: record.id, pii_principal_id: record.principal, aud: { site: 'shop', origin: SHOP_ORIGIN }, timeMs, event_type: 'explicit',
      decisions: purposes.map(({ id, statement_text }, n) => ({
        purpose_id: id, event_state: STATES[(i + n) % 3]!, statement_text,
      })),
      notice_hash: noticeHash, language: notice.language, validity_duration: notice.validity_duration,
      source: { channel: 'banner', action: 'Save my choice', url: `${SHOP_ORIGIN}/lamps`, build: 'bench' },
      prev_event_hash: record.previous, log_anchor: anchor,
    }), 'device', record.signer)
    record.previous = hashEvent(jws)
    await add('event', record.previous, timeMs, { event: jws })
  }

  const checkpoint = await signCheckpoint({ origin: ORIGIN, size: tree.size, root: await tree.rootAt(tree.size) }, logSigner)
  const vkey = formatNoteKey(logSigner.key)
  body.end(`${JSON.stringify({ end: true, leaves: tree.size })}\n`)
  await once(body, 'finish')
  await prependLine(`${path}.body`, path, JSON.stringify({ format: 'sayso-export/1', kind: 'site', origin: ORIGIN, keys: [vkey], checkpoint }))
  return vkey
}

/** The checkpoint is known last and stands first. */
async function prependLine(from: string, to: string, line: string): Promise<void> {
  const out = createWriteStream(`${to}.part`)
  out.write(`${line}\n`)
  await pipeline(createReadStream(from), out)
  await rename(`${to}.part`, to)
  await rm(from)
}
