// C2SP tlog-cosignature, the Ed25519 kind: a witness says that it saw this checkpoint at this time, and none
// that contradicts it. It is one more signature line under the note.
//
//   — witness.example/w1 <base64 of: 4 bytes key hash, 8 bytes big-endian POSIX time, 64 bytes Ed25519 signature>
//
// What is signed: "cosignature/v1\ntime 1679315147\n", then the text of the note. The name is not, so a key has one name.
import { type Bytes, concat, isEqual, toBase64, utf8 } from './bytes.ts'
import { isSignedBy, type NoteKey, type NoteSignature, type NoteSigner, parseNote, WITNESS_ALGORITHM } from './checkpoint.ts'
import { refuse } from './refusal.ts'

const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** A cosignature that holds. */
export interface Cosignature {
  key: NoteKey
  /** When the witness signed, by its own clock: seconds since 1970. */
  timeSeconds: number
  /** The signature line, with its newline: appended to the checkpoint it is about. */
  line: string
}

function signedBytes(text: string, timeSeconds: number): Bytes {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`)
}

/** Cosigns a checkpoint, given with its signatures: the signature line, with its newline. */
export async function cosign(note: string, timeSeconds: number, signer: NoteSigner): Promise<string> {
  const time = new Uint8Array(TIME_BYTES)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds))
  const signature = await signer.sign(signedBytes(parseNote(note).text, timeSeconds))
  return `— ${signer.key.name} ${toBase64(concat(signer.key.hash, time, signature))}\n`
}

async function readCosignature(text: string, { signature, line }: NoteSignature, key: NoteKey): Promise<Cosignature> {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) refuse('/checkpoint', 'cosignature', `The cosignature of ${key.name} has the wrong length.`)
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)
  // Zero means "no time", which only other kinds of cosignatures may say.
  if (time === 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) refuse('/checkpoint', 'cosignature', `The cosignature of ${key.name} has no time.`)
  const timeSeconds = Number(time)
  if (!(await isSignedBy(key, signature.slice(TIME_BYTES), signedBytes(text, timeSeconds)))) {
    refuse('/checkpoint', 'cosignature', `The cosignature of ${key.name} is not valid.`)
  }
  return { key, timeSeconds, line }
}

/**
 * The cosignatures of these witnesses under a checkpoint, at most one each, in the order of the lines. Lines of unknown
 * keys are passed over; throws a Refusal where a line of a known key does not hold. The log's own signature is not checked.
 */
export async function verifyCosignatures(note: string, keys: readonly NoteKey[]): Promise<Cosignature[]> {
  const { text, signatures } = parseNote(note)
  const found = new Map<NoteKey, Cosignature>()
  for (const signature of signatures) {
    const key = keys.find(({ algorithm, name, hash }) => algorithm === WITNESS_ALGORITHM && name === signature.name && isEqual(hash, signature.hash))
    if (!key) continue
    const cosignature = await readCosignature(text, signature, key)
    if (!found.has(key)) found.set(key, cosignature)
  }
  return [...found.values()]
}
