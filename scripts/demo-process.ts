// Runs the built demo for a measurement: own ports, own empty data, gone when it is stopped.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A running demo: where its two servers are, and how to end it. */
export interface RunningDemo {
  serviceUrl: string
  shopUrl: string
  stop(): Promise<void>
}

const root = dirname(import.meta.dirname)
const startTimeoutMs = 30_000

/** Starts dist/server/main.js on free ports and waits until service and shop answer; throws with its output if they do not. */
export async function startDemo(): Promise<RunningDemo> {
  const [port, shopPort] = [await findFreePort(), await findFreePort()]
  const data = mkdtempSync(join(tmpdir(), 'sayso-demo-'))
  const serviceUrl = `http://localhost:${port}`
  const shopUrl = `http://localhost:${shopPort}`
  const child = spawn(process.execPath, ['dist/server/main.js', 'demo'], {
    cwd: root,
    env: { ...process.env, SAYSO_PORT: `${port}`, SAYSO_DEMO_PORT: `${shopPort}`, SAYSO_DATA: data, SAYSO_BASE_URL: serviceUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const stop = async () => {
    await end(child)
    rmSync(data, { recursive: true, force: true })
  }
  try {
    await waitFor(child, [`${serviceUrl}/readyz`, `${shopUrl}/bench.html`])
  } catch (error) {
    await stop()
    throw new Error(`The demo did not start: ${(error as Error).message}\n${output}`, { cause: error })
  }
  return { serviceUrl, shopUrl, stop }
}

async function waitFor(child: ChildProcess, urls: string[]): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  for (const url of urls) {
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`)
      if (Date.now() > deadline) throw new Error(`no answer from ${url}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

/** A port that nobody listens on right now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
