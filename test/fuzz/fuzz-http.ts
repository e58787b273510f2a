// Requests that nobody sends by accident, at the service over SQLite: none is answered 5xx, none hangs, every
// answer carries its headers and is one that the OpenAPI document lists, and afterwards the log is whole. 100,000 in all, one half
// beside the other; SAYSO_FUZZ_REQUESTS is another number, SAYSO_FUZZ_SEED sends others (keys and tokens are new each time).
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessLogOf } from '../../core/access.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import { verifyExport } from '../../core/verify.ts'
import { exportAccesses, exportSite } from '../../server/export.ts'
import { createDocument } from '../../server/openapi/document.ts'
import { createCompressor } from '../../server/node/compress.ts'
import { type Listening, listen } from '../../server/node/http.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { type AnswerCheck, createAnswerCheck } from '../contract/answer-check.ts'
import { ADMIN_TOKEN, createMaterial, type Material } from './material.ts'
import { createRequests, type FuzzRequest } from './requests.ts'

const SEED = Number(process.env['SAYSO_FUZZ_SEED'] ?? 20261126)
/** Of each half. */
const REQUESTS = Math.ceil(Number(process.env['SAYSO_FUZZ_REQUESTS'] ?? 100_000) / 2)
/** How many of them go over sockets. */
const OVER_SOCKETS = Math.ceil(REQUESTS / 20)
/** Whoever waits longer than this was forgotten. */
const HANG_MS = 30_000

/** Describes one half; another `half` sends others. */
export function describeFuzz(half: number): void {
  const seed = SEED + half

  describe(`fuzzing, half ${half}`, () => {
    let folder: string
    let store: Store
    let material: Material
    let server: Listening
    let requests: fc.Arbitrary<FuzzRequest>
    let checkpoint: string
    let answers: AnswerCheck
    const compress = createCompressor()
    const statuses = new Map<number, number>()

    async function answer(request: Request): Promise<Response> {
      const response = await material.service.app.fetch(request, { ip: '192.0.2.1' })
      await answers.check(request, response.clone())
      return compress(request, response)
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sayso-fuzz-'))
      store = createSqlStore(await openSqlite(join(folder, 'sayso.db')))
      server = await listen(0, answer)
      answers = createAnswerCheck(createDocument({ baseUrl: `http://localhost:${server.port}`, isMetricsRouted: true }))
      material = await createMaterial(store, `http://localhost:${server.port}`)
      const { app } = material.service
      requests = createRequests(app.routes, material)
      checkpoint = await app.ledger.checkpoint('shop')
    })

    afterAll(async () => {
      await server.close()
      await material.service.app.close()
      await store.close()
      rmSync(folder, { recursive: true })
    })

    async function withinReason<T>(work: Promise<T>): Promise<T> {
      let timer: NodeJS.Timeout | undefined
      const hang = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error('no answer: it hangs')), HANG_MS)))
      return Promise.race([work, hang]).finally(() => clearTimeout(timer))
    }

    function checkAnswer(status: number, headers: Headers, text: string): void {
      expect(status).toBeLessThan(500)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cross-origin-resource-policy')).not.toBeNull()
      const policy = headers.get('content-security-policy')
      if (!/^(?:text\/(?:javascript|css)|application\/octet-stream)/.test(headers.get('content-type') ?? '')) expect(policy).toContain("default-src 'none'")
      expect(policy ?? '').not.toContain('unsafe-')
      expect(text).not.toMatch(/SQLITE_|\n {4}at |node_modules|sayso\.db/)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }

    test(`${REQUESTS - OVER_SOCKETS} requests in process`, { timeout: 15 * 60_000 }, async () => {
      await fc.assert(fc.asyncProperty(requests, async ({ method, path, headers, body }) => {
        // What no URL or header can say is sent over sockets, below.
        const request = new Request(new URL(path, material.service.baseUrl), { method, headers, ...(body === undefined ? {} : { body }) })
        const response = await withinReason(answer(request))
        checkAnswer(response.status, response.headers, await withinReason(response.text()))
      }), { seed, numRuns: REQUESTS - OVER_SOCKETS, endOnFailure: true })
    })

    /** Sends bytes as they are, ends its side, and reads to the end. */
    function sendRaw(bytes: Buffer): Promise<string> {
      return new Promise((resolve, reject) => {
        let text = ''
        const socket = connect({ port: server.port, host: 'localhost' })
        socket.setEncoding('latin1')
        socket.on('data', (piece) => void (text += String(piece)))
        socket.on('close', () => resolve(text))
        socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(text) : reject(error)))
        socket.end(bytes)
      })
    }

    test(`${OVER_SOCKETS} requests over sockets, spelled as no client would`, { timeout: 15 * 60_000 }, async () => {
      const bend = fc.record({ place: fc.nat(2000), piece: fc.constantFrom('', '', '', '\0', '\r\n', '\n', ' ', '%', '/../', '\t', '\x80', ': ', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 3\r\n', 'Host: evil.example\r\n', '0\r\n\r\n') })
      await fc.assert(fc.asyncProperty(requests, bend, async ({ method, path, headers, body }, { place, piece }) => {
        const content = Buffer.from(body ?? '')
        const lines = Object.entries({ host: 'localhost', connection: 'close', 'content-length': String(content.length), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
        const head = `${method} ${path || '/'} HTTP/1.1\r\n${lines.join('')}\r\n`
        const at = place % head.length
        const text = await withinReason(sendRaw(Buffer.concat([Buffer.from(head.slice(0, at) + piece + head.slice(at), 'latin1'), content])))
        // A connection may be closed without a word; what is said is no fault of the service's own.
        const status = Number(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
        expect(status, text.slice(0, 300)).toBeLessThan(500)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }), { seed, numRuns: OVER_SOCKETS, endOnFailure: true })
    })

    test('afterwards the service works, kept its secrets, and its log is whole', { timeout: 120_000 }, async () => {
      const { app } = material.service
      const expected = REQUESTS >= 20_000 ? [200, 201, 303, 401, 403, 404, 405, 413, 415, 422] : [200, 401, 403, 404, 415, 422]
      expect([...statuses.keys()], JSON.stringify([...statuses])).toEqual(expect.arrayContaining(expected))
      console.log(`answers by status: ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status || 'none'}: ${count}`).join(', ')}`)
      expect((await answer(new Request(`${material.service.baseUrl}/readyz`))).status).toBe(200)
      expect(material.lines.filter((line) => line.includes(ADMIN_TOKEN) || material.params['token']!.some((token) => token.length === 43 && line.includes(token)))).toEqual([])
      expect(Object.keys(Object.prototype)).toEqual([])
      const before = await store.readHead('shop')
      for (const site of ['shop', 'other']) {
        const trust = { keys: (await app.ledger.vkeys(site)).map(parseNoteKey), earlierCheckpoints: site === 'shop' ? [checkpoint] : [] }
        expect((await verifyExport(splitLines(exportSite(site, { store, ledger: app.ledger })), trust)).findings).toEqual([])
      }
      expect(before.size).toBeGreaterThan(20)
      for (const site of ['shop', 'other']) {
        const trust = { keys: (await app.ledger.vkeys(accessLogOf(site))).map(parseNoteKey) }
        expect((await verifyExport(splitLines(exportAccesses(site, { store, ledger: app.ledger })), trust)).findings).toEqual([])
      }
      expect((await store.readHead(accessLogOf('shop'))).size).toBeGreaterThan(20)
    })
  })
}
