// What the commands share: where they read and write, and how they fail.
import type { Refusal } from '../../core/refusal.ts'

/** The world of a command, passed in so that tests can look at it. */
export interface Io {
  env: Record<string, string | undefined>
  out: (text: string) => void
  err: (text: string) => void
  /** Whether somebody watches `err` on a terminal. */
  isWatched?: boolean
  /** Whether somebody watches `out` on a terminal. */
  isOutWatched?: boolean
  /** Aborted when the process is asked to end. */
  signal: AbortSignal
}

/** Runs with the arguments after its name; resolves to the exit code. */
export type Command = (args: string[], io: Io) => Promise<number>

/** The command was called in a way it does not know: exit code 2. */
export class UsageError extends Error {}

/** The errors of a refusal, a line each, after the name of what was refused. */
export function describeRefusal(refusal: Refusal, subject?: string): string {
  return refusal.errors.map(({ pointer, detail }) => {
    // parseJson says where: a file's errors start as editors and terminals expect them.
    const [, line, column, rest] = /^Not JSON: line (\d+), column (\d+): (.*)$/s.exec(detail) ?? []
    if (subject !== undefined && line !== undefined) return `${subject}:${line}:${column}: not JSON: ${rest}\n`
    return `${[subject, pointer || undefined, detail].filter((part) => part !== undefined).join(': ')}\n`
  }).join('')
}
