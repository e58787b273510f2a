// The log's signed head: a C2SP tlog-checkpoint inside a C2SP signed note, with an Ed25519 signature.
//
//   consent.example/log/shop
//   1843
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//   — consent.example/log/shop Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//
// The signature's base64 holds 4 bytes of key hash, then the 64 bytes of the signature over the text above it.
import { type Bytes, concat, fromBase64, isEqual, toBase64, utf8 } from './bytes.ts'
import { sha256 } from './hash.ts'
import { refuse } from './refusal.ts'

/** Signature types of C2SP signed-note: a log signs plainly, a witness signs a checkpoint together with the time. */
export const LOG_ALGORITHM = 0x01
export const WITNESS_ALGORITHM = 0x04
export type NoteAlgorithm = typeof LOG_ALGORITHM | typeof WITNESS_ALGORITHM

const TEXT_LIMIT = 64 * 1024

/** The signed head of one log. */
export interface Checkpoint {
  /** The log's name, for example `consent.example/log/shop`. */
  origin: string
  /** How many leaves the tree has. */
  size: number
  /** RFC 6962 root of these leaves: 32 bytes. */
  root: Bytes
}

/** A key that checks notes, written `name+hash+key` (C2SP signed-note "vkey"). */
export interface NoteKey {
  name: string
  /** What its signatures are over; part of the key's hash, so a log's key never passes for a witness's. */
  algorithm: NoteAlgorithm
  /** First 4 bytes of SHA-256(name, newline, algorithm, public key). */
  hash: Bytes
  /** Ed25519 public key: 32 bytes. */
  publicKey: Bytes
}

/** What signs notes. The private key stays behind `sign`. */
export interface NoteSigner {
  key: NoteKey
  /** Ed25519 signature of these bytes: 64 bytes. */
  sign(bytes: Bytes): Promise<Bytes>
}

/** A key of this name, a log's unless said otherwise. Names hold neither white space nor `+`. */
export function createNoteKey(name: string, publicKey: Bytes, algorithm: NoteAlgorithm = LOG_ALGORITHM): NoteKey {
  const material = concat(Uint8Array.of(algorithm), publicKey)
  return { name, algorithm, publicKey, hash: sha256(concat(utf8(`${name}\n`), material)).slice(0, 4) }
}

/** The vkey line of a key. */
export function formatNoteKey(key: NoteKey): string {
  const hash = [...key.hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${key.name}+${hash}+${toBase64(concat(Uint8Array.of(key.algorithm), key.publicKey))}`
}

function parseKey(vkey: string, algorithm: NoteAlgorithm): NoteKey {
  const [, name, , material] = /^([^\s+]+)\+([\da-f]{8})\+([\w+/=]+)$/.exec(vkey.trim()) ?? []
  const bytes = material === undefined ? undefined : fromBase64(material)
  if (!name || !bytes || bytes.length !== 33 || bytes[0] !== algorithm) {
    const owner = algorithm === LOG_ALGORITHM ? 'log' : 'witness'
    return refuse('', 'vkey', `Not a ${owner}’s verification key: expected name+hash+key of an Ed25519 key of type ${algorithm}.`)
  }
  const key = createNoteKey(name, bytes.slice(1), algorithm)
  if (formatNoteKey(key) !== vkey.trim()) refuse('', 'vkey', 'The hash in the verification key belongs to another key.')
  return key
}

/** Reads the vkey line of a log; refuses other algorithms and a hash that does not belong to the key. */
export function parseNoteKey(vkey: string): NoteKey {
  return parseKey(vkey, LOG_ALGORITHM)
}

/** Reads the vkey line of a witness, likewise. */
export function parseWitnessKey(vkey: string): NoteKey {
  return parseKey(vkey, WITNESS_ALGORITHM)
}

/** Whether this key made this signature over these bytes. */
export async function isSignedBy(key: NoteKey, signature: Bytes, bytes: Bytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', imported, signature, bytes)
}

/** Signs a checkpoint: the whole note as served at `/log/{site}/checkpoint`. */
export async function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Promise<string> {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`
  const signature = concat(signer.key.hash, await signer.sign(utf8(text)))
  return `${text}\n— ${signer.key.name} ${toBase64(signature)}\n`
}

/** One signature line of a note. */
export interface NoteSignature {
  name: string
  /** The first 4 bytes of its base64: the key's hash. */
  hash: Bytes
  /** The rest. */
  signature: Bytes
  /** The line as it stands, with its newline. */
  line: string
}

/** The text of a signed note, and its signatures, none of them checked. Throws a Refusal. */
export function parseNote(note: string): { text: string; signatures: NoteSignature[] } {
  const gap = note.lastIndexOf('\n\n')
  // eslint-disable-next-line no-control-regex -- control characters are exactly what a note may not hold
  if (note.length > TEXT_LIMIT || gap < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(note)) refuse('/checkpoint', 'note', 'Not a signed note.')
  const lines = note.slice(gap + 2, -1).split('\n')
  const signatures = lines.map((line) => {
    const [, name, material] = /^— ([^\s+]+) ([\w+/=]+)$/.exec(line) ?? []
    const bytes = material === undefined ? undefined : fromBase64(material)
    if (!name || !bytes || bytes.length < 5) return refuse('/checkpoint', 'note', 'A signature line of the note is malformed.')
    return { name, hash: bytes.slice(0, 4), signature: bytes.slice(4), line: `${line}\n` }
  })
  return { text: note.slice(0, gap + 1), signatures }
}

/** Reads a checkpoint without checking who signed it. For what is displayed or compared, never for trust. */
export function parseCheckpoint(note: string): Checkpoint {
  const [origin, size, root, ...rest] = parseNote(note).text.split('\n')
  const bytes = root === undefined ? undefined : fromBase64(root)
  if (!origin || !size || !/^(?:0|[1-9]\d{0,15})$/.test(size) || bytes?.length !== 32 || rest.at(-1) !== '' || !Number.isSafeInteger(Number(size))) {
    return refuse('/checkpoint', 'checkpoint', 'Not a checkpoint: expected origin, size and root, a line each.')
  }
  return { origin, size: Number(size), root: bytes }
}

/** Reads a checkpoint and requires a valid signature by one of these keys, under the log's own name. */
export async function verifyCheckpoint(note: string, keys: readonly NoteKey[]): Promise<Checkpoint> {
  const checkpoint = parseCheckpoint(note)
  const { text, signatures } = parseNote(note)
  for (const { name, hash, signature } of signatures) {
    const key = keys.find((known) => known.algorithm === LOG_ALGORITHM && known.name === name && isEqual(known.hash, hash))
    if (!key || name !== checkpoint.origin) continue
    if (await isSignedBy(key, signature, utf8(text))) return checkpoint
    return refuse('/checkpoint', 'checkpoint_signature', 'The signature of the checkpoint is not valid.')
  }
  return refuse('/checkpoint', 'checkpoint_key', 'The checkpoint is not signed by the given log key.')
}
