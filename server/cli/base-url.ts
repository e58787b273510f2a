// The service's address, for commands.
import { readAddress } from '../node/known-address.ts'
import type { Environment } from './environment.ts'

/** Where the service answers: SAYSO_BASE_URL, else this machine with the port. */
export function baseUrlOf({ baseUrl, port }: Pick<Environment, 'baseUrl' | 'port'>): string {
  return baseUrl ?? `http://localhost:${port}`
}

/** What new logs are named after: SAYSO_BASE_URL, else the address of the service over the same folder. */
export async function findBaseUrl(environment: Pick<Environment, 'baseUrl' | 'port' | 'dataDir'>): Promise<string> {
  return environment.baseUrl ?? (await readAddress(environment.dataDir)) ?? baseUrlOf(environment)
}
