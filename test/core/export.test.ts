import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExportEnd, ExportLeaf, parseLine } from '../../core/export.ts'
import { parseJson } from '../../core/json.ts'
import { validate } from '../../core/validate.ts'

/** A line read the long way only: as JSON, then by the schema. */
function readThroughSchema(line: string): unknown {
  const value = parseJson(line)
  return typeof value === 'object' && value !== null && 'end' in value ? { leaves: validate(ExportEnd, value).leaves } : validate(ExportLeaf, value)
}

const attempt = (work: () => unknown) => {
  try {
    return work()
  } catch {
    return 'refused'
  }
}

const leaf = fc.oneof(
  fc.constant('{"v":1,"type":"event","hash":"UJbP3DpOVHjBNxVfCRoZDP6NV-KFxtBkdWbR5PNnfB4","received_at":"2026-11-22T10:15:30.123Z"}'),
  fc.string(), fc.string({ unit: 'binary' }))
const line = fc.record({ index: fc.oneof(fc.nat(), fc.integer(), fc.double()), leaf, event: fc.oneof(fc.string(), fc.base64String()) })

describe('a line of an export', () => {
  it('means the same whether it is read the short way or as JSON', () => {
    fc.assert(fc.property(line, (value) => {
      const text = JSON.stringify(value)
      expect(attempt(() => parseLine(text))).toEqual(attempt(() => readThroughSchema(text)))
    }), { numRuns: 500 })
  })

  it('means the same when any character of it is another', () => {
    fc.assert(fc.property(fc.record({ index: fc.nat(), leaf, event: fc.base64String() }), fc.nat(), fc.string({ minLength: 0, maxLength: 2 }), (value, at, put) => {
      const text = JSON.stringify(value)
      const place = at % text.length
      const changed = text.slice(0, place) + put + text.slice(place + 1)
      const meaning = attempt(() => readThroughSchema(changed))
      // What only the short way takes would be a second reading of the same bytes.
      expect(attempt(() => parseLine(changed))).toEqual(meaning)
    }), { numRuns: 1000 })
  })
})
