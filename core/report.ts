// What an audit says: what does not hold, and what is worth knowing. However much is wrong with a file, the
// report stays small: of each kind the first findings in full, the rest as a number.
import type { AccessOperator } from './access.ts'
import type { ConsentEvent } from './event.ts'
import type { ExportHeader } from './export.ts'

const LISTED_OF_A_CODE = 100
const DETAIL_LIMIT = 600
// Control characters and those that turn the reading direction: a file shall not write on the auditor's terminal.
// eslint-disable-next-line no-control-regex -- control characters are exactly what is taken out
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Something that does not hold, or that an auditor should know. */
export interface Finding {
  code: string
  /** Index of the leaf; null where it is about the whole file. */
  index: number | null
  detail: string
}

/** What an audit found. */
export interface Report {
  /** Whether everything holds that this file allows to check. */
  isValid: boolean
  kind: ExportHeader['kind'] | 'receipt' | null
  origin: string | null
  leaves: number
  /** What does not hold, in log order; of more than 100 with the same code the first. */
  findings: Finding[]
  /** What holds but is worth knowing (forks, clocks that were off, checks that could not be made), likewise. */
  remarks: Finding[]
  /** How many there are, listed or not. */
  totals: { findings: number; remarks: number }
  /** Events by attestation. */
  events: Record<ConsentEvent['attestation'], number>
  /** Of a log of accesses alone: by who read. */
  accesses?: Record<AccessOperator['kind'], number>
}

/** Findings as they come in: counts all, keeps the first of each code. Codes are ours, so there are few. */
export class Findings {
  readonly #listed: Finding[] = []
  readonly #totals = new Map<string, number>()

  /** How many were added. */
  get total(): number {
    return [...this.#totals.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Adds one; what it quotes from the file is cut short and made printable. */
  add(code: string, index: number | null, detail: string): void {
    const count = (this.#totals.get(code) ?? 0) + 1
    this.#totals.set(code, count)
    if (count > LISTED_OF_A_CODE) return
    const text = detail.length > DETAIL_LIMIT ? `${detail.slice(0, DETAIL_LIMIT)}…` : detail
    this.#listed.push({ code, index, detail: text.replace(UNPRINTABLE, '\ufffd') })
  }

  /** Those kept, in log order; what is about the whole file comes last. */
  list(): Finding[] {
    return this.#listed.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity) || 0)
  }
}
