// Opens what SAYSO_DATA holds: the database and the keys.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLedger, type Ledger } from '../ledger.ts'
import { createSigner, type Signer } from '../signer.ts'
import type { Store } from '../store.ts'
import { createSqlStore, openSqlite } from '../store-sql.ts'
import { createEnvironmentKeyStore, type EnvironmentKeys } from './key-environment.ts'
import { createFileKeyStore } from './key-files.ts'

/** The service's data, open. */
export interface Data {
  store: Store
  signer: Signer
  ledger: Ledger
}

/** Opens the data in a folder, which is made where there is none. Keys that are given stand in place of its key files. */
export async function openData(dataDir: string, baseUrl: string, keys?: EnvironmentKeys): Promise<Data> {
  await mkdir(dataDir, { recursive: true })
  const store = createSqlStore(await openSqlite(join(dataDir, 'sayso.db')))
  const signer = createSigner(keys ? createEnvironmentKeyStore(keys) : createFileKeyStore(join(dataDir, 'keys')))
  return { store, signer, ledger: createLedger({ store, signer, baseUrl, now: Date.now }) }
}
