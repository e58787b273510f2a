// What the audit found, in a sentence for a person: one for each code that core can report.
import { isKey, type Key, type Translate } from '../ui/i18n.ts'

/** Codes of `core/validate.ts`: which rule of a schema was broken. One sentence serves them all. */
export const SCHEMA_CODES: ReadonlySet<string> = new Set([
  'array', 'boolean', 'check', 'literal', 'max_length', 'max_value', 'min_length', 'min_value', 'missing', 'nullable', 'number', 'object', 'optional', 'picklist',
  'record', 'regex', 'safe_integer', 'strict_object', 'string', 'union', 'unknown_member',
])

/** The key of a code's sentence. */
export function findingKey(code: string): Key {
  const key = `findings.${SCHEMA_CODES.has(code) ? 'schema' : code}`
  return isKey(key) ? key : 'findings.unknown'
}

/** The sentence for a code. */
export function describeFinding(t: Translate, code: string): string {
  return t(findingKey(code))
}
