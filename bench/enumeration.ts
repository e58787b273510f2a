// `npm run bench:enumeration`: whether the time of an answer tells a known address from an unknown one. Asks for a link for both, in turn, over
// HTTP, with the store on disk, and compares the medians. Writes its section of docs/benchmarks.md.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { buildAll, isBuildDue } from '../scripts/build.ts'
import { findFreePort } from '../scripts/demo-process.ts'
import { createSite } from '../test/fixtures/site.ts'
import { writeSection } from './section.ts'

const ROUNDS = 400
const KNOWN = 100
/** Long enough for the mail of a known address to be sent, so that its work falls on neither. */
const PAUSE_MS = 25

const root = join(import.meta.dirname, '..')
if (isBuildDue(root)) await buildAll(root)
const main = join(root, 'dist/server/main.js')
const folder = mkdtempSync(join(tmpdir(), 'sayso-enumeration-'))
const port = await findFreePort()
const token = 'a-long-enough-admin-token'
const env = { ...process.env, SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}`, SAYSO_DATA: join(folder, 'data'), SAYSO_ADMIN_TOKEN: token }
const many = 1_000_000
writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
writeFileSync(join(folder, 'limits.json'), JSON.stringify({ linksPerAddress: many, linksPerIp: many, linksPerSite: many }))
execFileSync(process.execPath, [main, 'site', 'publish', join(folder, 'site.json')], { env })
const child = spawn(process.execPath, [main, 'serve', '--quiet', '--limits', join(folder, 'limits.json')], { env, stdio: 'ignore' })
const base = `http://127.0.0.1:${port}`
while (!(await fetch(`${base}/readyz`).then(({ ok }) => ok, () => false))) await wait(20)
const csv = `email\n${Array.from({ length: KNOWN }, (_, i) => `known-${i}@example.org`).join('\n')}\n`
await (await fetch(`${base}/v1/sites/shop/contact-list?ask=0`, { method: 'POST', body: csv, headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` } })).text()

async function ask(email: string): Promise<number> {
  const startMs = performance.now()
  const response = await fetch(`${base}/v1/sites/shop/links`, { method: 'POST', body: JSON.stringify({ email }), headers: { 'content-type': 'application/json' } })
  await response.text()
  const tookMs = performance.now() - startMs
  if (response.status !== 202) throw new Error(`answered ${response.status}`)
  await wait(PAUSE_MS)
  return tookMs
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const times = { known: [] as number[], unknown: [] as number[] }
for (let i = 0; i < ROUNDS; i += 1) {
  const pair = [['known', `known-${i % KNOWN}@example.org`], ['unknown', `other-${i % KNOWN}@example.org`]] as const
  for (const [kind, email] of i % 2 === 0 ? pair : [...pair].reverse()) times[kind].push(await ask(email))
}
const ended = once(child, 'exit')
child.kill('SIGTERM')
await ended
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
writeSection(join(root, 'docs/benchmarks.md'), 'enumeration', text)
console.log(text)
