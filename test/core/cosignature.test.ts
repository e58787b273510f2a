import { beforeAll, describe, expect, it } from 'vitest'
import { fromBase64, toBase64, utf8 } from '../../core/bytes.ts'
import { createNoteKey, formatNoteKey, LOG_ALGORITHM, type NoteSigner, parseNoteKey, parseWitnessKey, signCheckpoint, verifyCheckpoint, WITNESS_ALGORITHM } from '../../core/checkpoint.ts'
import { cosign, verifyCosignatures } from '../../core/cosignature.ts'
import { sha256 } from '../../core/hash.ts'
import { createLogSigner, createWitnessSigner } from '../fixtures/witness.ts'

const ORIGIN = 'consent.example/log/shop'
const TIME = 1_679_315_147

let log: NoteSigner
let witness: NoteSigner
let note: string
let line: string
beforeAll(async () => {
  log = await createLogSigner(ORIGIN)
  witness = await createWitnessSigner('witness.example/w1')
  note = await signCheckpoint({ origin: ORIGIN, size: 1843, root: sha256(utf8('root')) }, log)
  line = await cosign(note, TIME, witness)
})

/** The line with bytes of its base64 changed. */
function withBytes(change: (bytes: Uint8Array) => void): string {
  const [dash, name, material] = line.trim().split(' ')
  const bytes = fromBase64(material!)!
  change(bytes)
  return `${dash} ${name} ${toBase64(bytes)}\n`
}

describe('keys of witnesses', () => {
  it('are written with type 4, and neither kind of key passes for the other', () => {
    const vkey = formatNoteKey(witness.key)
    expect(fromBase64(vkey.split('+').slice(2).join('+'))![0]).toBe(4)
    expect(parseWitnessKey(vkey)).toEqual(witness.key)
    expect(() => parseNoteKey(vkey)).toThrow('Not a log’s')
    expect(() => parseWitnessKey(formatNoteKey(log.key))).toThrow('Not a witness’s')
  })

  it('are read as others publish them', () => {
    // From the tests of github.com/transparency-dev/formats: the key of a running witness.
    const published = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2'
    expect(formatNoteKey(parseWitnessKey(published))).toBe(published)
    expect(() => parseWitnessKey(published.replace('da77', 'da78'))).toThrow('belongs to another key')
  })

  it('have another hash than a log’s key of the same name and bytes', () => {
    const { name, publicKey } = witness.key
    expect(createNoteKey(name, publicKey, LOG_ALGORITHM).hash).not.toEqual(witness.key.hash)
  })
})

describe('a cosignature', () => {
  it('is one more line of the note: key hash, time, signature', async () => {
    expect(line).toMatch(/^— witness\.example\/w1 [A-Za-z0-9+/]{102}==\n$/)
    const bytes = fromBase64(line.trim().split(' ')[2]!)!
    expect(bytes.slice(0, 4)).toEqual(witness.key.hash)
    expect(new DataView(bytes.buffer).getBigUint64(4)).toBe(BigInt(TIME))
    expect(await verifyCosignatures(note + line, [witness.key])).toEqual([{ key: witness.key, timeSeconds: TIME, line }])
    await expect(verifyCheckpoint(note + line, [log.key])).resolves.toMatchObject({ size: 1843 })
  })

  it('signs the words that C2SP prescribes', async () => {
    const signed: string[] = []
    await cosign(note, TIME, { key: witness.key, sign: async (bytes) => (signed.push(new TextDecoder().decode(bytes)), new Uint8Array(64)) })
    expect(signed).toEqual([`cosignature/v1\ntime ${TIME}\n${note.slice(0, note.indexOf('\n\n') + 1)}`])
  })

  it.each([
    ['a forged time', () => withBytes((bytes) => (bytes[11]! -= 1))],
    ['no time', () => withBytes((bytes) => bytes.fill(0, 4, 12))],
    ['a time beyond all clocks', () => withBytes((bytes) => bytes.fill(255, 4, 12))],
    ['a changed signature', () => withBytes((bytes) => (bytes[40]! ^= 1))],
    ['a signature without its time', () => `— ${witness.key.name} ${toBase64(fromBase64(line.trim().split(' ')[2]!)!.slice(0, 68))}\n`],
  ])('with %s is refused', async (_, forge) => {
    await expect(verifyCosignatures(note + forge(), [witness.key])).rejects.toMatchObject({ code: 'cosignature' })
  })

  it('made for no time is refused, although it is signed', async () => {
    await expect(verifyCosignatures(note + (await cosign(note, 0, witness)), [witness.key])).rejects.toMatchObject({ code: 'cosignature' })
  })

  it('that was copied from another checkpoint is refused', async () => {
    const other = await signCheckpoint({ origin: ORIGIN, size: 1844, root: sha256(utf8('root')) }, log)
    await expect(verifyCosignatures(other + line, [witness.key])).rejects.toMatchObject({ code: 'cosignature' })
  })

  it('of another key, or under another name, does not count', async () => {
    const stranger = await createWitnessSigner(witness.key.name)
    expect(await verifyCosignatures(note + line, [stranger.key])).toEqual([])
    expect(await verifyCosignatures(note + line.replace('/w1', '/w2'), [witness.key])).toEqual([])
    expect(await verifyCosignatures(note, [witness.key])).toEqual([])
  })

  it('is not a log’s signature, nor the other way round', async () => {
    const asLog = createNoteKey(ORIGIN, witness.key.publicKey, WITNESS_ALGORITHM)
    const text = note.slice(0, note.indexOf('\n\n') + 2)
    const ownLine = await cosign(note, TIME, { key: asLog, sign: witness.sign })
    await expect(verifyCheckpoint(text + ownLine, [asLog])).rejects.toMatchObject({ code: 'checkpoint_key' })
    const plain = await signCheckpoint({ origin: ORIGIN, size: 1843, root: sha256(utf8('root')) }, { key: witness.key, sign: witness.sign })
    await expect(verifyCosignatures(plain, [witness.key])).rejects.toMatchObject({ code: 'cosignature' })
    expect(await verifyCosignatures(note, [log.key])).toEqual([])
  })

  it('counts once, however often its line stands there', async () => {
    const again = await cosign(note, TIME + 60, witness)
    expect((await verifyCosignatures(note + line + line + again, [witness.key])).map(({ timeSeconds }) => timeSeconds)).toEqual([TIME])
  })
})
