// The stage of the end-to-end tests: the built service, shop and mailbox on free ports with data of their own.
// The service can be stopped and started again onto the same data, as in an outage.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'playwright/test'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { type ReadEvent, readEvent } from '../../core/event.ts'
import { findFreePort } from '../../scripts/demo-process.ts'

/** A mail as `/mailbox.json` lists it. */
export interface Mail {
  id: string
  to: string
  subject: string
  raw: string
}

export interface Run {
  exitCode: number
  stdout: string
  stderr: string
}

export interface Stage {
  serviceUrl: string
  shopUrl: string
  dataDir: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Runs the `sayso` command on the same data. */
  run(...args: string[]): Promise<Run>
  /** How many leaves a site's log has, from its public checkpoint. */
  logSize(site?: string): Promise<number>
  /** The events in the shop's log, oldest first, read as its export has them. */
  readLog(): Promise<ReadEvent['event'][]>
  mails(): Promise<Mail[]>
  /** Beacons that the shop's trackers really sent. */
  beacons(): Promise<{ kind: string }[]>
}

/** The operator's token on every stage. */
export const ADMIN_TOKEN = 'e2e-admin-token-of-sufficient-length'

const MAIN = join(import.meta.dirname, '../../dist/server/main.js')

/** A stage, not started yet; `stop` leaves its data. */
export async function createStage(): Promise<Stage> {
  const [port, shopPort] = [await findFreePort(), await findFreePort()]
  const dataDir = mkdtempSync(join(tmpdir(), 'sayso-e2e-'))
  const serviceUrl = `http://localhost:${port}`
  const shopUrl = `http://localhost:${shopPort}`
  const env = { ...process.env, SAYSO_PORT: `${port}`, SAYSO_DEMO_PORT: `${shopPort}`, SAYSO_DATA: dataDir, SAYSO_BASE_URL: serviceUrl, SAYSO_ADMIN_TOKEN: ADMIN_TOKEN }
  let child: ChildProcess | undefined
  const run = (...args: string[]) => new Promise<Run>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
  const getJson = async <T>(url: string) => (await (await fetch(url)).json()) as T

  return {
    serviceUrl, shopUrl, dataDir,
    async start() {
      child = spawn(process.execPath, [MAIN, 'demo'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      const { stdout, exitCode } = child
      if (exitCode !== null || !stdout) throw new Error('the demo did not start')
      stdout.resume()
      for (const url of [`${serviceUrl}/readyz`, `${shopUrl}/bench.html`]) {
        while (!(await fetch(url).then((response) => response.ok, () => false))) {
          if (child.exitCode !== null) throw new Error(`the demo ended with exit code ${child.exitCode}`)
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    },
    stop() {
      const ending = child
      child = undefined
      if (!ending || ending.exitCode !== null) return Promise.resolve()
      return new Promise((resolve) => {
        ending.once('exit', () => resolve())
        ending.kill('SIGTERM')
      })
    },
    run,
    logSize: async (site = 'shop') => parseCheckpoint(await (await fetch(`${serviceUrl}/log/${site}/checkpoint`)).text()).size,
    readLog: async () => {
      const { stdout } = await run('export', '--site', 'shop')
      const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { event?: string })
      return Promise.all(lines.flatMap(({ event }) => event === undefined ? [] : [readEvent(event).then((read) => read.event)]))
    },
    mails: () => getJson(`${shopUrl}/mailbox.json`),
    beacons: () => getJson(`${shopUrl}/collect.json`),
  }
}

/** `test` with a stage that the tests of one file share; `scene` names the file, so that each has data of its own. */
export const test = base.extend<object, { stage: Stage; scene: string }>({
  scene: ['', { scope: 'worker', option: true }],
  stage: [async ({ scene: _ }, use) => {
    const stage = await createStage()
    await stage.start()
    await use(stage)
    await stage.stop()
    rmSync(stage.dataDir, { recursive: true, force: true })
  }, { scope: 'worker' }],
})
