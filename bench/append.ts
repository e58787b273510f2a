// `npm run bench:append`: what it costs to add a batch of events to a log of 10,000 leaves and to ones that are larger, up to ten million with
// `-- --ten-million` (25 GB of disk, half an hour). Writes its section of docs/benchmarks.md.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type ReadEvent, readEvent } from '../core/event.ts'
import { checkSignatureHere } from '../server/node/check-signature.ts'
import { useNative } from '../server/node/native.ts'
import { type Data, openData, SQLITE_FILE } from '../server/node/open-data.ts'
import { createDevice } from '../test/fixtures/device.ts'
import { createSite } from '../test/fixtures/site.ts'
import { fillLog } from './fill-log.ts'
import { writeSection } from './section.ts'
import { type Spread, spread } from './statistics.ts'

const SIZES = [10_000, 100_000, 1_000_000, ...(process.argv.includes('--ten-million') ? [10_000_000] : [])]
const ROUNDS = 12
const COMMITS = 20
const BATCH = 25

const BASE_URL = 'https://consent.example'
const root = join(import.meta.dirname, '..')

interface Log extends Data {
  size: number
  megabytes: number
  /** Of each commit. */
  times: number[]
}

async function readEvents(count: number): Promise<ReadEvent[]> {
  const reads: ReadEvent[] = []
  for (let i = 0; i < count; i += 1) reads.push(await readEvent(await (await createDevice()).decide({ analytics: 'given', video: 'refused', advertising: 'refused' }), checkSignatureHere))
  return reads
}

/** A log of each size, in folders of their own: the smallest with the site's leaves, each next one the copy of the last and longer. */
async function prepareLogs(folder: string, eventLength: number): Promise<Log[]> {
  const dataDir = (size: number) => join(folder, String(size))
  let previous: string | undefined
  const logs: Log[] = []
  for (const size of SIZES) {
    const path = join(dataDir(size), SQLITE_FILE)
    mkdirSync(dataDir(size))
    const environment = { dataDir: dataDir(size), databaseUrl: undefined, keys: undefined }
    if (previous !== undefined) copyFileSync(previous, path)
    const { store, ledger } = await openData(environment, BASE_URL)
    const noticeHash = (await ledger.publish(createSite()))[0]!
    await store.close()
    const startMs = performance.now()
    await fillLog(path, size, { noticeHash, eventLength })
    console.log(`${size} leaves after ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
    logs.push({ size, megabytes: statSync(path).size / 1e6, times: [], ...await openData(environment, BASE_URL, { isServing: true }) })
    previous = path
  }
  // Gigabytes were written that nobody waited for; the disk would be busy with them for a while.
  execFileSync('sync')
  // The largest first: it is in memory from being filled, and what is read once of the others would make room for it.
  for (const size of SIZES.toReversed()) readIndices(join(dataDir(size), SQLITE_FILE))
  return logs
}

/** Reads every index, as a service that has taken all these events would have them in memory. */
function readIndices(path: string): void {
  const db = new Database(path, { readonly: true })
  const indices = db.prepare<[], { name: string; tbl_name: string }>("select name, tbl_name from sqlite_master where type = 'index'").all()
  for (const { name, tbl_name: table } of indices) db.prepare(`select count(*) from "${table}" indexed by "${name}"`).all()
  db.close()
}

/** Adds the same events to each log in turn, so that what else the machine does falls on all alike. */
async function measure(logs: readonly Log[], events: readonly ReadEvent[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { ledger, times } of logs) {
      for (let commit = 0; commit < COMMITS; commit += 1) {
        const start = (round * COMMITS + commit) * BATCH
        const startMs = performance.now()
        const results = await ledger.record('shop', events.slice(start, start + BATCH).map((read) => ({ read })))
        times.push(performance.now() - startMs)
        if (results.some((result) => !('status' in result) || result.status !== 201)) throw new Error('An event was not recorded.')
      }
    }
  }
}

function describe(logs: readonly Log[]): string {
  const spreads = logs.map(({ times }) => spread(times))
  const perEvent = (milliseconds: number) => Math.round((milliseconds / BATCH) * 1000).toString()
  const row = ({ size, megabytes }: Log, { median, low, high }: Spread) =>
    `| ${size.toLocaleString('en')} | ${Math.round(megabytes).toLocaleString('en')} | ${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) | ${perEvent(median)} | ${(median / spreads[0]!.median).toFixed(2)} |`
  return `## Adding to long logs

Written by \`npm run bench:append\` (\`-- --ten-million\` for the last size), from \`bench/\`: ${ROUNDS * COMMITS} batches of ${BATCH} read events, each committed to SQLite
with \`synchronous=FULL\` and answered with proofs under a new checkpoint, the logs in turn, ${COMMITS} batches at a time. Medians, quartiles in brackets.

| leaves | database, MB | a batch, ms | an event, µs | × the first |
| ---: | ---: | ---: | ---: | ---: |
${logs.map((log, i) => row(log, spreads[i]!)).join('\n')}

Before, the disk was waited for and the indices of each log were read once. The logs were filled through the same \`append\`, in larger batches that are not waited for; their events are made up, of an event's length.

Machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run.
`
}

useNative()
const folder = mkdtempSync(join(tmpdir(), 'sayso-append-'))
try {
  const events = await readEvents(ROUNDS * COMMITS * BATCH)
  const logs = await prepareLogs(folder, events[0]!.jws.length)
  await measure(logs, events)
  for (const { store } of logs) await store.close()
  const text = describe(logs)
  writeSection(join(root, 'docs/benchmarks.md'), 'append', text)
  console.log(text)
} finally {
  rmSync(folder, { recursive: true })
}
