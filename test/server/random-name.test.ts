import { expect, test } from 'vitest'
import type { Bytes } from '../../core/bytes.ts'
import { createRandomName } from '../../server/random-name.ts'

test('a name never starts with a hyphen, so that it can stand on a command line', () => {
  // 0xf8 begins with the bits of a hyphen.
  const drawn = [new Uint8Array(16).fill(0xf8), new Uint8Array(16).fill(0xf9), new Uint8Array(16).fill(1)] as Bytes[]
  expect(createRandomName(() => drawn.shift()!)).toMatch(/^AQEB[\w-]{18}$/)
  expect(drawn).toEqual([])
})
