// Makes a log of millions of leaves quickly: through the store's own `append`, in large batches that are not waited for on the
// disk. The leaves, the tree and the rows are what a service would have written; the events' texts are made up, of their usual length.
import { randomBytes } from 'node:crypto'
import { v7 as createUuidV7 } from 'uuid'
import { toBase64, utf8 } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'
import { formatLeaf } from '../core/leaf.ts'
import { computeRoot, hashLeaf } from '../core/tree.ts'
import type { Append } from '../server/store.ts'
import { createSqlStore, openSqlite } from '../server/store-sql.ts'
import { createNodeReader, growTiles } from '../server/tiles.ts'

const BATCH = 8192
const SITE = 'shop'

/** `length` is that of an event's text, at least 100. */
function makeLeaf(receivedAt: string, noticeHash: string, length: number): Append['leaves'][number] {
  const payloadPart = randomBytes(48).toString('base64url')
  const jws = `header.${payloadPart}.${'x'.repeat(length - payloadPart.length - 8)}`
  const hash = hashText(jws)
  return {
    type: 'event', hash, text: formatLeaf({ type: 'event', hash, received_at: receivedAt }),
    body: { type: 'event', eventId: createUuidV7(), recordId: randomBytes(16).toString('base64url'), jws, payloadPart, noticeHash },
  }
}

/** Adds leaves to the shop's log in the SQLite file until it has `size`. Nobody else may have the file open. */
export async function fillLog(path: string, size: number, { noticeHash, eventLength }: { noticeHash: string; eventLength: number }): Promise<void> {
  const db = await openSqlite(path)
  for (const pragma of ['synchronous = off', 'cache_size = -2000000', 'wal_autocheckpoint = 100000']) {
    await db.executeQuery({ sql: `pragma ${pragma}`, parameters: [], query: { kind: 'RawNode', sqlFragments: [], parameters: [] }, queryId: { queryId: pragma } })
  }
  const store = createSqlStore(db)
  // The log's name is in its checkpoints; what they sign nobody asks here.
  const { size: start, lastReceivedAt, checkpoint } = await store.readHead(SITE)
  for (let at = start; at < size;) {
    const leaves = Array.from({ length: Math.min(BATCH, size - at) }, () => makeLeaf(lastReceivedAt!, noticeHash, eventLength))
    const readTiles = (tiles: Parameters<typeof store.readTiles>[1]) => store.readTiles(SITE, tiles)
    const tiles = await growTiles(at, leaves.map(({ text }) => hashLeaf(utf8(text))), readTiles)
    const root = toBase64(await computeRoot(at + leaves.length, createNodeReader(readTiles, tiles)))
    await store.append({ site: SITE, expectedSize: at, leaves, tiles, checkpoint: { size: at + leaves.length, note: checkpoint!, root }, optIns: [], mails: [] })
    at += leaves.length
  }
  await store.close()
}
