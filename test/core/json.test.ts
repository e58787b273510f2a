import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalize } from '../../core/jcs.ts'
import { parseJson } from '../../core/json.ts'
import { Refusal } from '../../core/refusal.ts'

function refusalOf(work: () => unknown): { code: string; pointer: string; detail: string } {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return { ...error.errors[0]! }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('parseJson', () => {
  it('reads every JSON value as JSON.parse does', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value)
      expect(parseJson(text)).toEqual(JSON.parse(text))
      expect(parseJson(JSON.stringify(value, null, 2))).toEqual(JSON.parse(text))
    }))
  })

  it('refuses what JSON.parse refuses', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json().chain((text) => fc.nat(text.length).map((at) => text.slice(0, at)))), (text) => {
      let isJson = true
      try { JSON.parse(text) } catch { isJson = false }
      if (!isJson) expect(refusalOf(() => parseJson(text)).code).toBe('json_syntax')
    }))
  })

  it('says where a text stops being JSON', () => {
    expect(refusalOf(() => parseJson('{\n  "a": 1,\n  "b" 2\n}')).detail).toBe('Not JSON: line 3, column 7: expected “:”, found “2”.')
  })

  it.each([
    ['a name that stands twice', '{"a":{"b":1,"b":2}}', 'json_duplicate_name', '/a/b'],
    ['a name that stands twice, spelt differently', '{"a":1,"\\u0061":2}', 'json_duplicate_name', '/a'],
    ['a lone surrogate', '["\\ud800"]', 'lone_surrogate', '/0'],
    ['too much nesting', '['.repeat(40) + ']'.repeat(40), 'json_depth', '/0'.repeat(17)],
  ])('refuses %s', (_, text, code, pointer) => {
    expect(refusalOf(() => parseJson(text))).toMatchObject({ code, pointer })
  })

  it('keeps __proto__ an ordinary name', () => {
    const value = parseJson('{"__proto__":{"polluted":true}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('canonicalize (RFC 8785)', () => {
  it('gives the text of the example in section 3.2.2', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"\/',
      literals: [null, true, false],
    }
    expect(canonicalize(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}')
  })

  it('sorts names as in section 3.2.3, by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    expect(Object.keys(JSON.parse(canonicalize(Object.fromEntries(names.map((name) => [name, 0]))) as string)).filter((n) => n !== '1'))
      .toEqual(['\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'])
  })

  it('gives one text for one value, whatever the order of its members', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse())
      expect(canonicalize(reversed)).toBe(canonicalize(value))
      expect(JSON.parse(canonicalize(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }))
  })

  it.each([[undefined], [Number.NaN], ['\ud800'], [{ a: () => 1 }]])('refuses %s', (value) => {
    expect(() => canonicalize(value)).toThrow(Refusal)
  })
})
