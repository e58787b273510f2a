// A service under load that something happens to, and whoever sent to it and kept what came back.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import type { Receipt } from '../../core/receipt.ts'
import type { Report } from '../../core/report.ts'
import { verifyExport } from '../../core/verify.ts'
import { createDevice } from '../fixtures/device.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

const MAIN = join(import.meta.dirname, '../../dist/server/main.js')

/** A service that can be killed and started again onto the same data. */
export class Victim {
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

  async start(url = this.url): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'serve', '--quiet', '--limits', join(this.folder, 'limits.json')], { env: { ...process.env, ...this.env }, stdio: ['ignore', 'ignore', 'inherit'] })
    this.child = child
    while (!(await fetch(`${url}/readyz`).then((response) => response.ok, () => false))) {
      if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode} instead of starting.`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Puts the shop in force, with limits that nobody meets here, and starts. */
  async prepare(limits: object = {}): Promise<void> {
    writeFileSync(join(this.folder, 'site.json'), JSON.stringify(createSite()))
    writeFileSync(join(this.folder, 'limits.json'), JSON.stringify({ eventsPerIp: 1_000_000, ...limits }))
    await this.run('site', 'publish', join(this.folder, 'site.json'))
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = once(this.child!, 'exit')
    this.child!.kill(signal)
    await ended
  }
}

/** What was sent, what came back. */
export class Sender {
  readonly acknowledged = new Map<string, Receipt>()
  readonly checkpoints = new Set<string>()
  readonly open: string[] = []
  /** How often the service said that it cannot now. */
  refusals = 0
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Sends an event; false where no answer came, and then it has to be sent again. */
  async send(jws: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/v1/sites/shop/events`, { method: 'POST', body: jws, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })
      const receipt = (await response.json()) as Receipt
      if (response.status === 503) {
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
        this.refusals += 1
        return false
      }
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

  /** Sends what got no answer once more; it is taken now. */
  async sendOpen(): Promise<void> {
    for (const jws of this.open.splice(0)) expect(await this.send(jws)).toBe(true)
  }

  /** Sends what was acknowledged once more: the answer is the very same. */
  async sendAgain(most = 500): Promise<void> {
    for (const jws of [...this.acknowledged.keys()].slice(0, most)) expect(await this.send(jws)).toBe(true)
  }

  /** Sends from several sides until `work` is done. */
  async during(senders: number, work: () => Promise<void>): Promise<void> {
    let isOver = false
    const sending = Array.from({ length: senders }, () => this.work(() => isOver))
    try {
      await work()
    } finally {
      isOver = true
      await Promise.all(sending)
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

/** Everything that was acknowledged is in the log, and the log goes on from every checkpoint that was given out. The service stands still afterwards. */
export async function checkLog(victim: Victim, sender: Sender): Promise<Report> {
  const keys = (await (await fetch(`${victim.url}/log/shop/key`)).text()).trim().split('\n').map(parseNoteKey)
  await victim.kill('SIGTERM')

  const text = await victim.run('export', '--site', 'shop')
  const report = await verifyExport(splitLines((async function* () {
    yield text
  })()), { keys, earlierCheckpoints: [...sender.checkpoints] })
  expect(report.findings).toEqual([])
  const events = new Set(text.split('\n').flatMap((line) => (line.includes('"event":') ? [(JSON.parse(line) as { event: string }).event] : [])))
  expect([...sender.acknowledged.keys()].filter((jws) => !events.has(jws))).toEqual([])
  return report
}
