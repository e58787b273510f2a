import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalize } from '../../core/jcs.ts'
import { parseJson } from '../../core/json.ts'
import vectors from '../vectors/rfc8785.json' with { type: 'json' }

describe('canonical JSON, against published vectors', () => {
  it.each(vectors.cases)('writes $name as published', ({ input, outputHex }) => {
    expect(Buffer.from(canonicalize(parseJson(input))).toString('hex')).toBe(outputHex)
  })

  it.each(vectors.numbers)('writes the number with the bits %s as %s', (bits, text) => {
    const number = Buffer.from(bits!, 'hex').readDoubleBE()
    expect(canonicalize(number)).toBe(text)
  })

  it.each([['undefined', undefined], ['NaN', Number.NaN], ['infinity', Number.POSITIVE_INFINITY], ['a lone surrogate', '\ud800'], ['a lone surrogate in a name', { '\udc00': 1 }]])('refuses %s', (_name, value) => {
    expect(() => canonicalize(value)).toThrow()
  })
})

describe('canonical JSON of anything', () => {
  // Minus zero is written as 0, as RFC 8785 says, so it does not come back.
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)

  it('reads back as the same value, and is its own canonical form', () => {
    fc.assert(fc.property(json, (value) => {
      const text = canonicalize(value)
      expect(JSON.parse(text)).toEqual(value)
      expect(canonicalize(JSON.parse(text))).toBe(text)
    }))
  })

  it('does not depend on the order of members', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), json), (members) => {
      const reversed = Object.fromEntries(Object.entries(members).reverse())
      expect(canonicalize(reversed)).toBe(canonicalize(members))
    }))
  })
})

describe('the strict reader', () => {
  it('reads whatever JSON.stringify writes, spaced or not, as JSON.parse does', () => {
    fc.assert(fc.property(fc.jsonValue({ depthSize: 'small', maxDepth: 8 }), fc.constantFrom(0, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }))
  })
})
