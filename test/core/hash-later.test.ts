import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashJson } from '../../core/hash.ts'
import { hashJsonLater } from '../../core/hash-later.ts'

test('is the hash that is computed at once', async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
    if (!JSON.stringify(value).isWellFormed()) return
    expect(await hashJsonLater(value)).toBe(hashJson(value))
  }))
})

test('refuses what is not JSON', async () => {
  await expect(hashJsonLater({ a: undefined })).rejects.toThrow('cannot be written as JSON')
})
