// Errors in the operator's log. Messages of databases and mail servers quote what they were given, addresses among
// it, so only the kind, the code and the place are written down.

/** `Error ECONNREFUSED` and the stack's places below it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return [`${error.name}${code}`, ...places].join('\n')
}
