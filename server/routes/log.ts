// The public log: checkpoint, keys and tiles exactly as C2SP tlog-tiles has them; any other spelling is 404.
//
//   /log/shop/tile/0/x001/234          hashes 314,112 … 314,367 of level 0: 256 times 32 bytes
//   /log/shop/tile/0/000.p/17          the first 17 of a tile that is not full yet
//   /log/shop/tile/entries/000.p/17    their leaves, each with its length before it (uint16, big-endian)
import { concat, utf8 } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import { IMMUTABLE, PUBLIC_HEADERS } from '../http-headers.ts'
import { findKnownLog, type Routes, type Service } from '../service.ts'

const TILE_WIDTH = 256
const HASH_BYTES = 32
const PATH = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** Which tile a path asks for; undefined for any spelling but the one. */
export function parseTilePath(path: string): { level: number | 'entries'; index: number; width: number } | undefined {
  const [, level, groups, part] = PATH.exec(path) ?? []
  if (level === undefined || groups === undefined || groups.startsWith('x000/')) return undefined
  const index = Number(groups.replace(/[x/]/g, ''))
  const width = Number(part ?? TILE_WIDTH)
  if (Number(level) > 63 || !Number.isSafeInteger(index * TILE_WIDTH) || (part !== undefined && width >= TILE_WIDTH)) return undefined
  return { level: level === 'entries' ? level : Number(level), index, width }
}

/** Adds the routes. */
export function addLogRoutes(app: Routes, service: Service): void {
  const { ledger, store } = service
  const text = { ...PUBLIC_HEADERS, 'content-type': 'text/plain; charset=utf-8' }

  async function readHashes(site: string, level: number, index: number, width: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const [hashes] = await store.readTiles(site, [{ level, index }])
    return hashes && hashes.length >= width * HASH_BYTES ? hashes.slice(0, width * HASH_BYTES) : undefined
  }

  async function readEntries(site: string, index: number, width: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const start = index * TILE_WIDTH
    const leaves = await store.readLeaves(site, start, start + width)
    if (leaves.length !== width) return undefined
    return concat(...leaves.flatMap((leaf) => {
      const bytes = utf8(leaf.text)
      return [Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]
    }))
  }

  app.get('/log/:site/checkpoint', async (c) => {
    const log = await findKnownLog(service, c.req.param('site'))
    return new Response(await ledger.checkpoint(log), { headers: { ...text, 'cache-control': 'public, max-age=5' } })
  })

  app.get('/log/:site/key', async (c) => {
    const log = await findKnownLog(service, c.req.param('site'))
    const lines = (await ledger.vkeys(log)).map((vkey) => `${vkey}\n`)
    return new Response(lines.join(''), { headers: { ...text, 'cache-control': 'public, max-age=300' } })
  })

  app.get('/log/:site/tile/*', async (c) => {
    const log = await findKnownLog(service, c.req.param('site'))
    // The raw path: an escaped spelling of the same name is another name.
    const path = new URL(c.req.url).pathname.split('/tile/').slice(1).join('/tile/')
    const tile = parseTilePath(path) ?? refuse('', 'not_found', 'The log has no such tile.')
    const { level, index, width } = tile
    const bytes = level === 'entries' ? await readEntries(log, index, width) : await readHashes(log, level, index, width)
    return new Response(bytes ?? refuse('', 'not_found', 'The log has no such tile.'), {
      headers: { ...PUBLIC_HEADERS, 'content-type': 'application/octet-stream', 'cache-control': IMMUTABLE },
    })
  })
}
