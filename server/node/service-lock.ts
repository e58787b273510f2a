// One service for each folder with a SQLite database: two would hold each other up, and count and send on their own. The lock
// is SQLite's own on a file of its own, so it ends with its process, however that ends, and nobody has to clean up.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { refuse } from '../../core/refusal.ts'

/** Held until it is called. */
export type Release = () => void

/** Takes the folder for this process. Throws a Refusal where another has it. */
export async function lockFolder(dataDir: string): Promise<Release> {
  const noteFile = join(dataDir, 'service.pid')
  const lock = new Database(join(dataDir, 'service.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    const pid = (await readFile(noteFile, 'utf8').catch(() => '')).trim()
    return refuse('SAYSO_DATA', 'in_use', `Another Sayso service works in ${dataDir}${pid === '' ? '' : `, process ${pid}`}. Stop it, or give this one another folder; services that share their data share a PostgreSQL database, SAYSO_DATABASE_URL.`)
  }
  await writeFile(noteFile, `${process.pid}\n`)
  return () => lock.close()
}
