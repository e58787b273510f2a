// Checks a file that somebody brought: a receipt or an export, by the very code of the offline audit. It reads piece
// by piece, so that an export of any size fits, and asks nobody anything.
import { fromBase64url, fromUtf8 } from '../core/bytes.ts'
import { type NoteKey, parseCheckpoint } from '../core/checkpoint.ts'
import type { ConsentEvent } from '../core/event.ts'
import { parseHeader, splitLines } from '../core/export.ts'
import { parseJson } from '../core/json.ts'
import { parseProof, type Receipt, type VerifiedReceipt } from '../core/receipt.ts'
import { Refusal } from '../core/refusal.ts'
import type { Finding, Report } from '../core/report.ts'
import { verifyExport } from '../core/verify.ts'
import { auditReceipt } from '../core/verify-receipt.ts'

/** A receipt is small; whatever is larger can only be an export. */
const RECEIPT_BYTES = 1024 * 1024
const LISTED_EVENTS = 200

/** An event as the file has it. Whether it holds, the findings say. */
export interface ListedEvent {
  index: number
  event: ConsentEvent
}

/** What a check found. `event` of a receipt is what the file claims, even where it does not hold. */
export type CheckResult =
  | { kind: 'receipt'; report: Report; verified: VerifiedReceipt | null; event: ConsentEvent | null }
  | { kind: 'export'; report: Report; events: ListedEvent[] }

/** How far a check has come. */
export interface Progress {
  bytes: number
  totalBytes: number
  leaves: number
}

async function isExport(file: Blob): Promise<boolean> {
  return file.size > RECEIPT_BYTES || /^\s*\{[^\n]*"sayso-export\//.test(await file.slice(0, 4096).text())
}

/** The event in a JWS, unchecked; null where it cannot be read at all. */
function peekEvent(jws: unknown): ConsentEvent | null {
  try {
    const event = JSON.parse(fromUtf8(fromBase64url(String(jws).split('.')[1]!)!)!) as ConsentEvent
    // What is shown of it has to be there; the schema itself is the audit's business.
    return Array.isArray(event.decisions) && typeof event.source.action === 'string' && typeof event.event_time === 'string' ? event : null
  } catch {
    return null
  }
}

/** The member `event` of a receipt, unchecked. */
function peekMember(text: string): unknown {
  try {
    return (parseJson(text) as { event?: unknown } | null)?.event
  } catch {
    return undefined
  }
}

function findingsOf(error: unknown): Finding[] {
  if (error instanceof TypeError) return [{ code: 'utf8', index: null, detail: error.message }]
  if (!(error instanceof Refusal)) throw error
  return error.errors.map(({ code, pointer, detail }) => ({ code, index: null, detail: pointer ? `${pointer}: ${detail}` : detail }))
}

/** The report on a file that could not be read to its end. */
function reportUnread(error: unknown, kind: Report['kind'], leaves = 0): Report {
  const findings = findingsOf(error)
  return {
    isValid: false, kind, origin: null, leaves, findings, remarks: [], totals: { findings: findings.length, remarks: 0 }, events: { device: 0, ephemeral: 0, server: 0 },
  }
}

async function checkReceipt(file: Blob, keys: readonly NoteKey[]): Promise<CheckResult> {
  const bytes = await file.arrayBuffer()
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    return { kind: 'receipt', report: reportUnread(error, 'receipt'), verified: null, event: null }
  }
  return { kind: 'receipt', ...(await auditReceipt(text, { keys })), event: peekEvent(peekMember(text)) }
}

async function* readPieces(file: Blob, onBytes: (count: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const reader = file.stream().getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    onBytes(piece.value.length)
    yield decoder.decode(piece.value, { stream: true })
  }
  yield decoder.decode()
}

async function checkExport(file: Blob, keys: readonly NoteKey[], onProgress: (progress: Progress) => void): Promise<CheckResult> {
  const events: ListedEvent[] = []
  const progress: Progress = { bytes: 0, totalBytes: file.size, leaves: 0 }

  async function* watch(): AsyncGenerator<string> {
    for await (const line of splitLines(readPieces(file, (count) => (progress.bytes += count)))) {
      if (events.length < LISTED_EVENTS) note(line)
      yield line
      progress.leaves += 1
      onProgress(progress)
    }
  }

  function note(line: string): void {
    try {
      const { index, event: jws } = JSON.parse(line) as { index: number; event?: string }
      const event = jws === undefined ? null : peekEvent(jws)
      if (event) events.push({ index, event })
    } catch {
      // A line that cannot be read is the audit's to report.
    }
  }

  try {
    return { kind: 'export', report: await verifyExport(watch(), { keys }), events }
  } catch (error) {
    return { kind: 'export', report: reportUnread(error, null, progress.leaves), events }
  }
}

/** Checks a receipt or an export against the log's keys. Never throws for what is in the file. */
export async function checkFile(file: Blob, keys: readonly NoteKey[], onProgress: (progress: Progress) => void = () => {}): Promise<CheckResult> {
  return (await isExport(file)) ? checkExport(file, keys, onProgress) : checkReceipt(file, keys)
}

/** The log that a file says it is from, unchecked; undefined where it does not say. For finding a key, never for trust. */
export async function readOrigin(file: Blob): Promise<string | undefined> {
  try {
    if (await isExport(file)) {
      for await (const line of splitLines(readPieces(file, () => {}))) return parseHeader(line).origin
      return undefined
    }
    const receipt = parseJson(await file.text()) as unknown as Receipt
    return parseCheckpoint(parseProof(receipt.proof).checkpoint).origin
  } catch {
    return undefined
  }
}
