// JSON Canonicalization Scheme, RFC 8785: one spelling for one JSON value, so that it can be hashed.
import { refuse } from './refusal.ts'

/** The canonical text of a JSON value. Refuses what JSON cannot hold: undefined, NaN, lone surrogates. */
export function canonicalize(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  // ECMAScript's number and string serialisation is the one RFC 8785 sections 3.2.2.2 and 3.2.2.3 ask for.
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse('', 'lone_surrogate', 'A text holds a lone surrogate.')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`
  if (typeof value === 'object') {
    // Default sort order is by UTF-16 code units, as section 3.2.3 asks.
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, member]) => `${canonicalize(name)}:${canonicalize(member)}`).join(',')}}`
  }
  return refuse('', 'not_json', 'A value cannot be written as JSON.')
}
