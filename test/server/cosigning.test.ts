// The service and its witnesses: what is asked, what is kept, and that no witness ever stands between a visitor and a receipt.
import { beforeEach, describe, expect, test } from 'vitest'
import { formatNoteKey, type NoteSigner, parseCheckpoint, parseNoteKey, verifyCheckpoint } from '../../core/checkpoint.ts'
import { cosign, verifyCosignatures } from '../../core/cosignature.ts'
import { createMockService } from '../../api-mock/service.ts'
import { createCosigner, parseWitnesses, type Witness } from '../../server/cosigning.ts'
import type { Voucher } from '../../server/voucher.ts'
import { createWitness, createWitnessMemory, type WitnessMemory } from '../../server/witness.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'
import { createWitnessSigner } from '../fixtures/witness.ts'

type Answer = (request: Request) => Response | Promise<Response>

/** Never answers, and gives up only when its caller does. */
const hang: Answer = (request) => new Promise((_resolve, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason as Error)))

let fixture: LedgerFixture
let device: Device
let lines: string[]
let hosts: Map<string, Answer>
let requests: string[]

const fetchHosts: typeof fetch = async (input, init) => {
  const request = new Request(input, init)
  requests.push(await request.clone().text())
  expect(init?.redirect).toBe('error')
  return hosts.get(new URL(request.url).host)!(request)
}

beforeEach(async () => {
  fixture = await createLedgerFixture()
  device = await createDevice()
  lines = []
  hosts = new Map()
  requests = []
})

const decide = async () => fixture.record(await device.decide({ analytics: 'given' }))
const served = () => fixture.ledger.checkpoint('shop')

async function addWitness(name: string, answer?: (signer: NoteSigner) => Answer): Promise<{ witness: Witness; signer: NoteSigner; memory: WitnessMemory }> {
  const signer = await createWitnessSigner(`${name}.example`)
  const memory = createWitnessMemory()
  const app = createWitness({ logs: fixture.keys, signer, memory, now: () => fixture.clock.nowMs })
  hosts.set(`${name}.example`, answer?.(signer) ?? app.fetch)
  return { witness: { key: signer.key, url: `https://${name}.example` }, signer, memory }
}

function start(...witnesses: Witness[]): Voucher {
  return createCosigner({ store: fixture.store, witnesses, fetch: fetchHosts, now: () => fixture.clock.nowMs, log: (line) => lines.push(line), pauseMs: 0, timeoutMs: 600_000 })
}

async function cosignersOf(note: string, witnesses: readonly Witness[]): Promise<string[]> {
  return (await verifyCosignatures(note, witnesses.map(({ key }) => key))).map(({ key }) => key.name)
}

describe('cosigning', () => {
  test('the newest checkpoint is served with a line of each witness, and still with the log’s own', async () => {
    const witnesses = [(await addWitness('w1')).witness, (await addWitness('w2')).witness]
    const cosigner = start(...witnesses)
    expect(await cosignersOf(await served(), witnesses)).toEqual([])
    for (let i = 0; i < 3; i += 1) {
      await decide()
      cosigner.wake('shop')
      await cosigner.settle()
      expect((await cosignersOf(await served(), witnesses)).sort()).toEqual(['w1.example', 'w2.example'])
      expect(await verifyCheckpoint(await served(), fixture.keys)).toEqual(parseCheckpoint(await served()))
    }
    expect(lines).toEqual([])
    // The first time it asks from nothing, later from what the witness has.
    expect(requests.map((body) => body.split('\n')[0])).toEqual(['old 0', 'old 0', 'old 6', 'old 6', 'old 7', 'old 7'])
  })

  test('a log of accesses is cosigned like any other, by a witness that was given its key', async () => {
    const signer = await createWitnessSigner('w1.example')
    const asked: string[] = []
    const voucher: Voucher = { wake: (log) => void asked.push(log), settle: async () => {}, close: async () => {} }
    const { app, store } = await createMockService({ sites: [createSite()], vouchers: [voucher], adminToken: 'a-long-enough-admin-token', now: () => fixture.clock.nowMs })
    const read = () => app.fetch(new Request('https://consent.example/v1/sites/shop/contacts', { headers: { authorization: 'Bearer a-long-enough-admin-token' } }))
    await read()
    expect(asked).toEqual(['shop', 'shop.access'])
    await app.vouch()
    expect(asked).toEqual(['shop', 'shop.access', 'shop', 'shop.access'])
    const logs = (await app.ledger.vkeys('shop.access')).map(parseNoteKey)
    hosts.set('w1.example', createWitness({ logs, signer, memory: createWitnessMemory(), now: () => fixture.clock.nowMs }).fetch)
    const cosigner = createCosigner({ store, witnesses: [{ key: signer.key, url: 'https://w1.example' }], fetch: fetchHosts, now: () => fixture.clock.nowMs, log: (line) => lines.push(line), pauseMs: 0 })
    for (let i = 0; i < 2; i += 1) {
      await read()
      cosigner.wake('shop.access')
      await cosigner.settle()
      const note = await (await app.fetch(new Request('https://consent.example/log/shop.access/checkpoint'))).text()
      expect((await verifyCosignatures(note, [signer.key])).map(({ key }) => key.name)).toEqual(['w1.example'])
    }
    expect([lines, requests.map((body) => body.split('\n')[0])]).toEqual([[], ['old 0', 'old 3']])
  })

  test('a checkpoint that is cosigned is not asked about again', async () => {
    const { witness } = await addWitness('w1')
    const cosigner = start(witness)
    for (let i = 0; i < 3; i += 1) {
      cosigner.wake('shop')
      await cosigner.settle()
    }
    expect(requests).toHaveLength(1)
  })

  test('a witness that has seen more or less than thought tells its size, and is asked from there', async () => {
    const { witness } = await addWitness('w1')
    const before = start(witness)
    before.wake('shop')
    await before.settle()
    await decide()
    // A restart forgets what the witness has.
    const after = start(witness)
    after.wake('shop')
    await after.settle()
    expect(requests.map((body) => body.split('\n')[0])).toEqual(['old 0', 'old 0', 'old 5'])
    expect(await cosignersOf(await served(), [witness])).toEqual(['w1.example'])
  })

  test('a log that went back to an older copy is said aloud, and gets no cosignature', async () => {
    const { witness, memory } = await addWitness('w1')
    const { origin } = parseCheckpoint(await served())
    await memory.replace(origin, undefined, { size: 400, root: 'root', note: 'note' })
    const cosigner = start(witness)
    cosigner.wake('shop')
    await cosigner.settle()
    expect(await cosignersOf(await served(), [witness])).toEqual([])
    expect(lines).toEqual([expect.stringContaining('it has seen 400 leaves of this log, which has 5')])
  })

  test('a receipt and the service’s end do not wait for a witness that never answers; the other one’s line is there', async () => {
    const hanging = await addWitness('hanging', () => hang)
    const { witness } = await addWitness('w1')
    const cosigner = start(hanging.witness, witness)
    fixture.ledger.watch((site) => cosigner.wake(site))
    const [first] = await decide()
    const [second] = await decide()
    expect([first, second]).toMatchObject([{ status: 201 }, { status: 201 }])
    await expect.poll(async () => (await fixture.store.findCosignedSize('shop', 1)) !== undefined, { timeout: 4000 }).toBe(true)
    await cosigner.close()
    expect(lines).toEqual([])
  })

  test('the app answers a visitor with a receipt while its witness hangs', async () => {
    const { witness } = await addWitness('hanging', () => hang)
    const cosigner = createCosigner({ store: fixture.store, witnesses: [witness], fetch: fetchHosts, now: Date.now, log: () => {} })
    const { app } = await createMockService({ sites: [createSite()], store: fixture.store, vouchers: [cosigner] })
    await app.vouch()
    const response = await app.fetch(new Request('https://consent.example/v1/sites/shop/events', { method: 'POST', body: await device.decide({ analytics: 'given' }), headers: { origin: SHOP_ORIGIN } }))
    expect(response.status).toBe(201)
    await expect.poll(() => requests.length, { timeout: 4000 }).toBeGreaterThan(0)
    expect((await app.fetch(new Request('https://consent.example/log/shop/checkpoint'))).status).toBe(200)
    await app.close()
  })

  const liars: [string, (signer: NoteSigner) => Answer][] = [
    ['is down', () => () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', () => () => new Response('', { status: 500 })],
    ['answers with a page', () => () => new Response('<html>')],
    ['signs something else', (signer) => async () => new Response(await cosign('consent.example/log/shop\n9\nAAAA\n\n— x AAAAAAAA\n', 1, signer))],
    ['signs with another key', () => async (request) => new Response(await cosign((await request.text()).split('\n\n').slice(1).join('\n\n'), 1, await createWitnessSigner('lying.example')))],
    ['moves the end of the text that it signs', (signer) => async (request) => {
      const note = (await request.text()).split('\n\n').slice(1).join('\n\n')
      const more = '— x AAAAAAAA\n\n'
      return new Response(`${more}${await cosign(`${note}${more}— x AAAAAAAA\n`, 1, signer)}`)
    }],
    ['answers without end', () => () => new Response('— x AAAAAAAA\n'.repeat(10_000))],
    ['says another size each time', () => {
      let size = 0
      return () => new Response(`${(size += 1)}\n`, { status: 409, headers: { 'content-type': 'text/x.tlog.size' } })
    }],
    ['answers 409 with nonsense', () => () => new Response('many\n', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } })],
  ]

  test.each(liars)('of a witness that %s nothing is kept, and it is asked again only later', async (_, answer) => {
    const { witness } = await addWitness('lying', answer)
    const cosigner = start(witness)
    const wake = async () => {
      cosigner.wake('shop')
      await cosigner.settle()
    }
    await wake()
    expect(await fixture.store.readCosignatures('shop', 5)).toEqual([])
    expect(lines).toEqual([expect.stringMatching(/^witness lying\.example did not cosign shop at 5 \(.+\); asked again in 5 s at the earliest$/)])
    const asked = requests.length
    await wake()
    expect(requests).toHaveLength(asked)
    fixture.clock.nowMs += 5000
    await wake()
    expect(requests.length).toBeGreaterThan(asked)
    expect(lines).toHaveLength(2)
  })

  test('a witness that comes back cosigns what is newest then', async () => {
    const { witness, signer, memory } = await addWitness('w1', () => () => new Response('', { status: 503 }))
    const cosigner = start(witness)
    cosigner.wake('shop')
    await cosigner.settle()
    hosts.set('w1.example', createWitness({ logs: fixture.keys, signer, memory, now: () => fixture.clock.nowMs }).fetch)
    await decide()
    fixture.clock.nowMs += 5000
    cosigner.wake('shop')
    await cosigner.settle()
    expect(await fixture.store.findCosignedSize('shop', 1)).toBe(6)
  })
})

describe('the list of witnesses', () => {
  test('is a key and an address a line; comments and empty lines are for people', async () => {
    const [a, b] = [await createWitnessSigner('a.example'), await createWitnessSigner('b.example')]
    expect(parseWitnesses(`# ours\n${formatNoteKey(a.key)} https://a.example/witness/\n\n  ${formatNoteKey(b.key)}\thttp://127.0.0.1:9000\n`)).toEqual([
      { key: a.key, url: 'https://a.example/witness' }, { key: b.key, url: 'http://127.0.0.1:9000' },
    ])
  })

  test.each([
    ['no address', (vkey: string) => vkey],
    ['an address that is none', (vkey: string) => `${vkey} witness.example`],
    ['a file as address', (vkey: string) => `${vkey} file:///etc/passwd`],
    ['a password in the address', (vkey: string) => `${vkey} https://me:secret@witness.example`],
    ['a query', (vkey: string) => `${vkey} https://witness.example/?x=1`],
    ['a key with a wrong hash', (vkey: string) => `${vkey.replace(/\+[\da-f]{8}\+/, '+00000000+')} https://witness.example`],
    ['a key twice', (vkey: string) => `${vkey} https://witness.example\n${vkey} https://other.example`],
  ])('with %s is refused before the service starts, and the line is named', async (_, write) => {
    const { key } = await createWitnessSigner('a.example')
    expect(() => parseWitnesses(write(formatNoteKey(key)))).toThrow(/SAYSO_WITNESSES, line [12]/)
  })

  test('with the key of a log is refused', () => {
    expect(() => parseWitnesses(`${formatNoteKey(fixture.keys[0]!)} https://witness.example`)).toThrow('Not a witness’s verification key')
  })
})
