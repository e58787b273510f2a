// Asked to end, the service finishes what it accepted: each such request is answered, nothing acknowledged is lost, idle
// connections do not hold it up, and a second signal ends it at once.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Receipt } from '../../core/receipt.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createDevice } from '../fixtures/device.ts'
import { SHOP_ORIGIN } from '../fixtures/site.ts'
import { checkNothingIsLost, Load, readKeys } from './load.ts'
import { Victim } from './victim.ts'

const ACCEPTED = 20

let folder: string
let victim: Victim
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-stop-'))
  const port = await findFreePort()
  victim = new Victim(folder, port, {})
  await victim.prepare()
  await victim.start()
}, 60_000)
afterEach(async () => {
  if (victim.child?.exitCode === null && victim.child.signalCode === null) await victim.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** A request that the service has accepted (it said 100 Continue) and whose body is still to come. */
async function openRequest(jws: string): Promise<ClientRequest> {
  const opened = request(`${victim.url}/v1/sites/shop/events`, {
    method: 'POST', agent: false,
    headers: { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(jws), origin: SHOP_ORIGIN, expect: '100-continue' },
  })
  opened.flushHeaders()
  await once(opened, 'continue')
  return opened
}

/** Resolves once the service takes no new connection. */
async function untilClosed(): Promise<void> {
  const isOpen = () => new Promise<boolean>((resolve) => {
    request(`${victim.url}/healthz`, { agent: false }, (response) => {
      response.resume()
      resolve(true)
    }).on('error', () => resolve(false)).end()
  })
  while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('under load and with idle connections, every accepted request is answered and kept', async () => {
  const keys = await readKeys(victim.url)
  const load = new Load(victim.url)
  let isOver = false
  const work = Array.from({ length: 4 }, () => load.work(() => isOver))
  const idle = new Agent({ keepAlive: true })
  const [response] = (await once(request(`${victim.url}/healthz`, { agent: idle }).end(), 'response')) as [IncomingMessage]
  await text(response)
  const events = await Promise.all(Array.from({ length: ACCEPTED }, async () => (await createDevice()).decide({ analytics: 'given' })))
  const opened = await Promise.all(events.map(openRequest))

  const ended = once(victim.child!, 'exit')
  victim.child!.kill('SIGTERM')
  await untilClosed()
  await Promise.all(opened.map(async (one, i) => {
    const answered = once(one, 'response') as Promise<[IncomingMessage]>
    one.end(events[i])
    const [answer] = await answered
    expect(answer.statusCode).toBe(201)
    load.acknowledged.set(events[i]!, JSON.parse(await text(answer)) as Receipt)
  }))
  expect(await ended).toEqual([0, null])
  isOver = true
  await Promise.all(work)
  idle.destroy()
  expect(load.acknowledged.size).toBeGreaterThan(ACCEPTED)
  await checkNothingIsLost(victim, load, keys)
})

test('a second signal ends it at once', async () => {
  const opened = await openRequest(await (await createDevice()).decide({ analytics: 'given' }))
  opened.on('error', () => {})
  const ended = once(victim.child!, 'exit')
  victim.child!.kill('SIGTERM')
  await untilClosed()
  expect(victim.child!.exitCode).toBe(null)
  victim.child!.kill('SIGTERM')
  expect(await ended).toEqual([130, null])
})
