import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64, utf8 } from '../../core/bytes.ts'
import { createNoteKey, formatNoteKey, type NoteSigner, parseCheckpoint, parseNoteKey, signCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { sha256 } from '../../core/hash.ts'

const ORIGIN = 'consent.example/log/shop'
const root = sha256(utf8('root'))

async function createSigner(name: string): Promise<NoteSigner> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  return {
    key: createNoteKey(name, new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
  }
}

let signer: NoteSigner
let note: string
beforeAll(async () => {
  signer = await createSigner(ORIGIN)
  note = await signCheckpoint({ origin: ORIGIN, size: 1843, root }, signer)
})

describe('verification keys', () => {
  // Published with Go's golang.org/x/mod/sumdb/note, package documentation.
  const published = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'

  it('reads and writes a published key', () => {
    expect(formatNoteKey(parseNoteKey(published))).toBe(published)
  })

  it.each([published.replace('c74f', 'c74e'), published.replace('Peter', 'Paula'), published.replace('+ARpc', '+Apc'), 'nothing', ''])('refuses %s', (vkey) => {
    expect(() => parseNoteKey(vkey)).toThrow()
  })
})

describe('checkpoints', () => {
  it('look as C2SP says', () => {
    expect(note).toMatch(/^consent\.example\/log\/shop\n1843\n[A-Za-z0-9+/]{43}=\n\n— consent\.example\/log\/shop [A-Za-z0-9+/]{91}=\n$/)
    expect(parseCheckpoint(note)).toMatchObject({ origin: ORIGIN, size: 1843 })
  })

  it('hold for the key that signed them, also beside signatures of others', async () => {
    await expect(verifyCheckpoint(note, [signer.key])).resolves.toMatchObject({ size: 1843 })
    const witness = await createSigner('witness.example')
    const line = (await signCheckpoint({ origin: ORIGIN, size: 1843, root }, witness)).split('\n\n')[1]!
    await expect(verifyCheckpoint(note + line, [signer.key])).resolves.toMatchObject({ size: 1843 })
  })

  it('do not hold for another key, a changed text or another name', async () => {
    const stranger = await createSigner(ORIGIN)
    await expect(verifyCheckpoint(note, [stranger.key])).rejects.toMatchObject({ code: 'checkpoint_key' })
    await expect(verifyCheckpoint(note.replace('1843', '1844'), [signer.key])).rejects.toMatchObject({ code: 'checkpoint_signature' })
    const witness = await createSigner('witness.example')
    const foreign = await signCheckpoint({ origin: ORIGIN, size: 1, root }, witness)
    await expect(verifyCheckpoint(foreign, [witness.key])).rejects.toMatchObject({ code: 'checkpoint_key' })
  })

  it.each([
    ['a size with a leading zero', (text: string) => text.replace('1843', '01843')],
    ['a negative size', (text: string) => text.replace('1843', '-1')],
    ['a short root', (text: string) => text.replace(toBase64(root), 'AAAA')],
    ['no newline at the end', (text: string) => text.slice(0, -1)],
    ['a signature line without its dash', (text: string) => text.replace('— ', '- ')],
    ['a control character', (text: string) => text.replace('\n\n', '\nextension\u0007\n\n')],
    ['a size that no number holds', (text: string) => text.replace('1843', '9999999999999999')],
    ['nothing', () => ''],
  ])('refuse %s', (_, change) => {
    expect(() => parseCheckpoint(change(note))).toThrow()
  })
})
