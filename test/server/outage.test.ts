// Which errors mean that the store cannot work now: those are answered 503, all others are the service's own mistakes.
import { expect, test } from 'vitest'
import { isOutage } from '../../server/outage.ts'

const coded = (code: string) => Object.assign(new Error('words of a driver'), { code })

test.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_BUSY', 'ENOSPC', 'ECONNREFUSED', 'ECONNRESET', '57P01', '57014', '53100', '53300', '08006', '25P03'])('%s is an outage', (code) => {
  expect(isOutage(coded(code))).toBe(true)
  expect(isOutage(new Error('outer', { cause: coded(code) }))).toBe(true)
  expect(isOutage(new AggregateError([coded('EACCES'), coded(code)]))).toBe(true)
})

test.each(['SQLITE_CONSTRAINT', 'SQLITE_ERROR', '23505', '42601', '25P02', 'ERR_INVALID_ARG_TYPE', ''])('%j is none', (code) => {
  expect(isOutage(coded(code))).toBe(false)
})

test.each([['Connection terminated unexpectedly', true], ['timeout exceeded when trying to connect', true], ['something else', false]])('“%s”: %s', (message, expected) => {
  expect(isOutage(new Error(message))).toBe(expected)
  expect(isOutage(message)).toBe(false)
})
