// A witness as the logs it watches meet it: what it cosigns, and everything that it does not (C2SP tlog-witness).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Bytes, toBase64, utf8 } from '../../core/bytes.ts'
import { type NoteSigner, parseCheckpoint, signCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { verifyCosignatures } from '../../core/cosignature.ts'
import { sha256 } from '../../core/hash.ts'
import { EMPTY_ROOT, hashLeaf, proveConsistency } from '../../core/tree.ts'
import { TreeHistory } from '../../core/history.ts'
import { openWitnessFile } from '../../server/node/witness-file.ts'
import { createWitness, createWitnessMemory, formatSubmission, type WitnessApp, type WitnessMemory } from '../../server/witness.ts'
import { createLogSigner, createWitnessSigner } from '../fixtures/witness.ts'

const ORIGIN = 'consent.example/log/shop'
const NOW_MS = Date.parse('2026-11-22T10:00:05.000Z')

let folder: string
let logSigner: NoteSigner
let witnessSigner: NoteSigner
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-witness-'))
  logSigner = await createLogSigner(ORIGIN)
  witnessSigner = await createWitnessSigner('witness.example/w1')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A log of numbered leaves; `name` makes it another history. */
function createTree(name = 'leaf', size = 300) {
  const leaves = Array.from({ length: size }, (_, i) => hashLeaf(utf8(`${name} ${i}`)))
  const nodes = new Map<string, Bytes>()
  const read = async (wanted: readonly { level: number; index: number }[]) => Promise.all(wanted.map(async ({ level, index }) => {
    const slot = `${level}/${index}`
    if (!nodes.has(slot)) {
      const history = new TreeHistory()
      for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) history.add(leaf)
      nodes.set(slot, await history.rootAt(2 ** level))
    }
    return nodes.get(slot)!
  }))
  const rootAt = async (at: number) => {
    const history = new TreeHistory()
    for (const leaf of leaves.slice(0, at)) history.add(leaf)
    return history.rootAt(at)
  }
  return {
    rootAt,
    note: async (at: number, signer = logSigner) => signCheckpoint({ origin: signer.key.name, size: at, root: await rootAt(at) }, signer),
    prove: (from: number, to: number) => proveConsistency(from, to, read),
  }
}
const tree = createTree()

async function submission(from: number, to: number, changes: Partial<Parameters<typeof formatSubmission>[0]> = {}): Promise<string> {
  return formatSubmission({ oldSize: from, proof: await tree.prove(from, to), note: await tree.note(to), ...changes })
}

const memories: [string, () => WitnessMemory][] = [
  ['in memory', createWitnessMemory],
  ['in a file', () => openWitnessFile(join(folder, `${crypto.randomUUID()}.db`))],
]

describe.each(memories)('a witness that remembers %s', (_kind, createMemory) => {
  let memory: WitnessMemory
  let witness: WitnessApp
  let lines: string[]
  const post = async (body: string) => {
    const response = await witness.fetch(new Request('https://witness.example/add-checkpoint', { method: 'POST', body }))
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  beforeEach(() => {
    lines = []
    memory = createMemory()
    witness = createWitness({ logs: [logSigner.key], signer: witnessSigner, memory, now: () => NOW_MS, log: (line) => lines.push(line) })
  })

  test('cosigns what it sees first and what continues it, at every shape of tree', async () => {
    for (const [from, to] of [[0, 1], [1, 2], [2, 7], [7, 8], [8, 8], [8, 256], [256, 300]] as const) {
      const { status, text } = await post(await submission(from, to))
      expect({ from, to, status }).toEqual({ from, to, status: 200 })
      const [cosignature] = await verifyCosignatures((await tree.note(to)) + text, [witnessSigner.key])
      expect(cosignature).toEqual({ key: witnessSigner.key, timeSeconds: NOW_MS / 1000, line: text })
    }
  })

  test('cosigns an empty tree, with the one root that it can have', async () => {
    const empty = (root: Bytes) => signCheckpoint({ origin: ORIGIN, size: 0, root }, logSigner)
    expect((await post(formatSubmission({ oldSize: 0, proof: [], note: await empty(sha256(utf8('something'))) }))).status).toBe(422)
    expect((await post(formatSubmission({ oldSize: 0, proof: [], note: await empty(EMPTY_ROOT) }))).status).toBe(200)
    expect((await post(await submission(0, 5))).status).toBe(200)
  })

  test('does not know other logs', async () => {
    const other = await createLogSigner('consent.example/log/other')
    expect((await post(formatSubmission({ oldSize: 0, proof: [], note: await tree.note(5, other) }))).status).toBe(404)
  })

  test('wants the log’s signature, one that holds', async () => {
    const stranger = await createLogSigner(ORIGIN)
    const signedByStranger = await tree.note(5, stranger)
    const forged = (await tree.note(5)).replace(/(.)(==?\n)$/, (_all, last: string, end: string) => `${last === 'A' ? 'Q' : 'A'}${end}`)
    const text = (await tree.note(5)).split('\n\n')[0]!
    const elsewhere = (await tree.note(6)).split('\n\n')[1]!
    for (const note of [signedByStranger, forged, `${text}\n\n${elsewhere}`]) expect((await post(formatSubmission({ oldSize: 0, proof: [], note }))).status).toBe(403)
    // One good and one bad line of the known key: the note is malformed.
    expect((await post(formatSubmission({ oldSize: 0, proof: [], note: (await tree.note(5)) + elsewhere }))).status).toBe(403)
    // A stranger's line beside the log's is passed over.
    expect((await post(formatSubmission({ oldSize: 0, proof: [], note: (await tree.note(5)) + signedByStranger.split('\n\n')[1]! }))).status).toBe(200)
  })

  test('tells the size it has where another was expected, also to who knows nothing', async () => {
    await post(await submission(0, 8))
    for (const [from, to] of [[0, 16], [7, 16], [9, 16]] as const) {
      expect(await post(await submission(from, to))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '8\n' })
    }
    expect((await post(await submission(8, 16))).status).toBe(200)
  })

  test('an old size beyond the checkpoint is nonsense', async () => {
    await post(await submission(0, 8))
    expect((await post(await submission(0, 5, { oldSize: 8 }))).status).toBe(400)
  })

  test('never cosigns a second history, and shows its operator both', async () => {
    await post(await submission(0, 8))
    const other = createTree('forged')
    const split = await post(formatSubmission({ oldSize: 8, proof: [], note: await other.note(8) }))
    const rewritten = await post(formatSubmission({ oldSize: 8, proof: await other.prove(8, 16), note: await other.note(16) }))
    expect([split.status, rewritten.status]).toEqual([422, 422])
    expect(lines.filter((line) => line.startsWith('not cosigned'))).toHaveLength(2)
    expect(lines.at(-1)).toContain(JSON.stringify(await other.note(16)).slice(1, -1))
    expect(await memory.find(ORIGIN)).toMatchObject({ size: 8, root: toBase64(await tree.rootAt(8)) })
  })

  test.each([
    ['a hash changed', (proof: Bytes[]) => proof.map((hash, i) => (i === 0 ? sha256(hash) : hash))],
    ['a hash missing', (proof: Bytes[]) => proof.slice(1)],
    ['a hash too many', (proof: Bytes[]) => [...proof, sha256(utf8('more'))]],
    ['no hash', () => []],
  ])('a proof with %s is refused', async (_, change) => {
    await post(await submission(0, 5))
    expect((await post(await submission(5, 17, { proof: change(await tree.prove(5, 17)) }))).status).toBe(422)
    expect((await memory.find(ORIGIN))!.size).toBe(5)
  })

  test('a proof where none is due is refused', async () => {
    expect((await post(await submission(0, 5, { proof: [sha256(utf8('x'))] }))).status).toBe(422)
    await post(await submission(0, 5))
    expect((await post(await submission(5, 5, { proof: [sha256(utf8('x'))] }))).status).toBe(422)
  })

  test.each([
    ['nothing', () => ''],
    ['no old size', (body: string) => body.replace(/^old \d+\n/, '')],
    ['an old size with a zero before it', (body: string) => body.replace(/^old /, 'old 0')],
    ['an old size below zero', (body: string) => body.replace(/^old /, 'old -')],
    ['an old size that no number holds', (body: string) => body.replace(/^old \d+/, 'old 9999999999999999')],
    ['a proof line that is no hash', (body: string) => body.replace('\n', '\nAAAA\n')],
    ['64 proof lines', (body: string) => body.replace('\n', `\n${`${toBase64(sha256(utf8('x')))}\n`.repeat(64)}`)],
    ['carriage returns', (body: string) => body.replaceAll('\n', '\r\n')],
    ['no empty line', (body: string) => body.replaceAll('\n\n', '\n')],
    ['half a checkpoint', (body: string) => body.slice(0, -40)],
  ])('a body with %s is not a request', async (_, change) => {
    expect((await post(change(await submission(0, 5)))).status).toBe(400)
    expect(await memory.find(ORIGIN)).toBeUndefined()
  })

  test('a body that has no end is not read to it', async () => {
    expect((await post('x'.repeat(100_000))).status).toBe(413)
  })

  test('of several at once only one continuation is cosigned, and what it remembers never goes back', async () => {
    await post(await submission(0, 5))
    const targets = Array.from({ length: 20 }, (_, i) => 6 + i)
    const answers = await Promise.all(targets.map(async (to) => ({ to, ...(await post(await submission(5, to))) })))
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409).map(({ text }) => text)).toEqual(Array.from({ length: 19 }, () => `${won[0]!.to}\n`))
    expect((await memory.find(ORIGIN))!.size).toBe(won[0]!.to)
  })

  test('shows the latest checkpoint that it cosigned, with both signatures and no stranger’s', async () => {
    const hex = [...sha256(utf8(ORIGIN))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const get = () => witness.fetch(new Request(`https://witness.example/${hex}/checkpoint`))
    expect((await get()).status).toBe(404)
    const stranger = (await tree.note(5, await createLogSigner(ORIGIN))).split('\n\n')[1]!
    await post(formatSubmission({ oldSize: 0, proof: [], note: (await tree.note(5)) + stranger }))
    const note = await (await get()).text()
    expect(note).not.toContain(stranger)
    expect(await verifyCheckpoint(note, [logSigner.key])).toEqual(parseCheckpoint(await tree.note(5)))
    expect(await verifyCosignatures(note, [witnessSigner.key])).toHaveLength(1)
    expect((await witness.fetch(new Request('https://witness.example/00/checkpoint'))).status).toBe(404)
  })

  test('says nothing when it could not remember', async () => {
    const broken: WitnessMemory = { find: async () => undefined, replace: async () => Promise.reject(new Error('disk full')) }
    witness = createWitness({ logs: [logSigner.key], signer: witnessSigner, memory: broken, now: () => NOW_MS })
    const { status, text } = await post(await submission(0, 5))
    expect(status).toBe(500)
    expect(text).not.toContain('—')
  })
})

test('after a restart a witness still knows what it cosigned', async () => {
  const path = join(folder, 'restart.db')
  const open = () => {
    const memory = openWitnessFile(path)
    return { memory, witness: createWitness({ logs: [logSigner.key], signer: witnessSigner, memory, now: () => NOW_MS }) }
  }
  const post = async (witness: WitnessApp, body: string) => (await witness.fetch(new Request('https://witness.example/add-checkpoint', { method: 'POST', body }))).status
  const first = open()
  expect(await post(first.witness, await submission(0, 8))).toBe(200)
  first.memory.close()
  const second = open()
  expect(await post(second.witness, await submission(0, 8))).toBe(409)
  expect(await post(second.witness, formatSubmission({ oldSize: 8, proof: [], note: await createTree('forged').note(8) }))).toBe(422)
  second.memory.close()
})
