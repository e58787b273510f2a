import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64 } from '../../core/bytes.ts'
import { parseCheckpoint, parseNoteKey } from '../../core/checkpoint.ts'
import { createMemoryColumn } from '../../core/column.ts'
import { hashEvent } from '../../core/event.ts'
import { splitLines } from '../../core/export.ts'
import { hashJson } from '../../core/hash.ts'
import { formatLeaf, parseLeaf } from '../../core/leaf.ts'
import { readLines as readLinesHere, type ReadLines } from '../../core/read-line.ts'
import type { Report } from '../../core/report.ts'
import { verifyExport } from '../../core/verify.ts'
import { exportRecord, exportSite } from '../../server/export.ts'
import { checkSignatureHere } from '../../server/node/check-signature.ts'
import { packReadings, unpackReadings } from '../../server/node/pack-readings.ts'
import { createColumnFolder } from '../../server/node/column-file.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice } from '../fixtures/site.ts'

// A line of an export, loosely: the tests below falsify every part of it.
type Line = Record<string, any>

let fixture: LedgerFixture
let device: Device
let genuine: Line[]
let earlier: string

const collect = async (pieces: AsyncIterable<string>): Promise<Line[]> => {
  const lines: Line[] = []
  for await (const line of splitLines(pieces)) lines.push(JSON.parse(line) as Line)
  return lines
}

async function* write(lines: readonly unknown[]): AsyncGenerator<string> {
  for (const line of lines) yield typeof line === 'string' ? line : JSON.stringify(line)
}

const audit = (lines: readonly unknown[], trust: Partial<Parameters<typeof verifyExport>[1]> = {}): Promise<Report> =>
  verifyExport(write(lines), { keys: fixture.keys, ...trust })
const codesOf = (report: Report) => [...new Set(report.findings.map((finding) => finding.code))]

beforeAll(async () => {
  fixture = await createLedgerFixture()
  device = await createDevice()
  await fixture.record(await device.decide({ analytics: 'given', video: 'refused' }))
  earlier = await fixture.ledger.checkpoint('shop')
  const { origin, size, root } = parseCheckpoint(earlier)
  await fixture.record(await device.decide({ analytics: 'withdrawn' }, { timeMs: Date.parse('2026-11-22T10:00:01.000Z'), log_anchor: { origin, size, root: toBase64(root) } }))
  const other = await createDevice()
  await fixture.record(await other.sign(other.draft({ advertising: 'given' }), 'ephemeral'))
  const contact = await createDevice()
  const { read, ...rest } = { read: await fixture.ledger.attest(contact.draft({ newsletter: 'given' }, {
    notice: createNotice('contact'), source: { channel: 'preference-center', action: 'Save', url: 'https://consent.example/p/open', build: null },
  }), 'shop') }
  await fixture.ledger.record('shop', [{ read, ...rest }])
  genuine = await collect(exportSite('shop', fixture))
})

const copy = (): Line[] => structuredClone(genuine)
// Line 0 is the header; leaf i stands on line i + 1. Leaves: 0 key, 1-4 notices, 5-8 events.
const lineOf = (lines: Line[], index: number): Line => lines[index + 1]!

describe('the audit of a genuine export', () => {
  it('finds nothing, and counts events by attestation', async () => {
    const report = await audit(genuine, { earlierCheckpoints: [earlier] })
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ isValid: true, kind: 'site', origin: 'consent.example/log/shop', leaves: 9, events: { device: 2, ephemeral: 1, server: 1 } })
  })

  it('finds nothing in a record either, and says what it cannot see', async () => {
    const lines = await collect(exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture))
    const report = await audit(lines)
    expect(report.findings).toEqual([])
    expect(report.remarks.map((remark) => remark.code)).toContain('record_only')
    expect(lines[0]!.claimed_state.purposes).toEqual({ analytics: 'withdrawn', video: 'refused' })
    lines[0]!.claimed_state.purposes.analytics = 'given'
    expect(codesOf(await audit(lines))).toEqual(['claimed_state'])
  })

  it('remarks on clocks that were off and on forks, without calling them wrong', async () => {
    const own = await createLedgerFixture()
    const late = await createDevice()
    await own.record(await late.sign(late.draft({ analytics: 'given' }, { timeMs: Date.parse('2026-10-01T10:00:00.000Z') })))
    await own.record(await late.sign(late.draft({ analytics: 'refused' }, { timeMs: Date.parse('2026-11-22T11:00:00.000Z') })))
    const report = await audit(await collect(exportSite('shop', own)), { keys: own.keys })
    expect(report.isValid).toBe(true)
    expect(report.remarks.map((remark) => remark.code)).toEqual(['sent_late', 'clock_ahead', 'fork'])
  })
})

/** Rewrites the leaf of a changed body, as somebody would who controls the file but not the log's key. */
function rehash(lines: Line[], index: number, hash: string): void {
  const line = lineOf(lines, index)
  line.leaf = formatLeaf({ ...parseLeaf(line.leaf), hash })
}

function changeEvent(jws: string, change: (payload: Line) => void): string {
  const [header, payload, signature] = jws.split('.')
  const event = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Line
  change(event)
  return [header, Buffer.from(JSON.stringify(event)).toString('base64url'), signature].join('.')
}

describe('the audit of a forged export names what is wrong', () => {
  it.each<[string, (lines: Line[]) => unknown[] | void, string[]]>([
    ['a changed statement', (lines) => {
      lineOf(lines, 5).event = changeEvent(lineOf(lines, 5).event, (event) => (event.decisions[0].statement_text = 'Send me everything.'))
    }, ['signature', 'event_hash', 'prev_event_hash']],
    ['a changed decision', (lines) => {
      lineOf(lines, 6).event = changeEvent(lineOf(lines, 6).event, (event) => (event.decisions[0].event_state = 'given'))
    }, ['signature', 'event_hash']],
    ['a changed decision with its leaf adjusted', (lines) => {
      lineOf(lines, 6).event = changeEvent(lineOf(lines, 6).event, (event) => (event.decisions[0].event_state = 'given'))
      rehash(lines, 6, hashEvent(lineOf(lines, 6).event))
    }, ['signature', 'root']],
    ['a withdrawal removed with its leaf', (lines) => lines.filter((line) => line.index !== 6), ['order', 'leaf_count', 'size']],
    ['a withdrawal removed and the rest renumbered', (lines) => {
      const rest = lines.filter((line) => line.index !== 6)
      for (const line of rest.slice(7)) if ('index' in line) line.index -= 1
      rest.at(-1)!.leaves -= 1
      return rest
    }, ['size']],
    ['an event removed, its leaf kept', (lines) => void delete lineOf(lines, 6).event, ['missing_body']],
    ['an event said to be erased, which no leaf records', (lines) => {
      delete lineOf(lines, 6).event
      lineOf(lines, 6).erased = true
    }, ['erased_unrecorded']],
    ['two leaves swapped', (lines) => {
      const [a, b] = [lineOf(lines, 7), lineOf(lines, 8)]
      ;[a.index, b.index] = [b.index, a.index]
      lines.splice(8, 2, b, a)
    }, ['root']],
    ['a notice with other words', (lines) => void (lineOf(lines, 1).notice.purposes[1].statement_text = 'Nothing at all.'), ['notice_hash', 'notice_before_event']],
    ['a notice with other words and its leaf adjusted', (lines) => {
      lineOf(lines, 1).notice.purposes[1].statement_text = 'Nothing at all.'
      rehash(lines, 1, hashJson(lineOf(lines, 1).notice))
    }, ['notice_before_event', 'log_anchor', 'root']],
    ['a notice logged after the event', (lines) => {
      const [notice] = lines.splice(2, 1)
      lines.splice(9, 0, notice!)
      for (const [i, line] of lines.slice(1, 10).entries()) line.index = i
    }, ['notice_before_event', 'log_anchor', 'root']],
    ['a file cut off', (lines) => lines.slice(0, -1), ['cut_off']],
    ['a leaf count that lies', (lines) => void (lines.at(-1)!.leaves = 5), ['leaf_count']],
    ['lines after the end', (lines) => [...lines, lines[3]], ['after_end']],
    ['a back-dated leaf', (lines) => {
      const line = lineOf(lines, 8)
      line.leaf = formatLeaf({ ...parseLeaf(line.leaf), received_at: '2025-01-01T00:00:00.000Z' })
    }, ['received_at', 'root']],
    ['a leaf with an extra member', (lines) => void (lineOf(lines, 8).leaf = lineOf(lines, 8).leaf.replace('}', ',"x":1}')), ['leaf', 'root']],
    ['a checkpoint of another size', (lines) => void (lines[0]!.checkpoint = earlier), ['size']],
    ['a checkpoint with another root', (lines) => void (lines[0]!.checkpoint = lines[0]!.checkpoint.replace('\n9\n', '\n8\n')), ['checkpoint_signature']],
    ['the header of another log', (lines) => void (lines[0]!.origin = 'consent.example/log/other'), ['origin', 'aud', 'log_anchor']],
    ['a name that stands twice', (lines) => lines.map((line, i) => (i === 6 ? JSON.stringify(line).replace('{', '{"index":5,') : line)), ['json_duplicate_name', 'order', 'prev_event_hash', 'leaf_count', 'log_anchor', 'size']],
    ['no file at all', () => [], ['empty']],
    ['something else altogether', () => ['<html>'], ['json_syntax']],
  ])('%s', async (_, forge, codes) => {
    const lines = copy()
    const report = await audit(forge(lines) ?? lines)
    expect(report.isValid).toBe(false)
    expect(codesOf(report).sort()).toEqual([...codes].sort())
  })

  it('a foreign key: a whole log forged and signed by somebody else', async () => {
    const forger = await createLedgerFixture()
    await forger.record(await (await createDevice()).decide({ analytics: 'given' }))
    expect(codesOf(await audit(await collect(exportSite('shop', forger))))).toEqual(['checkpoint_key'])
  })

  it('a history that is not the one seen earlier', async () => {
    const other = await createLedgerFixture()
    const note = await other.ledger.checkpoint('shop')
    const report = await audit(genuine, { keys: [...fixture.keys, ...other.keys], earlierCheckpoints: [note] })
    expect(codesOf(report)).toEqual(['inconsistent'])
  })

  it('an event that says the service attested it, signed by a key the log does not have', async () => {
    const own = await createLedgerFixture()
    const liar = await createDevice()
    await own.record(await liar.sign(liar.draft({ analytics: 'given' }), 'server'))
    expect(codesOf(await audit(await collect(exportSite('shop', own)), { keys: own.keys }))).toEqual(['service_key'])
  })

  it('a record whose proof belongs to another leaf', async () => {
    const lines = await collect(exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture))
    const events = lines.filter((line) => line.event)
    ;[events[0]!.proof, events[1]!.proof] = [events[1]!.proof, events[0]!.proof]
    expect(codesOf(await audit(lines))).toEqual(['proof_index'])
    delete events[0]!.proof
    expect(codesOf(await audit(lines))).toContain('proof_missing')
  })

  it('needs a key that was given, not the one in the file', async () => {
    const [vkey] = genuine[0]!.keys as string[]
    expect(await audit(genuine, { keys: [parseNoteKey(vkey!)] })).toMatchObject({ isValid: true })
    expect(codesOf(await audit(genuine, { keys: [] }))).toEqual(['checkpoint_key'])
  })
})

describe('the audit of a file made to harm', () => {
  it('keeps the report small however much is wrong, counts all of it, and still names every kind', async () => {
    async function* lines(): AsyncGenerator<string> {
      yield JSON.stringify(genuine[0])
      for (let i = 0; i < 5000; i += 1) yield '{"index":'
      yield JSON.stringify(lineOf(copy(), 5))
    }
    const report = await verifyExport(lines(), { keys: fixture.keys })
    expect(report.totals.findings).toBeGreaterThan(5000)
    expect(report.findings.filter(({ code }) => code === 'json_syntax')).toHaveLength(100)
    expect(codesOf(report)).toEqual(expect.arrayContaining(['order', 'cut_off', 'notice_before_event']))
  })

  it('quotes nothing that could write on a terminal or go on for ever', async () => {
    const lines = copy()
    const name = `\u001b[2J\u202e${'x'.repeat(5000)}`
    lineOf(lines, 5).event = changeEvent(lineOf(lines, 5).event, (event) => (event[name] = 1))
    const [finding] = (await audit(lines)).findings
    for (const character of ['\u001b', '\u202e']) expect(finding!.detail).not.toContain(character)
    expect(finding!.detail).toContain('\ufffd[2J\ufffdxxx')
    expect((await audit(lines)).findings.every(({ detail }) => detail.length < 700)).toBe(true)
  })

  it('reads lines in order even where others read them, and stops at a line without end', async () => {
    const readLines: ReadLines = (texts) => readLinesHere(texts)
    for (const lanes of [1, 3, 50]) expect(await verifyExport(write(genuine), { keys: fixture.keys }, { readLines, lanes })).toEqual(await audit(genuine))
    async function* pieces(): AsyncGenerator<string> {
      yield `${JSON.stringify(genuine[0])}\n${JSON.stringify(genuine[1])}\n`
      for (;;) yield 'x'.repeat(100_000)
    }
    const report = await verifyExport(splitLines(pieces()), { keys: fixture.keys }, { readLines, lanes: 3 })
    expect(codesOf(report)).toEqual(['oversize', 'cut_off', 'size'])
    expect(report.leaves).toBe(1)
  })
})

describe('lines that are read together', () => {
  it('are found to be what each is alone, whoever checks the signatures', async () => {
    const texts = copy().slice(1).map((line) => JSON.stringify(line))
    const events = copy().slice(1).filter(({ event }) => event !== undefined)
    const change = (text: string, at: number, character: string) => text.slice(0, at % text.length) + character + text.slice((at % text.length) + 1)
    const forged = fc.tuple(fc.nat(events.length - 1), fc.nat(), fc.constantFrom(...'AQgw_.'), fc.constantFrom('event', 'key_binding', 'line')).map(([i, at, character, where]) => {
      const line = { ...events[i]! }
      if (where === 'line') return change(JSON.stringify(line), at, character)
      // An event's own JWS is no binding either.
      return JSON.stringify({ ...line, [where]: change(line.event, at, character) })
    })
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(forged, fc.constantFrom(...texts, '{"end":true,"leaves":9}', '[]')), { maxLength: 8 }), async (lines) => {
      const alone = []
      for (const line of lines) alone.push(...(await readLinesHere([line])))
      expect(await readLinesHere(lines, checkSignatureHere)).toEqual(alone)
      expect(unpackReadings(structuredClone(packReadings(alone)))).toEqual(alone)
    }), { numRuns: 150 })
    const stolen = { ...events[1]!, event: `${events[1]!.event.slice(0, -86)}${events[0]!.event.slice(-86)}` }
    const [good, bad, last] = await readLinesHere([events[0], stolen, events[2]].map((line) => JSON.stringify(line)), checkSignatureHere)
    expect(bad).toMatchObject({ event: { read: null, errors: [{ pointer: '/signature', code: 'signature' }] } })
    for (const reading of [good, last]) expect(reading).toMatchObject({ event: { errors: [], read: { payload: expect.stringContaining('event_id') } } })
  })
})

describe('an event on its way between threads', () => {
  const withEvent = () => copy().slice(1).find(({ event, key_binding }) => event !== undefined && key_binding === undefined)!

  it('is six values where nothing is amiss, and goes whole where anything is', async () => {
    const line = withEvent()
    const plain = await readLinesHere([JSON.stringify(line)])
    expect(packReadings(plain)).toHaveLength(6)
    expect(unpackReadings(packReadings(plain))).toEqual(plain)
    const amiss = [
      { ...line, event: `${line.event.slice(0, -1)}!` }, { ...line, event: undefined }, { ...line, key_binding: line.event }, { ...line, erased: true },
      { ...line, proof: 'none' }, { ...line, event: copy().slice(1).filter(({ event }) => event !== undefined && event !== line.event)[0]!.event },
    ]
    for (const one of amiss) {
      const readings = await readLinesHere([JSON.stringify(one)])
      expect(packReadings(readings)).toEqual(readings)
    }
  })
})

describe('what is remembered in files', () => {
  it('gives the same report as what is remembered in memory, and is gone afterwards', async () => {
    const lines = copy()
    lines.splice(8, 0, { ...lineOf(lines, 6), index: 7 })
    const folder = createColumnFolder()
    expect(await verifyExport(write(lines), { keys: fixture.keys }, { createColumn: folder.createColumn })).toEqual(await audit(lines))
    folder.close()
  })

  it('reads back whatever was appended, across the buffer and beyond', () => {
    const folder = createColumnFolder()
    fc.assert(fc.property(fc.array(fc.nat(90_000), { maxLength: 6 }), fc.nat(), fc.nat(), (lengths, from, count) => {
      const [inFile, inMemory] = [folder.createColumn(), createMemoryColumn()]
      for (const [i, length] of lengths.entries()) {
        const bytes = new Uint8Array(length).map((_, at) => (at * 7 + i) & 255)
        inFile.append(bytes)
        inMemory.append(bytes)
      }
      expect(inFile.length).toBe(inMemory.length)
      const offset = from % (inMemory.length + 1)
      const length = count % (inMemory.length - offset + 1)
      expect(Buffer.compare(inFile.read(offset, length), inMemory.read(offset, length))).toBe(0)
    }), { numRuns: 30 })
    folder.close()
  })
})
