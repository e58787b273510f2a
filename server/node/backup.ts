// A backup: everything in one SQLite file as it was at one moment, and a list of the logs with their checkpoints beside it, by
// which a restore can tell whether the file is whole. Taken while the service runs.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { cp, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import * as v from 'valibot'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { toBase64 } from '../../core/bytes.ts'
import { parseJson } from '../../core/json.ts'
import { refuse } from '../../core/refusal.ts'
import { formatTime } from '../../core/time.ts'
import { validate } from '../../core/validate.ts'
import { createSqlStore, openSqlite } from '../store-sql.ts'
import type { Environment } from '../cli/environment.ts'
import { copyDatabase, readLogs } from './copy-database.ts'
import { SQLITE_FILE } from './open-data.ts'
import { openPostgres } from './postgres.ts'

const MANIFEST = 'backup.json'
const KEYS = 'keys'

const text = v.string('A text is expected.')
const Manifest = v.strictObject({
  format: v.literal('sayso-backup/1', 'The format is “sayso-backup/1”.'),
  created_at: text,
  database: v.strictObject({ file: v.literal(SQLITE_FILE), sha256: text }),
  /** Whether the private keys are in the folder `keys`. */
  has_keys: v.boolean('true or false is expected.'),
  logs: v.array(v.strictObject({ site: text, checkpoint: text })),
})

/** What `backup.json` says. */
export type Manifest = v.InferOutput<typeof Manifest>

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function copySqlite(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true, fileMustExist: true })
  try {
    // One transaction of a reader: writers go on. What was erased is not in the copy either.
    source.prepare('VACUUM INTO ?').run(to)
  } finally {
    source.close()
  }
}

async function copyPostgres(url: string, to: string): Promise<void> {
  const [source, target] = [await openPostgres(url, () => {}), await openSqlite(to)]
  try {
    await copyDatabase(source, target, { target: to })
  } finally {
    await Promise.all([source.destroy(), target.destroy()])
  }
}

/** The logs of a backup's database: each recomputed, each under its newest checkpoint. Throws a Refusal where one does not hold. */
export async function readHeads(file: string): Promise<Manifest['logs']> {
  const db = await openSqlite(file)
  try {
    const store = createSqlStore(db)
    const heads: Manifest['logs'] = []
    for (const { site, size, root } of await readLogs(db)) {
      const { checkpoint } = await store.readHead(site)
      if (checkpoint === null) continue
      const signed = parseCheckpoint(checkpoint)
      if (signed.size !== size || toBase64(signed.root) !== root) refuse(`/logs/${site}`, 'root', `The log of “${site}” is not the one that its checkpoint was signed for.`)
      heads.push({ site, checkpoint })
    }
    return heads
  } finally {
    await db.destroy()
  }
}

/** How a backup is made. */
export interface BackupOptions {
  withKeys: boolean
  /** Records that it is made, just before anything is copied, so that the copy has that, too. */
  record(): Promise<void>
}

/** Writes a backup into a new folder. Throws a Refusal where something is there already, or there is nothing to copy. */
export async function writeBackup({ dataDir, databaseUrl, keys }: Environment, folder: string, { withKeys, record }: BackupOptions): Promise<Manifest> {
  const from = join(dataDir, SQLITE_FILE)
  if (databaseUrl === undefined && !existsSync(from)) refuse('SAYSO_DATA', 'missing', `There is no ${SQLITE_FILE} in ${dataDir}.`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) refuse('--out', 'not_empty', `There is something in ${folder} already. A backup takes a folder of its own.`)
  if (withKeys && keys) refuse('--with-keys', 'keys', 'The keys come from SAYSO_KEYS: keep them where you keep that.')
  await record()
  const file = join(folder, SQLITE_FILE)
  if (databaseUrl === undefined) await copySqlite(from, file)
  else await copyPostgres(databaseUrl, file)
  const logs = await readHeads(file)
  const handle = await open(file, 'r+', 0o600)
  await handle.chmod(0o600)
  await handle.sync()
  await handle.close()
  if (withKeys) await cp(join(dataDir, KEYS), join(folder, KEYS), { recursive: true })
  const manifest: Manifest = { format: 'sayso-backup/1', created_at: formatTime(Date.now()), database: { file: SQLITE_FILE, sha256: await hashFile(file) }, has_keys: withKeys, logs }
  // Last, so that a folder without it is a backup that was not finished.
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true })
  return manifest
}

/** Reads a backup and checks that it is whole. Throws a Refusal. */
export async function readBackup(folder: string): Promise<Manifest> {
  const written = await readFile(join(folder, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? refuse('', 'backup', `There is no ${MANIFEST} in ${folder}: no backup, or one that was not finished.`) : Promise.reject(error))
  const manifest = validate(Manifest, parseJson(written))
  const file = join(folder, manifest.database.file)
  if ((await hashFile(file)) !== manifest.database.sha256) refuse('/database/sha256', 'backup', 'The database in the backup is not the one that was written: its hash is another.')
  return manifest
}
