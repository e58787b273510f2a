// The operator's log: JSON lines for machines (pino), or the bare sentences for people. What goes in was written to hold no
// personal data and no secret; errors come as describeError tells them, never as objects whose members nobody has looked at.
//
//   {"level":"info","time":"2026-11-22T10:00:05.000Z","method":"GET","route":"/p/{token}","status":303,"ms":4,"msg":"GET /p/{token} 303 4 ms"}
import { pino } from 'pino'
import { type Answered, formatAccess, isProbe } from '../access-log.ts'
import type { Log, LogLevel } from '../service.ts'

/** What a log is made of. */
export interface LogOptions {
  /** The least that is written; `silent`: nothing is. */
  level: LogLevel | 'silent'
  form: 'json' | 'text'
  /** Takes a line with its end. */
  write: (text: string) => void
}

/** A log of this form. */
export function createLog({ level: least, form, write }: LogOptions): Log {
  const logger = pino({
    level: least, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) },
  }, { write: form === 'json' ? write : (line: string) => write(`${(JSON.parse(line) as { msg: string }).msg}\n`) })
  return (line, { level = 'warn', ...fields } = {}) => logger[level](fields, line)
}

/** Writes requests as they are answered; those of probes count as details. */
export function createAccessLog(log: Log): (answered: Answered) => void {
  return (answered) => {
    const { method, route, status, tookMs } = answered
    log(formatAccess(answered), { level: isProbe(answered) ? 'debug' : 'info', method, route, status, ms: Math.round(tookMs) })
  }
}
