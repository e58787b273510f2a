// Data stays where the operator says: with its default settings the service opens no connection, sends no datagram, looks up
// no name and starts no program, while a whole visit is made. With a mail server set, the same recorder sees that one alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

const MAIN = join(import.meta.dirname, '../../dist/server/main.js')
const RECORDER = pathToFileURL(join(import.meta.dirname, '../fixtures/only-listens.mjs')).href
const TOKEN = 'a-long-enough-admin-token'

let child: ChildProcess | undefined
let folder: string
afterEach(async () => {
  if (child && child.exitCode === null) {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the service as it is built (npm run build) with these settings. */
async function start(settings: Record<string, string>) {
  folder = mkdtempSync(join(tmpdir(), 'sayso-outgoing-'))
  const outgoing = join(folder, 'outgoing')
  writeFileSync(outgoing, '')
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
  const port = await findFreePort()
  const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SAYSO_')))
  const env = { ...bare, SAYSO_PORT: `${port}`, SAYSO_DATA: join(folder, 'data'), SAYSO_ADMIN_TOKEN: TOKEN, SAYSO_TEST_OUTGOING: outgoing, NODE_OPTIONS: `--import=${RECORDER}`, ...settings }
  const publish = spawn(process.execPath, [MAIN, 'site', 'publish', join(folder, 'site.json')], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  expect((await once(publish, 'exit'))[0]).toBe(0)
  child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  child.stdout!.on('data', (text) => (log += text))
  const url = `http://localhost:${port}`
  while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) {
    if (child.exitCode !== null) throw new Error(`The service ended: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { url, log: () => log, outgoing: () => readFileSync(outgoing, 'utf8').split('\n').filter(Boolean) }
}

/** A banner's decision, an opt-in with an address, its mail, what an auditor and a monitor read. */
async function visit(url: string, isMailSent: () => boolean) {
  const device = await createDevice()
  const ok = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    expect(`${path} ${response.status}`).toMatch(/ 2\d\d$/)
    return response
  }
  const asked = { timeMs: Date.now() }
  await ok('/v1/sites/shop/widget.js')
  await ok('/v1/sites/shop/events', { method: 'POST', headers: { 'content-type': 'application/jose' }, body: await device.decide({ analytics: 'given' }, asked) })
  const jws = await (await createDevice()).decide({ newsletter: 'given' }, { notice: createNotice('contact'), ...asked })
  const json = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
  await ok('/v1/sites/shop/events', { method: 'POST', headers: { ...json, origin: SHOP_ORIGIN }, body: JSON.stringify({ events: [{ jws, contact: { email: 'ada@mail.invalid' } }] }) })
  while (!isMailSent()) await new Promise((resolve) => setTimeout(resolve, 20))
  await ok(`/v1/records/${device.recordId}/export`, { headers: json })
  for (const path of ['/log/shop/checkpoint', '/log/shop/key', '/metrics', '/verify']) await ok(path)
}

test('with default settings nothing leaves the process, mails included', async () => {
  const { url, outgoing } = await start({})
  await visit(url, () => existsSync(join(folder, 'data/mailbox')) && readdirSync(join(folder, 'data/mailbox')).length > 0)
  expect(outgoing()).toEqual([])
})

test('with a mail server set, that server is all that is called', async () => {
  const hangsUp = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => hangsUp.listen(0, '127.0.0.1', resolve))
  const { port } = hangsUp.address() as AddressInfo
  const service = await start({ SAYSO_SMTP_URL: `smtp://127.0.0.1:${port}` })
  await visit(service.url, () => service.outgoing().length > 0)
  expect([...new Set(service.outgoing())]).toEqual([`connect 127.0.0.1 ${port}`])
  hangsUp.close()
})
