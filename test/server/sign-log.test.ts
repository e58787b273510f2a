// Node's own crypto signs as WebCrypto does: Ed25519 has one signature for each key and text (RFC 8032).
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { toBase64url } from '../../core/bytes.ts'
import { importLogKey } from '../../server/node/sign-log.ts'
import { createMemoryKeyStore, createSigner, generateKey } from '../../server/signer.ts'

test('both sign a checkpoint alike', async () => {
  const keys = createMemoryKeyStore()
  await keys.add('shop.log', await generateKey('log'))
  const signers = await Promise.all([createSigner(keys), createSigner(keys, importLogKey)].map((signer) => signer.signLog('shop', 'consent.example/log/shop')))
  const [one, other] = await Promise.all(signers.map(({ sign }) => sign(new TextEncoder().encode('consent.example/log/shop\n1\n'))))
  expect(toBase64url(other!)).toBe(toBase64url(one!))
  expect(other!.length).toBe(64)
  expect(signers[1]!.key).toEqual(signers[0]!.key)
})

test.each([
  ['a key of another kind', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })],
  ['half of a key', () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })],
])('%s is refused', async (_name, make) => {
  await expect(importLogKey(make() as JsonWebKey)).rejects.toThrow()
})
