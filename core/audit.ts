// What an audit knows while it reads an export line by line. Memory stays small: what has to be remembered of every leaf
// (about 200 bytes) goes to columns, which the caller may keep in a file.
import type { Checkpoint, NoteKey } from './checkpoint.ts'
import type { CreateColumn } from './column.ts'
import type { ExportHeader } from './export.ts'
import { Facts } from './facts.ts'
import { TreeHistory } from './history.ts'
import type { Notice } from './notice.ts'
import type { Policy } from './policy.ts'
import type { Standing } from './record.ts'
import { Refusal } from './refusal.ts'
import { Findings, type Report } from './report.ts'

/** Notices and keys are few; a file with more than this is made to fill memory. */
export const KEPT_LIMIT = 10_000

/** The log's name, the last part of its origin: a site's, or that of the accesses to a site. */
export function nameOfLog({ origin }: Pick<ExportHeader, 'origin'>): string {
  return origin.split('/log/').at(-1)!
}

/** What the auditor brings along. */
export interface Trust {
  /** The log's keys, taken out of band. */
  keys: readonly NoteKey[]
  /** Signed checkpoints of this log that were seen earlier. */
  earlierCheckpoints?: readonly string[]
  /** What is demanded beyond the log's signature: cosignatures, a time stamp. Its log keys are not read here: they go into `keys`. */
  policy?: Policy | undefined
}

/** Everything remembered while reading. */
export class Audit {
  readonly findings = new Findings()
  readonly remarks = new Findings()
  readonly events: Report['events'] = { device: 0, ephemeral: 0, server: 0 }
  readonly accesses: NonNullable<Report['accesses']> = { admin: 0, token: 0, command: 0 }
  readonly tree: TreeHistory
  readonly facts: Facts
  readonly notices = new Map<string, Notice>()
  /** Index of its first leaf by the hash of a key. */
  readonly serviceKeys = new Map<string, number>()
  /** Roots at the sizes that events anchored in lately. */
  readonly roots = new Map<number, string>()
  readonly standings = new Map<string, Standing>()
  leaves = 0
  lastIndex = -1
  lastReceivedAt = ''
  end: number | null = null
  header: ExportHeader | undefined
  checkpoint: Checkpoint | undefined

  constructor(createColumn: CreateColumn) {
    this.tree = new TreeHistory(createColumn())
    this.facts = new Facts(createColumn)
  }

  /** Whether the file has every leaf of its log, so that the tree can be built anew. */
  get isWhole(): boolean {
    return this.header?.kind !== 'record'
  }

  find(code: string, index: number | null, detail: string): void {
    this.findings.add(code, index, detail)
  }

  remark(code: string, index: number | null, detail: string): void {
    this.remarks.add(code, index, detail)
  }

  /** What was refused becomes findings. */
  findAll(index: number | null, errors: Refusal['errors']): void {
    for (const { pointer, code, detail } of errors) this.find(code, index, pointer ? `${pointer}: ${detail}` : detail)
  }

  /** Runs a check; what it refuses becomes a finding. */
  check(index: number | null, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#findRefused(index, error)
    }
  }

  /** The same for a check that has to wait for something. */
  async checkLater(index: number | null, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#findRefused(index, error)
    }
  }

  #findRefused(index: number | null, error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    this.findAll(index, error.errors)
  }

  report(): Report {
    const { findings, remarks, header, leaves, events, accesses } = this
    return {
      isValid: findings.total === 0, kind: header?.kind ?? null, origin: header?.origin ?? null, leaves,
      findings: findings.list(), remarks: remarks.list(), totals: { findings: findings.total, remarks: remarks.total }, events,
      ...(header?.kind === 'accesses' ? { accesses } : {}),
    }
  }
}
