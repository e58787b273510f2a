// Private keys as files, one a key, readable by their owner alone. A key file is written once, whole, and never
// overwritten, whichever process comes second.
import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyStore } from '../signer.ts'

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

// The name of a new file is durable once its folder is. Windows has no such call, and refuses to open a folder.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Keys in `{folder}/{name}.jwk`, mode 0600; the folder is made where there is none, mode 0700. Names are lower
 * case letters, digits, `-`, and single dots between them, so no name leads out of the folder.
 */
export function createFileKeyStore(folder: string): KeyStore {
  function pathOf(name: string): string {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(name) || name.length > 200) throw new Error('Not the name of a key.')
    return join(folder, `${name}.jwk`)
  }

  return {
    async find(name) {
      try {
        return await readFile(pathOf(name), 'utf8')
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined
        throw error
      }
    },
    async list() {
      try {
        return (await readdir(folder)).filter((file) => /^[^.].*\.jwk$/.test(file)).map((file) => file.slice(0, -'.jwk'.length))
      } catch (error) {
        if (isCode(error, 'ENOENT')) return []
        throw error
      }
    },
    async add(name, jwk) {
      const path = pathOf(name)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await chmod(folder, 0o700)
      const part = join(folder, `.${randomUUID()}.part`)
      await writeDurably(part, jwk)
      try {
        // A link fails where the name is taken, and until it stands nobody sees half a file.
        await link(part, path)
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error
      } finally {
        await unlink(part)
      }
      await syncFolder(folder)
    },
  }
}
