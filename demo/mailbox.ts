// Reads the mails that the service wrote into its mailbox folder, one .eml file each.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'

/** One mail; `id` is its file name without the ending, `raw` the file as it is. */
export interface Mail {
  id: string
  to: string
  from: string
  subject: string
  /** When the file was written, RFC 3339. */
  received_at: string
  raw: string
  text: string | undefined
  html: string | undefined
  headers: { name: string; value: string }[]
}

/** A mailbox over a folder; `list` gives its mails, newest first, and none where there is no folder yet. */
export function createMailbox(folder: string): { list(): Promise<Mail[]> } {
  // A mail never changes once it stands, so each is read once.
  const known = new Map<string, { mail: Mail; writtenMs: number }>()
  return {
    async list() {
      const names = (await listFolder(folder)).filter((name) => name.endsWith('.eml'))
      for (const name of names) {
        if (!known.has(name)) known.set(name, await readMail(folder, name))
      }
      for (const name of known.keys()) {
        if (!names.includes(name)) known.delete(name)
      }
      return [...known.values()].sort((a, b) => b.writtenMs - a.writtenMs || b.mail.id.localeCompare(a.mail.id)).map(({ mail }) => mail)
    },
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readMail(folder: string, name: string): Promise<{ mail: Mail; writtenMs: number }> {
  const path = join(folder, name)
  const raw = await readFile(path, 'utf8')
  const { mtime, mtimeMs } = await stat(path)
  const parsed = await PostalMime.parse(raw)
  const mail = {
    id: name.replace(/\.eml$/, ''),
    to: (parsed.to ?? []).map(({ address }) => address ?? '').join(', '),
    from: parsed.from?.address ?? '',
    subject: parsed.subject ?? '',
    received_at: mtime.toISOString(),
    raw,
    text: parsed.text,
    html: parsed.html,
    headers: parsed.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
  }
  return { mail, writtenMs: mtimeMs }
}
