// How far each log was when this service last looked, in a file beside the database. A database that was put back to an older
// state would let its logs go on another way than checkpoints in other hands say; against this file that is seen at the start.
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { parseJson } from '../../core/json.ts'
import { type FieldError, Refusal } from '../../core/refusal.ts'
import { validate } from '../../core/validate.ts'
import type { Store } from '../store.ts'

const FILE = 'high-water.json'
const EVERY_MS = 1000

const Marks = v.strictObject({
  format: v.literal('sayso-high-water/1'),
  /** By site: size of the log, and its root as in the checkpoint. */
  logs: v.record(v.string(), v.strictObject({ size: v.pipe(v.number(), v.safeInteger()), root: v.string() })),
})

/** A log at some time. */
export interface Mark {
  size: number
  root: string
}

/** What the file says; empty where there is none. Throws a Refusal for one that is none of ours. */
export async function readMarks(dataDir: string): Promise<Map<string, Mark>> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)))
  return new Map(text === undefined ? [] : Object.entries(validate(Marks, parseJson(text)).logs))
}

/** Writes the file; a power cut leaves the old one or the new one. */
export async function writeMarks(dataDir: string, marks: ReadonlyMap<string, Mark>): Promise<void> {
  const path = join(dataDir, FILE)
  // Services that share a database may share the folder.
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ format: 'sayso-high-water/1', logs: Object.fromEntries(marks) })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

/** From now on any state is as good as another. */
export async function forgetMarks(dataDir: string, marks: Map<string, Mark>): Promise<void> {
  marks.clear()
  await writeMarks(dataDir, marks)
}

/** What is wrong where the store's log is shorter than it was, or was another. */
export async function findOlder(store: Pick<Store, 'readHead' | 'findCheckpoint'>, [site, { size, root }]: readonly [string, Mark]): Promise<FieldError[]> {
  const head = await store.readHead(site)
  if (head.size < size) return [{ pointer: site, code: 'older_state', detail: `The log has ${head.size} leaves here and had ${size}. Going on from here would fork it.` }]
  const isSame = size === 0 || (await store.findCheckpoint(site, size))?.root === root
  return isSame ? [] : [{ pointer: site, code: 'other_history', detail: `The log was another when it had ${size} leaves.` }]
}

/** Throws a Refusal that names every log which is shorter than it was, or another. */
export async function checkMarks(store: Pick<Store, 'readHead' | 'findCheckpoint'>, marks: ReadonlyMap<string, Mark>): Promise<void> {
  const errors: FieldError[] = []
  for (const mark of marks) errors.push(...await findOlder(store, mark))
  if (errors.length > 0) {
    throw new Refusal([...errors, { pointer: '', code: 'older_state', detail: 'Put the newer database back. If that is lost: sayso serve --accept-older; receipts given since then will not be found, and auditors will see the fork.' }])
  }
}

/** Keeps the file as the logs grow. */
export interface HighWater {
  /** A log has grown. */
  grew(site: string): void
  /** Writes what is left to write. */
  close(): Promise<void>
}

/** Starts from what the file says; `onError` is told where it cannot be written, which stops nothing. */
export function keepHighWater({ dataDir, store, marks, onError }: { dataDir: string; store: Pick<Store, 'readHead' | 'findCheckpoint'>; marks: Map<string, Mark>; onError: (error: unknown) => void }): HighWater {
  const grown = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const sites = [...grown]
    grown.clear()
    for (const site of sites) {
      const { size } = await store.readHead(site)
      const checkpoint = await store.findCheckpoint(site, size)
      if (checkpoint) marks.set(site, { size, root: checkpoint.root })
    }
    if (sites.length > 0) await writeMarks(dataDir, marks)
  }
  const writeNext = () => (writing = writing.then(write).catch(onError))

  return {
    grew(site) {
      grown.add(site)
      timer ??= setTimeout(() => {
        timer = undefined
        void writeNext()
      }, EVERY_MS)
    },
    async close() {
      clearTimeout(timer)
      await writeNext()
    },
  }
}
