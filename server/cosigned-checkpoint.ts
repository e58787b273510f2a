// A published checkpoint together with what witnesses said about it so far.
import type { Store } from './store.ts'

/** The checkpoint of this size with a line for each cosignature that is kept. */
export async function addCosignatures(store: Pick<Store, 'readCosignatures'>, site: string, size: number, note: string): Promise<string> {
  const cosignatures = await store.readCosignatures(site, size)
  return note + cosignatures.map(({ line }) => line).join('')
}
