// A built service in a process of its own, that a test can start, stop and kill.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createSite } from '../fixtures/site.ts'

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
    return `http://localhost:${this.env['SAYSO_PORT']}`
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

  /** Puts the shop in force, with limits that no load reaches. */
  async prepare(): Promise<void> {
    writeFileSync(join(this.folder, 'site.json'), JSON.stringify(createSite()))
    writeFileSync(join(this.folder, 'limits.json'), JSON.stringify({ eventsPerIp: 1_000_000 }))
    await this.run('site', 'publish', join(this.folder, 'site.json'))
  }
}
