import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, fromBase64url, fromUtf8, toBase64, toBase64url, utf8 } from '../../core/bytes.ts'
import { addDuration, isDuration, isTime } from '../../core/time.ts'
import { decodeBase64url, encodeBase64 } from '../../server/node/native.ts'

describe('base64', () => {
  it('gives back what it was given, in both spellings', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect([...fromBase64(toBase64(bytes))!]).toEqual([...bytes])
      expect([...fromBase64url(toBase64url(bytes))!]).toEqual([...bytes])
    }))
  })

  it.each(['QQ==', 'QR', 'Q', 'QQ QQ', 'Q+==', 'QUI\n', '+A', '/A', 'Ä'])('refuses %j as base64url', (text) => {
    expect(fromBase64url(text)).toBeUndefined()
  })

  it('is decoded by Node exactly as here, whatever the text', () => {
    const agree = (text: string) => expect(decodeBase64url(text) && [...decodeBase64url(text)!]).toEqual(fromBase64url(text) && [...fromBase64url(text)!])
    // All ends that a right beginning can have: stray bits, padding, the other alphabet, white space, what is no ASCII.
    const ends = fc.array(fc.constantFrom(...'AQRw_-+/= \n.', 'Ä', 'Ł', '\u{1f600}', '\0'), { maxLength: 5 }).map((characters) => characters.join(''))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), ends, (bytes, end) => {
      agree(toBase64url(bytes))
      agree(toBase64url(bytes) + end)
      agree(end + toBase64url(bytes))
    }), { numRuns: 2000 })
  })

  it('is written by Node exactly as here, also of a part of something larger', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.nat(5), (bytes, start) => {
      expect(encodeBase64(bytes.subarray(start))).toBe(toBase64(bytes.subarray(start)))
    }))
  })

  it.each(['QQ', 'QR==', 'QQ=', ' QQ==', '-A=='])('refuses %j as base64', (text) => {
    expect(fromBase64(text)).toBeUndefined()
  })
})

describe('UTF-8', () => {
  it('refuses bytes that are no UTF-8, and keeps a byte order mark', () => {
    expect(fromUtf8(Uint8Array.of(0xc3, 0x28))).toBeUndefined()
    expect(fromUtf8(utf8('\ufeffa'))).toBe('\ufeffa')
  })
})

describe('times and durations', () => {
  it('takes exactly the times that are written so', () => {
    const pad = (value: number, length = 2) => String(value).padStart(length, '0')
    fc.assert(fc.property(fc.nat(9999), fc.nat(13), fc.nat(32), fc.nat(25), fc.nat(61), fc.nat(61), fc.nat(999), (...[y, mo, d, h, mi, s, ms]) => {
      const text = `${pad(y, 4)}-${pad(mo)}-${pad(d)}T${pad(h)}:${pad(mi)}:${pad(s)}.${pad(ms, 3)}Z`
      const timeMs = Date.parse(text)
      expect(isTime(text), text).toBe(!Number.isNaN(timeMs) && new Date(timeMs).toISOString() === text)
    }), { numRuns: 5000, examples: [[2026, 2, 29, 0, 0, 0, 0], [2024, 2, 29, 23, 59, 59, 999], [2026, 12, 31, 24, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0], [2026, 4, 31, 0, 0, 0, 0]] })
  })

  it.each(['2026-11-21T10:15:30.123Z'])('takes %s', (text) => expect(isTime(text)).toBe(true))
  it.each(['2026-11-21T10:15:30Z', '2026-02-30T10:15:30.123Z', '2026-11-21T10:15:30.123+00:00', '2026-11-21 10:15:30.123Z', ''])(
    'refuses %j as a time', (text) => expect(isTime(text)).toBe(false))
  it.each(['P183D', 'P24M', 'P1Y6M', 'P2W'])('takes %s', (text) => expect(isDuration(text)).toBe(true))
  it.each(['P', 'P0D', 'PT5M', '183D', 'P-1D', 'P1.5Y'])('refuses %j as a duration', (text) => expect(isDuration(text)).toBe(false))

  it.each([
    ['2026-01-31T00:00:00.000Z', 'P1M', '2026-02-28T00:00:00.000Z'],
    ['2026-11-22T10:00:00.000Z', 'P24M', '2028-11-22T10:00:00.000Z'],
    ['2026-11-22T10:00:00.000Z', 'P183D', '2027-05-24T10:00:00.000Z'],
    ['2024-02-29T10:00:00.000Z', 'P1Y', '2025-02-28T10:00:00.000Z'],
  ])('%s plus %s is %s', (time, duration, end) => {
    expect(new Date(addDuration(Date.parse(time), duration)).toISOString()).toBe(end)
  })
})
