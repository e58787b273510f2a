// The operator's log in its two forms.
import { expect, test } from 'vitest'
import { createAccessLog, createLog, type LogOptions } from '../../server/node/logger.ts'

function open(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  return { lines, log: createLog({ level: 'info', form: 'json', write: (text) => void lines.push(text), ...options }) }
}

test('JSON has level, time and words, then what belongs to the line, and nothing of the machine', () => {
  const { lines, log } = open()
  log('mail m1 could not be sent\nat a place', { level: 'error', mail: 'm1', attempt: 2 })
  expect(lines).toHaveLength(1)
  expect(lines[0]!.endsWith('}\n') && lines[0]!.indexOf('\n') === lines[0]!.length - 1).toBe(true)
  const { time, ...rest } = JSON.parse(lines[0]!) as { time: string }
  expect(new Date(time).toISOString()).toBe(time)
  expect(rest).toEqual({ level: 'error', mail: 'm1', attempt: 2, msg: 'mail m1 could not be sent\nat a place' })
})

test('for people it is the words alone', () => {
  const { lines, log } = open({ form: 'text' })
  log('looked again', { level: 'info', site: 'shop' })
  expect(lines).toEqual(['looked again\n'])
})

test('what is said without a level is a warning; what matters less than the level asks for is left out', () => {
  const { lines, log } = open({ level: 'warn' })
  log('a sentence')
  log('a detail', { level: 'info' })
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn'])
  const silent = open({ level: 'silent', form: 'text' })
  silent.log('an error', { level: 'error' })
  expect(silent.lines).toEqual([])
})

test('requests are information with their parts; those of probes are details', () => {
  const { lines, log } = open({ level: 'debug' })
  const write = createAccessLog(log)
  write({ method: 'GET', route: '/p/{token}', status: 303, tookMs: 3.6 })
  write({ method: 'GET', route: '/readyz', status: 200, tookMs: 1 })
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 'info', method: 'GET', route: '/p/{token}', status: 303, ms: 4, msg: 'GET /p/{token} 303 4 ms' },
    { level: 'debug', route: '/readyz' },
  ])
})
