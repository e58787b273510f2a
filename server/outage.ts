// Errors that say that the store cannot work just now, and not that the service made a mistake: a full disk, a database that
// is gone, restarting, full, or too slow. The same request may work in a moment.

/** SQLite's result codes (sqlite.org/rescode.html) and the system's, by their names. */
const CODES = /^(?:SQLITE_(?:FULL|BUSY|LOCKED|IOERR|CANTOPEN|READONLY)(?:_|$)|ENOSPC$|EDQUOT$|ECONNREFUSED$|ECONNRESET$|EPIPE$|ETIMEDOUT$|EHOSTUNREACH$|ENETUNREACH$|ENOTFOUND$|EAI_AGAIN$)/
/** PostgreSQL's SQLSTATE classes: connection, insufficient resources, operator intervention (a statement that took too long too), system error; a transaction that was left alone. */
const SQLSTATES = /^(?:(?:08|53|57|58)[\dA-Z]{3}|25P03)$/
/** What pg says without a code. */
const MESSAGES = /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/

/** Whether the error is of that kind. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (CODES.test(code) || SQLSTATES.test(code) || MESSAGES.test(error.message)) return true
  return error instanceof AggregateError ? error.errors.some(isOutage) : error.cause !== undefined && isOutage(error.cause)
}
