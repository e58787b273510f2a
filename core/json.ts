// A strict JSON reader (RFC 8259, and I-JSON's rules, RFC 7493): what two readers could understand
// differently is refused: a name that stands twice, a lone surrogate, more nesting than we ever write.
import { pointerSegment, refuse } from './refusal.ts'

const DEPTH_LIMIT = 16
const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// eslint-disable-next-line no-control-regex -- control characters are exactly what a JSON string may not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y
const WORDS = [['true', true], ['false', false], ['null', null]] as const

/** A JSON value as `parseJson` builds it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * Reads one JSON text. Throws a Refusal with the line and column (both from 1) for bad syntax, or with the
 * pointer for a duplicate name (`json_duplicate_name`), a lone surrogate or nesting over 16 levels.
 */
export function parseJson(text: string): Json {
  let at = 0

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  function takeMark(mark: string): boolean {
    take(SPACE)
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

  function readString(pointer: string): string {
    const token = take(STRING) ?? fail('a text in double quotes')
    const value = JSON.parse(token) as string
    if (!value.isWellFormed()) refuse(pointer, 'lone_surrogate', 'The text holds a lone surrogate.')
    return value
  }

  function readObject(pointer: string, depth: number): { [name: string]: Json } {
    const members = new Map<string, Json>()
    if (!takeMark('}')) {
      do {
        take(SPACE)
        const name = readString(pointer)
        const member = pointer + pointerSegment(name)
        if (members.has(name)) refuse(member, 'json_duplicate_name', `The name “${name}” stands twice.`)
        if (!takeMark(':')) fail('“:”')
        members.set(name, readValue(member, depth))
      } while (takeMark(','))
      if (!takeMark('}')) fail('“,” or “}”')
    }
    // fromEntries defines members, so a name like __proto__ stays an ordinary one.
    return Object.fromEntries(members)
  }

  function readArray(pointer: string, depth: number): Json[] {
    const items: Json[] = []
    if (!takeMark(']')) {
      do items.push(readValue(pointer + pointerSegment(items.length), depth))
      while (takeMark(','))
      if (!takeMark(']')) fail('“,” or “]”')
    }
    return items
  }

  function readValue(pointer: string, depth: number): Json {
    if (depth > DEPTH_LIMIT) refuse(pointer, 'json_depth', `More than ${DEPTH_LIMIT} levels of nesting.`)
    if (takeMark('{')) return readObject(pointer, depth + 1)
    if (takeMark('[')) return readArray(pointer, depth + 1)
    if (text[at] === '"') return readString(pointer)
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length
        return value
      }
    }
    return Number(take(NUMBER) ?? fail('a value'))
  }

  const value = readValue('', 0)
  take(SPACE)
  if (at < text.length) fail('the end')
  return value
}
