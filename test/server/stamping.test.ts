// Time stamps against a real authority, openssl's: asked for in the background, served, exported, and checked.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fromBase64, toBase64, utf8 } from '../../core/bytes.ts'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { sha256 } from '../../core/hash.ts'
import { createStampRequest, readStampResponse, verifyStamp } from '../../core/stamp.ts'
import { createMockService } from '../../api-mock/service.ts'
import { formatStampReply } from '../../server/routes/stamp.ts'
import { createStamper } from '../../server/stamping.ts'
import type { Voucher } from '../../server/voucher.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createSite } from '../fixtures/site.ts'
import { createTsa, hasOpenssl, type Tsa } from '../fixtures/tsa.ts'

const isPossible = hasOpenssl()
if (!isPossible) console.warn('SKIPPED: this machine has no openssl, so time stamps are not tried against a real authority.')

const NONCE = Uint8Array.of(0x41, 2, 3, 4, 5, 6, 7, 8)
const TEXT = 'consent.example/log/shop\n5\n…\n'

describe.skipIf(!isPossible)('a stamp', () => {
  const tsas: Tsa[] = []
  let tsa: Tsa
  let token: Uint8Array<ArrayBuffer>
  const make = (options?: Parameters<typeof createTsa>[0]) => {
    const made = createTsa(options)
    tsas.push(made)
    return made
  }
  const ask = async (from: Tsa, text = TEXT) => {
    const response = await from.answer(new Request('https://tsa.example', { method: 'POST', body: createStampRequest(text, NONCE) }))
    return new Uint8Array(await response.arrayBuffer())
  }
  const stampBy = async (from: Tsa) => readStampResponse(await ask(from), TEXT, NONCE).token
  beforeAll(async () => {
    tsa = make()
    token = await stampBy(tsa)
  })
  afterAll(() => tsas.forEach((one) => one.close()))

  test.each([
    ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'sha256'],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'sha384'],
    ['RSA', ['-newkey', 'rsa:2048'], 'sha512'],
  ])('by an authority with a %s key holds, here and for openssl', { timeout: 60_000 }, async (_, key, digest) => {
    const own = make({ key, digest })
    const response = await ask(own)
    const { token: fresh, timeMs } = readStampResponse(response, TEXT, NONCE)
    expect(await verifyStamp(fresh, TEXT, [tsa.certificate, own.certificate])).toEqual({ timeMs })
    expect(own.readTime(response)).toBe(timeMs)
    expect(own.verify(TEXT, formatStampReply(fresh))).toMatchObject({ status: 0 })
  })

  test('of another text is refused', async () => {
    await expect(verifyStamp(token, `${TEXT}x`, [tsa.certificate])).rejects.toMatchObject({ code: 'stamp_invalid' })
  })

  test('by another authority of the same name is refused, whatever certificate it brings along', async () => {
    const imposter = make()
    await expect(verifyStamp(await stampBy(imposter), TEXT, [tsa.certificate])).rejects.toThrow('not signed by a given authority')
    await expect(verifyStamp(token, TEXT, [])).rejects.toThrow('not signed by a given authority')
  })

  // Bytes of the certificate that it carries along are nobody's proof: what counts is the one that the auditor brings.
  test('with a byte of its signature, its time or the hash that it is about changed is refused', async () => {
    const indexOfHash = Buffer.from(token).indexOf(sha256(utf8(TEXT)))
    expect(indexOfHash).toBeGreaterThan(0)
    for (const at of [token.length - 1, indexOfHash, indexOfTime(token)]) {
      const forged = token.slice()
      forged[at]! ^= 1
      await expect(verifyStamp(forged, TEXT, [tsa.certificate]), `byte ${at}`).rejects.toMatchObject({ code: 'stamp_invalid' })
    }
  })

  test('that is cut off, longer than it says, or no stamp at all is refused', async () => {
    const extended = new Uint8Array([...token, 0])
    for (const bytes of [token.slice(0, 100), extended, new Uint8Array(), utf8('a letter'), tsa.certificate]) {
      await expect(verifyStamp(bytes, TEXT, [tsa.certificate])).rejects.toMatchObject({ code: 'stamp_invalid' })
    }
  })

  test('by a certificate whose time is over is refused', async () => {
    await expect(verifyStamp(token, TEXT, [utf8('no certificate')])).rejects.toMatchObject({ code: 'stamp_invalid' })
    const { certificate } = tsa
    const expired = certificate.slice()
    // notAfter is the second time of the certificate: the year becomes one before the stamp.
    const times = [...expired.keys()].filter((i) => expired[i] === 0x17 && expired[i + 1] === 13)
    expired.set(utf8('20'), times[0]! + 2)
    expired.set(utf8('21'), times[1]! + 2)
    await expect(verifyStamp(token, TEXT, [expired])).rejects.toThrow('was not valid at the time')
  })

  test('by a certificate that was made for something else is refused', async () => {
    const forServers = tsa.certificate.slice()
    const purpose = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08]
    const at = forServers.findIndex((_, i) => purpose.every((byte, j) => forServers[i + j] === byte))
    forServers[at + purpose.length - 1] = 0x01
    await expect(verifyStamp(token, TEXT, [forServers])).rejects.toThrow('not made for time stamping')
  })

  test('an answer to another request, or a refusal, is no stamp', async () => {
    const response = await ask(tsa)
    expect(() => readStampResponse(response, TEXT, Uint8Array.of(1))).toThrow('another request')
    expect(() => readStampResponse(response, 'another text', NONCE)).toThrow('another text')
    expect(() => readStampResponse(Uint8Array.of(0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02), TEXT, NONCE)).toThrow('status 2')
  })
})

/** Where the last digit of the stamp's time stands: GeneralizedTime, 15 characters. */
function indexOfTime(token: Uint8Array): number {
  return token.findIndex((byte, i) => byte === 0x18 && token[i + 1] === 15) + 2 + 13
}

describe.skipIf(!isPossible)('stamping', () => {
  let tsa: Tsa
  let fixture: LedgerFixture
  let device: Device
  let lines: string[]
  let answer: (request: Request) => Response | Promise<Response>
  let asked: number
  let stamper: Voucher
  beforeAll(() => {
    tsa = createTsa()
  })
  afterAll(() => tsa.close())
  beforeEach(async () => {
    fixture = await createLedgerFixture()
    device = await createDevice()
    lines = []
    asked = 0
    answer = tsa.answer
    stamper = createStamper({
      store: fixture.store, url: 'https://tsa.example/', everyMs: 3_600_000, now: () => fixture.clock.nowMs, log: (line) => lines.push(line), pauseMs: 0, timeoutMs: 600_000,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      fetch: async (input, init) => {
        asked += 1
        expect(init?.redirect).toBe('error')
        return answer(new Request(input, init))
      },
    })
  })
  afterEach(() => stamper.close())
  const wake = async () => {
    stamper.wake('shop')
    await stamper.settle()
  }

  test('stamps the newest checkpoint, and the next one not before the time is over', async () => {
    await wake()
    const stamp = (await fixture.store.findStamp('shop'))!
    const note = (await fixture.store.findCheckpoint('shop', stamp.size))!.note
    await expect(verifyStamp(fromBase64(stamp.token)!, note, [tsa.certificate])).resolves.toBeDefined()
    await fixture.record(await device.decide({ analytics: 'given' }))
    await wake()
    expect(asked).toBe(1)
    fixture.clock.nowMs += 3_600_000
    await wake()
    expect((await fixture.store.findStamp('shop'))!.size).toBe(stamp.size + 1)
    fixture.clock.nowMs += 3_600_000
    await wake()
    expect(asked).toBe(2)
    expect(lines).toEqual([])
  })

  test('what was stamped and its stamp are served as openssl reads them', async () => {
    await wake()
    const { app } = await createMockService({ sites: [createSite()], store: fixture.store })
    const get = (path: string) => app.fetch(new Request(`https://consent.example${path}`))
    const text = await (await get('/log/shop/stamped')).text()
    const reply = await get('/log/shop/stamped.tsr')
    expect(reply.headers.get('content-type')).toBe('application/timestamp-reply')
    expect(parseCheckpoint(text).size).toBe(5)
    expect(tsa.verify(text, new Uint8Array(await reply.arrayBuffer()))).toMatchObject({ status: 0 })
    expect((await get('/log/nowhere/stamped')).status).toBe(404)
  })

  test.each<[string, () => Response | Promise<Response>]>([
    ['is down', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', () => new Response('', { status: 500 })],
    ['answers with a page', () => new Response('<html>')],
    ['answers without end', () => new Response('x'.repeat(100_000))],
    ['stamps something else', async () => tsa.answer(new Request('https://tsa.example', { method: 'POST', body: createStampRequest('something else', NONCE) }))],
  ])('of an authority that %s nothing is kept; it is asked again some minutes later', async (_, lie) => {
    answer = lie
    await wake()
    await wake()
    expect(asked).toBe(1)
    expect(await fixture.store.findStamp('shop')).toBeUndefined()
    expect(lines).toEqual([expect.stringContaining('gave no stamp for shop at 5')])
    answer = tsa.answer
    fixture.clock.nowMs += 300_000
    await wake()
    expect(await fixture.store.findStamp('shop')).toBeDefined()
  })

  test('a receipt does not wait for an authority that never answers', async () => {
    answer = (request) => new Promise((_resolve, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason as Error)))
    fixture.ledger.watch((site) => stamper.wake(site))
    const results = [await fixture.record(await device.decide({ analytics: 'given' })), await fixture.record(await device.decide({ analytics: 'withdrawn' }))]
    expect(results.flat()).toMatchObject([{ status: 201 }, { status: 201 }])
    await stamper.close()
    expect(toBase64(utf8(lines.join()))).toBe('')
  })
})
