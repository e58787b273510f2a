// The service is killed under load, at random moments, again and again: nothing that was acknowledged is ever missing, no
// receipt changes, the log goes on from every checkpoint it ever gave out, and starting again needs no hand. A few times in
// CI; `SAYSO_KILLS=200 npm run test:faults` does it in earnest.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import type { Receipt } from '../../core/receipt.ts'
import { verifyExport } from '../../core/verify.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createDevice } from '../fixtures/device.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

const KILLS = Number(process.env['SAYSO_KILLS'] ?? 5)
const SENDERS = 8
/** Longest time that a service lives. */
const LIFE_MS = 600
const MAIN = join(import.meta.dirname, '../../dist/server/main.js')

/** A service that can be killed and started again onto the same data. */
class Victim {
  readonly env: Record<string, string>
  readonly folder: string
  child: ChildProcess | undefined

  constructor(folder: string, port: number, rest: Record<string, string>) {
    this.folder = folder
    this.env = { SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}`, SAYSO_DATA: join(folder, 'data'), ...rest }
  }

  get url(): string {
    return this.env['SAYSO_BASE_URL']!
  }

  async run(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { env: { ...process.env, ...this.env }, maxBuffer: 512 * 1024 * 1024 })
    return stdout
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'serve', '--quiet', '--limits', join(this.folder, 'limits.json')], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'inherit'] })
    this.child = child
    while (!(await fetch(`${this.url}/readyz`).then((response) => response.ok, () => false))) {
      if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode} instead of starting.`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = once(this.child!, 'exit')
    this.child!.kill(signal)
    await ended
  }
}

/** What was sent, what came back. */
class Witness {
  readonly acknowledged = new Map<string, Receipt>()
  readonly checkpoints = new Set<string>()
  readonly open: string[] = []
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Sends an event; false where no answer came, and then it has to be sent again. */
  async send(jws: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/v1/sites/shop/events`, { method: 'POST', body: jws, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })
      const receipt = (await response.json()) as Receipt
      if (response.status !== 201 && response.status !== 200) throw new Error(`answered ${response.status}: ${JSON.stringify(receipt)}`)
      const known = this.acknowledged.get(jws)
      if (known) expect(receipt).toEqual(known)
      this.acknowledged.set(jws, receipt)
      this.checkpoints.add(receipt.proof.slice(receipt.proof.indexOf('\n\n') + 2))
      return true
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return false
      throw error
    }
  }

  /** Sends fresh events until `isOver`, each with a key of its own; what got no answer is kept. */
  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const jws = this.open.pop() ?? (await (await createDevice()).decide({ analytics: 'given' }))
      if (await this.send(jws)) continue
      this.open.push(jws)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

let postgres: PostgresServer | undefined
beforeAll(async () => {
  postgres = await startPostgres()
}, 120_000)
afterAll(() => postgres?.stop(), 60_000)

describe.each([
  ['SQLite', async () => ({})], ['PostgreSQL', async () => ({ SAYSO_DATABASE_URL: await postgres!.createDatabase() })],
] as const)('over %s', (_name, settings) => {
  test(`killed ${KILLS} times under load, it loses and changes nothing`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sayso-kill-'))
    const victim = new Victim(folder, await findFreePort(), await settings())
    try {
      writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
      writeFileSync(join(folder, 'limits.json'), JSON.stringify({ eventsPerIp: 1_000_000 }))
      await victim.run('site', 'publish', join(folder, 'site.json'))
      const witness = new Witness(victim.url)
      for (let i = 0; i < KILLS; i += 1) {
        await victim.start()
        let isOver = false
        const work = Array.from({ length: SENDERS }, () => witness.work(() => isOver))
        await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFE_MS))
        await victim.kill()
        isOver = true
        await Promise.all(work)
      }
      await victim.start()
      // What got no answer is sent again; what did is told the very same once more.
      for (const jws of witness.open) expect(await witness.send(jws)).toBe(true)
      for (const [jws, receipt] of [...witness.acknowledged].slice(0, 500)) {
        expect(await witness.send(jws)).toBe(true)
        expect(witness.acknowledged.get(jws)).toEqual(receipt)
      }
      const keys = (await (await fetch(`${victim.url}/log/shop/key`)).text()).trim().split('\n').map(parseNoteKey)
      await victim.kill('SIGTERM')

      const text = await victim.run('export', '--site', 'shop')
      const report = await verifyExport(splitLines((async function* () {
        yield text
      })()), { keys, earlierCheckpoints: [...witness.checkpoints] })
      expect(report.findings).toEqual([])
      const events = new Set(text.split('\n').flatMap((line) => (line.includes('"event":') ? [(JSON.parse(line) as { event: string }).event] : [])))
      expect([...witness.acknowledged.keys()].filter((jws) => !events.has(jws))).toEqual([])
      expect(witness.acknowledged.size).toBeGreaterThan(KILLS)
      console.log(`${KILLS} kills, ${witness.acknowledged.size} events acknowledged, ${witness.checkpoints.size} checkpoints, ${report.leaves} leaves`)
    } finally {
      if (victim.child?.exitCode === null) await victim.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000 + KILLS * 6000)
})
