// `npm run bench:enumeration`: whether the time of an answer tells a known address from an unknown one. Asks for a link for both, in turn, over
// HTTP, with the store on disk, and compares the medians. Writes its section of docs/benchmarks.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockService } from '../api-mock/service.ts'
import { ensureContact } from '../server/contact.ts'
import { listen } from '../server/node/http.ts'
import { createSqlStore, openSqlite } from '../server/store-sql.ts'
import { createSite } from '../test/fixtures/site.ts'
import { writeSection } from './section.ts'

const ROUNDS = 1500
const folder = mkdtempSync(join(tmpdir(), 'sayso-enumeration-'))
const store = createSqlStore(await openSqlite(join(folder, 'sayso.db')))
const many = 1_000_000
const { app } = await createMockService({ sites: [createSite()], store, limits: { linksPerAddress: many, linksPerIp: many, linksPerSite: many } })
const parts = { store, now: Date.now, random: (length: number) => crypto.getRandomValues(new Uint8Array(length)) }
const KNOWN = 200
for (let i = 0; i < KNOWN; i += 1) await ensureContact(parts, { site: 'shop', email: `known-${i}@example.org`, language: 'en' })
const server = await listen(0, (request) => app.fetch(request))

async function ask(email: string): Promise<number> {
  const start = performance.now()
  const response = await fetch(`http://127.0.0.1:${server.port}/v1/sites/shop/links`, { method: 'POST', body: JSON.stringify({ email }), headers: { 'content-type': 'application/json' } })
  await response.text()
  const took = performance.now() - start
  if (response.status !== 202) throw new Error(`answered ${response.status}`)
  // The mail is sent before the next one is timed, so that its work falls on neither.
  await app.settle()
  return took
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const times = { known: [] as number[], unknown: [] as number[] }
for (let i = 0; i < ROUNDS; i += 1) {
  const pair = [['known', `known-${i % KNOWN}@example.org`], ['unknown', `other-${i % KNOWN}@example.org`]] as const
  for (const [kind, email] of i % 2 === 0 ? pair : [...pair].reverse()) times[kind].push(await ask(email))
}
await server.close()
await app.close()
await store.close()
rmSync(folder, { recursive: true })

const [known, unknown] = [median(times.known), median(times.unknown)]
const text = `## Telling addresses apart by time

Written by \`npm run bench:enumeration\`: ${ROUNDS} pairs of “e-mail me my link”, over HTTP, with SQLite on disk, known and unknown addresses in turn.
The address is looked up only when the mail is due, after the answer.

| address | median of the answer, ms |
| --- | ---: |
| known | ${known.toFixed(3)} |
| unknown | ${unknown.toFixed(3)} |

Ratio of the medians: ${(known / unknown).toFixed(3)}.
`
writeSection(join(import.meta.dirname, '..', 'docs/benchmarks.md'), 'enumeration', text)
console.log(text)
