// The address of the service that was started last over this folder, beside its database: commands that are not told one
// name new logs after it, as the service would. Logs that are there have a name already (server/log-names.ts).
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'base-url'

/** Keeps it. Rejects where that is not possible: whoever serves can do without. */
export async function keepAddress(dataDir: string, baseUrl: string): Promise<void> {
  if ((await readAddress(dataDir)) !== baseUrl) await writeFile(join(dataDir, FILE), `${baseUrl}\n`)
}

/** Undefined where no service was started yet. */
export async function readAddress(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? '' : Promise.reject(error)))
  return text.trim() || undefined
}
