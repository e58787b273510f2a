// What the service keeps its data in fails, and comes back: a full disk, a database that is gone or slow. Nothing that was
// acknowledged is missing, the answer meanwhile is 503 and when to come back, and nobody has to lend a hand.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createDevice } from '../fixtures/device.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { checkLog, Victim, Sender } from './victim.ts'

const SENDERS = 8

let folder: string
let victim: Victim | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-fault-'))
})
afterEach(async () => {
  if (victim?.child?.exitCode === null) await victim.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** A small file system of its own; undefined where this user may not mount one. */
function mountSmall(path: string, megabytes: number): (() => void) | undefined {
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' })
    return () => void execFileSync('umount', ['-l', path])
  } catch {
    return undefined
  }
}

const isMountable = (() => {
  const path = mkdtempSync(join(tmpdir(), 'sayso-mount-'))
  const unmount = mountSmall(join(path, 'disk'), 1)
  unmount?.()
  rmSync(path, { recursive: true })
  return unmount !== undefined
})()

async function untilRefused(sender: Sender): Promise<void> {
  while (sender.refusals === 0) await sleep(10)
}

async function untilTaken(sender: Sender): Promise<void> {
  const before = sender.acknowledged.size
  while (sender.acknowledged.size <= before) await sleep(10)
}

test.skipIf(!isMountable)('a disk that fills up: what does not fit is refused, what was acknowledged stays, and with room again it goes on', async () => {
  const unmount = mountSmall(join(folder, 'data'), 16)!
  try {
    victim = new Victim(folder, await findFreePort(), {})
    await victim.prepare()
    await victim.start()
    const sender = new Sender(victim.url)
    const filler = join(folder, 'data/filler')
    const { bavail, bsize } = statfsSync(join(folder, 'data'))
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 1_500_000))
    await sender.during(SENDERS, async () => {
      await untilRefused(sender)
      // It still says what it has.
      expect((await fetch(`${victim!.url}/log/shop/checkpoint`)).status).toBe(200)
      // All of it can be saved elsewhere, though nothing can be recorded of that.
      expect(await victim!.run('backup', '--out', join(folder, 'backup'), '--unrecorded')).toMatch(/^shop: \d+ leaves\n/)
      rmSync(filler)
      await untilTaken(sender)
    })
    await sender.sendOpen()
    await sender.sendAgain()
    await checkLog(victim, sender)
    expect(sender.acknowledged.size).toBeGreaterThan(0)
  } finally {
    if (victim?.child?.exitCode === null) await victim.kill()
    unmount()
  }
})

/** The way to the database, which can be cut and made slow. */
class Way {
  delayMs = 0
  readonly target: URL
  readonly sockets = new Set<Socket>()
  server: Server | undefined
  port = 0

  constructor(url: string) {
    this.target = new URL(url)
  }

  get url(): string {
    return Object.assign(new URL(this.target), { host: `127.0.0.1:${this.port}` }).href
  }

  async open(): Promise<void> {
    this.server = createServer((near) => {
      const far = connect(Number(this.target.port), this.target.hostname)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        this.sockets.add(from)
        from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), this.delayMs))
        from.on('error', () => {})
        from.on('close', () => {
          this.sockets.delete(from)
          to.destroy()
        })
      }
    })
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  async cut(): Promise<void> {
    const closed = once(this.server!, 'close')
    this.server!.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

describe('a database', () => {
  let postgres: PostgresServer | undefined
  let way: Way
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 120_000)
  afterAll(() => postgres?.stop(), 60_000)

  async function begin(): Promise<Sender> {
    way = new Way(await postgres!.createDatabase())
    await way.open()
    victim = new Victim(folder, await findFreePort(), { SAYSO_DATABASE_URL: way.url })
    await victim.prepare()
    await victim.start()
    return new Sender(victim.url)
  }

  test('that is gone and comes back: refused meanwhile, not ready meanwhile, and on it goes', async () => {
    const sender = await begin()
    await sender.during(SENDERS, async () => {
      await untilTaken(sender)
      await way.cut()
      await untilRefused(sender)
      expect((await fetch(`${victim!.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${victim!.url}/healthz`)).status).toBe(200)
      await sleep(1000)
      await way.open()
      await untilTaken(sender)
    })
    await sender.sendOpen()
    await sender.sendAgain()
    expect((await fetch(`${victim!.url}/readyz`)).status).toBe(200)
    await checkLog(victim!, sender)
    await way.cut()
  })

  test('that is slow: every answer is right, and the same event is one event however often it was sent', async () => {
    const sender = await begin()
    way.delayMs = 40
    const events = await Promise.all(Array.from({ length: 30 }, async () => (await createDevice()).decide({ analytics: 'given' })))
    const answers = await Promise.all([...events, ...events].map((jws) => sender.send(jws)))
    expect(answers).not.toContain(false)
    way.delayMs = 0
    const report = await checkLog(victim!, sender)
    expect(report.events.device).toBe(events.length)
    await way.cut()
  })
})
