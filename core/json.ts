// A strict JSON reader (RFC 8259, and I-JSON's rules, RFC 7493): what two readers could understand
// differently is refused: a name that stands twice, a lone surrogate, more nesting than we ever write.
import { pointerSegment, refuse } from './refusal.ts'

const DEPTH_LIMIT = 16
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// eslint-disable-next-line no-control-regex -- control characters are exactly what a JSON string may not hold
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\u0000-\u001f]*)*"/y
const WORDS = [['true', true], ['false', false], ['null', null]] as const

/** A JSON value as `parseJson` builds it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * Reads one JSON text. Throws a Refusal with the line and column (both from 1) for bad syntax, or with the
 * pointer for a duplicate name (`json_duplicate_name`), a lone surrogate or nesting over 16 levels.
 */
export function parseJson(text: string): Json {
  return parsePlain(text) ?? parseStrictly(text)
}

/**
 * The value of a text that is exactly what JSON.stringify writes: no name can stand twice in it, and the engine's
 * own reader is much faster. Undefined for every other text, right or wrong.
 */
function parsePlain(text: string): Json | undefined {
  // Only an escape can hide a lone surrogate in a well-formed text.
  if (text.includes('\\u') || !text.isWellFormed()) return undefined
  try {
    const value = JSON.parse(text) as Json
    return JSON.stringify(value) === text && isShallow(value, DEPTH_LIMIT) ? value : undefined
  } catch {
    return undefined
  }
}

function isShallow(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return levels >= 0
  return levels >= 0 && Object.values(value).every((member) => isShallow(member, levels - 1))
}

function parseStrictly(text: string): Json {
  let at = 0
  /** Names and positions from the root to the value that is being read. */
  const path: (string | number)[] = []

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  function skipSpace(): void {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  }

  function takeMark(mark: string): boolean {
    skipSpace()
    if (text[at] !== mark) return false
    at += 1
    return true
  }

  function fail(expected: string): never {
    const before = text.slice(0, at).split('\n')
    const found = at < text.length ? `“${text[at]}”` : 'the end'
    return refuse('', 'json_syntax',
      `Not JSON: line ${before.length}, column ${before.at(-1)!.length + 1}: expected ${expected}, found ${found}.`)
  }

  function refuseHere(code: string, detail: string): never {
    return refuse(path.map(pointerSegment).join(''), code, detail)
  }

  function readString(): string {
    const token = take(STRING) ?? fail('a text in double quotes')
    const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
    if (!value.isWellFormed()) refuseHere('lone_surrogate', 'The text holds a lone surrogate.')
    return value
  }

  function readObject(depth: number): { [name: string]: Json } {
    const members = new Map<string, Json>()
    if (!takeMark('}')) {
      do {
        skipSpace()
        const name = readString()
        path.push(name)
        if (members.has(name)) refuseHere('json_duplicate_name', `The name “${name}” stands twice.`)
        if (!takeMark(':')) fail('“:”')
        members.set(name, readValue(depth))
        path.pop()
      } while (takeMark(','))
      if (!takeMark('}')) fail('“,” or “}”')
    }
    // fromEntries defines members, so a name like __proto__ stays an ordinary one.
    return Object.fromEntries(members)
  }

  function readArray(depth: number): Json[] {
    const items: Json[] = []
    if (!takeMark(']')) {
      do {
        path.push(items.length)
        items.push(readValue(depth))
        path.pop()
      } while (takeMark(','))
      if (!takeMark(']')) fail('“,” or “]”')
    }
    return items
  }

  function readValue(depth: number): Json {
    if (depth > DEPTH_LIMIT) refuseHere('json_depth', `More than ${DEPTH_LIMIT} levels of nesting.`)
    if (takeMark('{')) return readObject(depth + 1)
    if (takeMark('[')) return readArray(depth + 1)
    if (text[at] === '"') return readString()
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length
        return value
      }
    }
    return Number(take(NUMBER) ?? fail('a value'))
  }

  const value = readValue(0)
  skipSpace()
  if (at < text.length) fail('the end')
  return value
}
