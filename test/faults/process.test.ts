// What happens to the process: it is stopped in the middle, sleeps while another goes on, or is asked to end with work in hand.
// `SAYSO_PAUSE_SECONDS=60 npm run test:faults` lets it sleep for a minute.
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createDevice } from '../fixtures/device.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { SHOP_ORIGIN } from '../fixtures/site.ts'
import { checkLog, Victim, Sender } from './victim.ts'

const PAUSE_SECONDS = Number(process.env['SAYSO_PAUSE_SECONDS'] ?? 3)
const SENDERS = 8

let postgres: PostgresServer | undefined
let folder: string
const victims: Victim[] = []
beforeAll(async () => {
  postgres = await startPostgres()
}, 120_000)
afterAll(() => postgres?.stop(), 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-process-'))
})
afterEach(async () => {
  for (const victim of victims.splice(0)) if (victim.child?.exitCode === null) await victim.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function open(name: string, settings: Record<string, string>): Promise<Victim> {
  const victim = new Victim(folder, await findFreePort(), { SAYSO_DATA: join(folder, name), ...settings })
  victims.push(victim)
  return victim
}

test('a service that slept while another went on writes no second history when it wakes', async () => {
  const first = await open('first', { SAYSO_DATABASE_URL: await postgres!.createDatabase() })
  await first.prepare()
  await first.start()
  const keys = Object.fromEntries(['log', 'events'].map((kind) => [`shop.${kind}`, JSON.parse(readFileSync(join(folder, `first/keys/shop.${kind}.jwk`), 'utf8')) as object]))
  const second = await open('second', { SAYSO_DATABASE_URL: first.env['SAYSO_DATABASE_URL']!, SAYSO_KEYS: JSON.stringify(keys) })
  // One log has one name, whichever service answers.
  second.env['SAYSO_BASE_URL'] = first.url
  const secondUrl = `http://localhost:${second.env['SAYSO_PORT']}`
  await second.start(secondUrl)

  const [one, other] = [new Sender(first.url), new Sender(secondUrl)]
  await one.during(SENDERS, () => other.during(SENDERS, async () => {
    await sleep(500)
    first.child!.kill('SIGSTOP')
    const before = other.acknowledged.size
    await sleep(PAUSE_SECONDS * 1000)
    expect(other.acknowledged.size).toBeGreaterThan(before)
    first.child!.kill('SIGCONT')
    await sleep(1000)
  }))
  await one.sendOpen()
  await other.sendOpen()
  await second.kill('SIGTERM')
  // Every checkpoint that either gave out is one of the one log.
  for (const checkpoint of other.checkpoints) one.checkpoints.add(checkpoint)
  for (const [jws, receipt] of other.acknowledged) one.acknowledged.set(jws, receipt)
  await checkLog(first, one)
}, 120_000 + PAUSE_SECONDS * 1000)

test('asked to end, it answers what it had begun to read, takes nothing new, and ends by itself', async () => {
  const victim = await open('data', {})
  await victim.prepare()
  await victim.start()
  const body = await (await createDevice()).decide({ analytics: 'given' })
  const socket = connect(Number(victim.env['SAYSO_PORT']), '127.0.0.1')
  const idle = connect(Number(victim.env['SAYSO_PORT']), '127.0.0.1')
  await Promise.all([once(socket, 'connect'), once(idle, 'connect')])
  socket.write(`POST /v1/sites/shop/events HTTP/1.1\r\nHost: localhost\r\nOrigin: ${SHOP_ORIGIN}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 100)}`)
  const ended = once(victim.child!, 'exit')
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString()))
  // Others keep their connections busy meanwhile, which holds up nothing.
  const sender = new Sender(victim.url)
  await sender.during(SENDERS, async () => {
    await sleep(300)
    victim.child!.kill('SIGTERM')
    await sleep(500)
    await expect(fetch(`${victim.url}/healthz`)).rejects.toThrow()
    socket.write(body.slice(100))
    expect(await ended).toEqual([0, null])
  })
  expect(answer).toMatch(/^HTTP\/1\.1 201 /)
  await victim.start()
  await sender.sendOpen()
  await sender.sendAgain()
  await checkLog(victim, sender)
  expect((await victim.run('export', '--site', 'shop')).includes(body)).toBe(true)
})
