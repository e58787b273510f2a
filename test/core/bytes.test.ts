import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, fromBase64url, fromUtf8, toBase64, toBase64url, utf8 } from '../../core/bytes.ts'
import { addDuration, isDuration, isTime } from '../../core/time.ts'

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
