// The address that the log's name comes from, for commands that do not listen.
import type { Environment } from './environment.ts'

/** SAYSO_BASE_URL, else this machine with the port. */
export function baseUrlOf({ baseUrl, port }: Pick<Environment, 'baseUrl' | 'port'>): string {
  return baseUrl ?? `http://localhost:${port}`
}
