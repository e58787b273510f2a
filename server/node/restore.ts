// Puts a backup in place, once it is shown to be whole and not older than anything known: a log that starts again from an
// older state goes on another way than the receipts and checkpoints that people hold.
import { cp, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toBase64 } from '../../core/bytes.ts'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { type FieldError, Refusal, refuse } from '../../core/refusal.ts'
import type { Environment } from '../cli/environment.ts'
import { createSqlStore, openSqlite } from '../store-sql.ts'
import { type Manifest, readBackup, readHeads } from './backup.ts'
import { copyDatabase } from './copy-database.ts'
import { findOlder, type Mark, readMarks, writeMarks } from './high-water.ts'
import { SQLITE_FILE } from './open-data.ts'
import { openPostgres } from './postgres.ts'
import { lockFolder } from './service-lock.ts'

const exists = (path: string) => stat(path).then(() => true, () => false)

function toMark(checkpoint: string): Mark {
  const { size, root } = parseCheckpoint(checkpoint)
  return { size, root: toBase64(root) }
}

/** How far each log is known to have been: from the file beside the database, the database itself, and checkpoints from elsewhere. */
async function gatherMarks({ dataDir, databaseUrl }: Environment, latest: readonly string[]): Promise<[site: string, Mark][]> {
  const marks: [string, Mark][] = [...await readMarks(dataDir)]
  const present = join(dataDir, SQLITE_FILE)
  if (databaseUrl === undefined && await exists(present)) marks.push(...(await readHeads(present)).map(({ site, checkpoint }): [string, Mark] => [site, toMark(checkpoint)]))
  for (const path of latest) {
    const checkpoint = await readFile(path, 'utf8')
    marks.push([parseCheckpoint(checkpoint).origin.split('/log/').at(-1)!, toMark(checkpoint)])
  }
  return marks
}

async function checkNotOlder(file: string, marks: readonly [string, Mark][]): Promise<void> {
  const db = await openSqlite(file)
  try {
    const store = createSqlStore(db)
    const errors: FieldError[] = []
    for (const mark of marks) errors.push(...await findOlder(store, mark))
    if (errors.length > 0) throw new Refusal([...errors, { pointer: '', code: 'older_state', detail: 'Take a newer backup. If there is none: --accept-older; receipts given since then will not be found, and auditors will see the fork.' }])
  } finally {
    await db.destroy()
  }
}

/** Writes the file beside what is there, and puts it in its place in one step; what was there is kept under another name. */
async function replaceFile(from: string, dataDir: string): Promise<void> {
  const target = join(dataDir, SQLITE_FILE)
  await cp(from, `${target}.new`)
  const handle = await open(`${target}.new`, 'r+')
  await handle.chmod(0o600)
  await handle.sync()
  await handle.close()
  const aside = `replaced-${new Date().toISOString().replaceAll(':', '')}`
  for (const ending of ['-wal', '-shm', '']) if (await exists(target + ending)) await rename(target + ending, `${target}.${aside}${ending}`)
  await rename(`${target}.new`, target)
}

async function restoreKeys(folder: string, dataDir: string): Promise<'put in place' | 'left as they are'> {
  const target = join(dataDir, 'keys')
  if ((await readdir(target).catch(() => [])).length > 0) return 'left as they are'
  await cp(join(folder, 'keys'), target, { recursive: true })
  return 'put in place'
}

/** What was restored. */
export interface Restored {
  logs: Manifest['logs']
  keys: 'put in place' | 'left as they are' | 'not in the backup'
}

/** Puts the backup in place of what is there. The service has to stand still. Throws a Refusal, and then nothing has changed. */
export async function restoreBackup(environment: Environment, folder: string, { latest, isOlderAccepted }: { latest: readonly string[]; isOlderAccepted: boolean }): Promise<Restored> {
  const { dataDir, databaseUrl } = environment
  await mkdir(dataDir, { recursive: true })
  const unlock = await lockFolder(dataDir)
  try {
    const manifest = await readBackup(folder)
    const copied = join(dataDir, `${SQLITE_FILE}.checked`)
    // Opening a database writes beside it; a backup stays as it is.
    await cp(join(folder, manifest.database.file), copied)
    const logs = await readHeads(copied)
    if (JSON.stringify(logs) !== JSON.stringify(manifest.logs)) refuse('/logs', 'backup', 'The database in the backup has other logs than its list says.')
    if (!isOlderAccepted) await checkNotOlder(copied, await gatherMarks(environment, latest))
    if (databaseUrl === undefined) {
      await replaceFile(copied, dataDir)
    } else {
      const [from, to] = [await openSqlite(copied), await openPostgres(databaseUrl, () => {})]
      try {
        await copyDatabase(from, to, { target: 'SAYSO_DATABASE_URL' })
      } finally {
        await Promise.all([from.destroy(), to.destroy()])
      }
    }
    await writeMarks(dataDir, new Map(logs.map(({ site, checkpoint }) => [site, toMark(checkpoint)])))
    return { logs, keys: manifest.has_keys ? await restoreKeys(folder, dataDir) : 'not in the backup' }
  } finally {
    for (const ending of ['', '-wal', '-shm']) await rm(join(dataDir, `${SQLITE_FILE}.checked${ending}`), { force: true })
    unlock()
  }
}
