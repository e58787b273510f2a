// Opens what SAYSO_DATA holds: the database and the keys.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError } from '../describe-error.ts'
import { createLedger, type Ledger } from '../ledger.ts'
import { createSigner, type Signer } from '../signer.ts'
import type { Log } from '../service.ts'
import type { Store } from '../store.ts'
import { createSqlStore, openSqlite } from '../store-sql.ts'
import type { Environment } from '../cli/environment.ts'
import { appendElsewhere } from './append-elsewhere.ts'
import { createEnvironmentKeyStore } from './key-environment.ts'
import { createFileKeyStore } from './key-files.ts'
import { openPostgres } from './postgres.ts'
import { importLogKey } from './sign-log.ts'

/** The service's data, open. */
export interface Data {
  store: Store
  signer: Signer
  ledger: Ledger
}

/** How it is opened. */
export interface OpenOptions {
  log?: Log
  /** For a service, which goes on while a batch is written; a command has nothing else to do. */
  isServing?: boolean
}

/** Opens the database, SQLite in SAYSO_DATA unless SAYSO_DATABASE_URL names another; the folder is made where there is none. */
export async function openStore({ dataDir, databaseUrl }: Pick<Environment, 'dataDir' | 'databaseUrl'>, { log = () => {}, isServing = false }: OpenOptions = {}): Promise<Store> {
  if (databaseUrl !== undefined) return createSqlStore(await openPostgres(databaseUrl, (error) => log(`a connection to the database broke: ${describeError(error).split('\n')[0]}`)))
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, SQLITE_FILE)
  const db = await openSqlite(path)
  const store = createSqlStore(db)
  return isServing ? appendElsewhere(store, { path, hold: (work) => db.connection().execute(work) }) : store
}

/** Name of the SQLite file in SAYSO_DATA. */
export const SQLITE_FILE = 'sayso.db'

/** Opens the data. Keys from SAYSO_KEYS stand in place of the key files in the folder. */
export async function openData(environment: Pick<Environment, 'dataDir' | 'databaseUrl' | 'keys'>, baseUrl: string, options?: OpenOptions): Promise<Data> {
  const { dataDir, keys } = environment
  const store = await openStore(environment, options)
  const signer = createSigner(keys ? createEnvironmentKeyStore(keys) : createFileKeyStore(join(dataDir, 'keys')), importLogKey)
  return { store, signer, ledger: createLedger({ store, signer, baseUrl, now: Date.now }) }
}
