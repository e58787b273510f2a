// A witness for other people's logs (C2SP tlog-witness): it cosigns a checkpoint only where it continues the one it
// cosigned before, so a log it watches cannot show two histories. It keeps one checkpoint a log and sees no leaf.
//
//   POST /add-checkpoint                     old size, consistency proof, empty line, signed checkpoint
//   GET  /<SHA-256 of origin, hex>/checkpoint    the latest that it cosigned
//
// Not offered: cosignatures of subtrees (optional in the protocol) and ML-DSA keys.
import { Hono } from 'hono'
import { type Bytes, fromBase64, fromUtf8, isEqual, toBase64, utf8 } from '../core/bytes.ts'
import { type Checkpoint, isSignedBy, type NoteKey, type NoteSigner, parseCheckpoint, parseNote } from '../core/checkpoint.ts'
import { cosign } from '../core/cosignature.ts'
import { sha256 } from '../core/hash.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { EMPTY_ROOT, isConsistent } from '../core/tree.ts'
import { readBytes } from './body.ts'

const BODY_LIMIT_BYTES = 70 * 1024
const PROOF_LINES = 63
const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const

/** The latest checkpoint that a witness cosigned for a log. */
export interface Witnessed {
  size: number
  /** Standard base64. */
  root: string
  /** The checkpoint with the log's signatures that were verified, and the witness's own. */
  note: string
}

/** What a witness remembers, by the log's origin. A write is on the disk when `replace` resolves. */
export interface WitnessMemory {
  find(origin: string): Promise<Witnessed | undefined>
  /** Compare and set: false, and nothing written, where what is remembered is no longer `known` (size and root). */
  replace(origin: string, known: Witnessed | undefined, next: Witnessed): Promise<boolean>
}

/** What a witness is made of. */
export interface WitnessOptions {
  /** Keys of the logs it watches; a log that rotates has several under one name. */
  logs: readonly NoteKey[]
  /** Its own key, of the witness kind. */
  signer: NoteSigner
  memory: WitnessMemory
  /** Milliseconds since 1970. */
  now: () => number
  /** One line for the operator. */
  log?: (line: string) => void
}

/** A witness, put together. */
export interface WitnessApp {
  fetch(request: Request): Promise<Response>
}

/** What a log submits. */
export interface Submission {
  oldSize: number
  proof: Bytes[]
  /** The signed checkpoint. */
  note: string
}

/** A memory that ends with the process, for tests. */
export function createWitnessMemory(): WitnessMemory {
  const latest = new Map<string, Witnessed>()
  return {
    find: async (origin) => latest.get(origin),
    async replace(origin, known, next) {
      const current = latest.get(origin)
      if (current?.size !== known?.size || current?.root !== known?.root) return false
      latest.set(origin, next)
      return true
    },
  }
}

/** The body of an add-checkpoint request. */
export function formatSubmission({ oldSize, proof, note }: Submission): string {
  return [`old ${oldSize}`, ...proof.map(toBase64), '', note].join('\n')
}

function parseSubmission(body: string): Submission {
  const gap = body.indexOf('\n\n')
  const [first, ...lines] = body.slice(0, Math.max(gap, 0)).split('\n')
  const [, oldSize] = /^old (0|[1-9]\d{0,15})$/.exec(first ?? '') ?? []
  const proof = lines.map(fromBase64)
  if (oldSize === undefined || !Number.isSafeInteger(Number(oldSize)) || lines.length > PROOF_LINES || proof.some((hash) => hash?.length !== 32)) {
    return refuse('', 'submission', `Expected “old N”, at most ${PROOF_LINES} hashes, an empty line and a checkpoint.`)
  }
  return { oldSize: Number(oldSize), proof: proof as Bytes[], note: body.slice(gap + 2) }
}

/** The log's signature lines; undefined where there is none, or one of a known key that does not hold. */
async function readLogSignatures(note: string, keys: readonly NoteKey[]): Promise<string | undefined> {
  const { text, signatures } = parseNote(note)
  let lines = ''
  for (const { name, hash, signature, line } of signatures) {
    const key = keys.find((known) => known.name === name && isEqual(known.hash, hash))
    if (!key) continue
    if (!(await isSignedBy(key, signature, utf8(text)))) return undefined
    lines += line
  }
  return lines === '' ? undefined : lines
}

function nameFolder(origin: string): string {
  return [...sha256(utf8(origin))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether the checkpoint continues what was witnessed before; a sentence where it does not. */
function findFault({ oldSize, proof }: Submission, { size, root }: Checkpoint, known: Witnessed | undefined): string | undefined {
  if (oldSize === 0 && proof.length > 0) return 'From size 0 no proof is needed, and none is allowed.'
  // Everything continues the empty tree, which itself has one root only.
  const oldRoot = oldSize === 0 ? EMPTY_ROOT : fromBase64(known!.root)!
  if (isConsistent(oldSize, size, oldRoot, root, proof)) return undefined
  return oldSize === size ? 'The log has another root at this size.' : 'The consistency proof does not hold.'
}

/** Puts a witness together. */
export function createWitness({ logs, signer, memory, now, log = () => {} }: WitnessOptions): WitnessApp {
  const answer = (body: string, status: number, headers: Record<string, string> = TEXT) => new Response(body, { status, headers })
  const conflict = (size: number) => answer(`${size}\n`, 409, { ...TEXT, 'content-type': 'text/x.tlog.size' })

  async function addCheckpoint(body: string): Promise<Response> {
    const submission = parseSubmission(body)
    const checkpoint = parseCheckpoint(submission.note)
    const { origin, size } = checkpoint
    const keys = logs.filter(({ name }) => name === origin)
    if (keys.length === 0) return answer('This log is not watched here.\n', 404)
    const logLines = await readLogSignatures(submission.note, keys)
    if (logLines === undefined) return answer('The checkpoint is not signed by the log’s key.\n', 403)
    if (submission.oldSize > size) return answer('The old size is larger than the checkpoint’s.\n', 400)
    const known = await memory.find(origin)
    if (submission.oldSize !== (known?.size ?? 0)) return conflict(known?.size ?? 0)
    const fault = findFault(submission, checkpoint, known)
    if (fault !== undefined) {
      // Signed by the log and contradicting what it showed before: the operator wants to keep this.
      log(`not cosigned: ${fault} ${JSON.stringify({ known: known?.note, submitted: submission.note })}`)
      return answer(`${fault}\n`, 422)
    }
    const line = await cosign(submission.note, Math.floor(now() / 1000), signer)
    const note = `${parseNote(submission.note).text}\n${logLines}${line}`
    // Another request may have been quicker: then nothing is given out, and its size is told.
    if (!(await memory.replace(origin, known, { size, root: toBase64(checkpoint.root), note }))) return conflict((await memory.find(origin))?.size ?? 0)
    log(`cosigned ${origin} ${size}`)
    return answer(line, 200)
  }

  const app = new Hono({ strict: true })
  app.post('/add-checkpoint', async (c) => {
    const bytes = await readBytes(c.req.raw, BODY_LIMIT_BYTES)
    return addCheckpoint(fromUtf8(bytes) ?? refuse('', 'utf8', 'The body is not valid UTF-8.'))
  })
  app.get('/:folder/checkpoint', async (c) => {
    const origin = logs.find(({ name }) => nameFolder(name) === c.req.param('folder'))?.name
    const latest = origin === undefined ? undefined : await memory.find(origin)
    return latest ? answer(latest.note, 200, { ...TEXT, 'cache-control': 'public, max-age=5' }) : answer('No checkpoint of such a log was cosigned here.\n', 404)
  })
  app.onError((error) => {
    if (error instanceof Refusal) return answer(`${error.message}\n`, error.code === 'too_large' ? 413 : 400)
    log(`a request failed: ${error.name}`)
    return answer('Something went wrong here. Nothing was cosigned.\n', 500)
  })
  return { fetch: async (request) => app.fetch(request) }
}
