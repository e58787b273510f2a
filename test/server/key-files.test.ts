// Private keys on the disk: nobody else reads them, and nobody overwrites them.
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileKeyStore } from '../../server/node/key-files.ts'
import { createSigner } from '../../server/signer.ts'

let parent: string
let folder: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sayso-keys-'))
  folder = join(parent, 'data', 'keys')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('a key that was added is found, also by another process later; others are not', async () => {
  await createFileKeyStore(folder).add('shop.log', '{"kty":"OKP"}')
  expect(await createFileKeyStore(folder).find('shop.log')).toBe('{"kty":"OKP"}')
  expect(await createFileKeyStore(folder).find('shop.events')).toBeUndefined()
})

test('only the owner reads keys, also where the folder was open before', async () => {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755)
  await createFileKeyStore(folder).add('shop.log', '{}')
  expect(modeOf(folder)).toBe('700')
  expect(modeOf(join(folder, 'shop.log.jwk'))).toBe('600')
})

test('the first key stays, and nothing else is left in the folder', async () => {
  const keys = createFileKeyStore(folder)
  await keys.add('shop.log', 'first')
  await keys.add('shop.log', 'second')
  expect(await keys.find('shop.log')).toBe('first')
  expect(readdirSync(folder)).toEqual(['shop.log.jwk'])
})

test('several processes that need a key at once end up with the same one', async () => {
  const makers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => addInProcess(name.repeat(5000))))
  expect(new Set(makers).size).toBe(1)
  expect(makers[0]).toHaveLength(5000)
})

test.each(['', '.', '..', '../shop', 'a/b', 'a\\b', '/etc/passwd', '.shop', 'shop.', 'a..b', 'Shop', 'a\0b', 'a b', 'a\n', 'x'.repeat(201)])(
  'the name %j is refused, and nothing is written', async (name) => {
    const keys = createFileKeyStore(folder)
    await expect(keys.find(name)).rejects.toThrow('Not the name of a key.')
    await expect(keys.add(name, '{}')).rejects.toThrow('Not the name of a key.')
    expect(readdirSync(parent)).toEqual([])
  })

test('a service that starts again signs with the same keys', async () => {
  const vkeyOf = async () => (await createSigner(createFileKeyStore(folder)).signLog('shop', 'consent.example/log/shop')).key.publicKey
  const jwkOf = async () => (await createSigner(createFileKeyStore(folder)).signEvents('shop')).publicJwk
  expect(await vkeyOf()).toEqual(await vkeyOf())
  expect(await jwkOf()).toEqual(await jwkOf())
  expect(readdirSync(folder).sort()).toEqual(['shop.events.jwk', 'shop.log.jwk'])
})

function addInProcess(jwk: string): Promise<string> {
  const script = `
    import { createFileKeyStore } from './server/node/key-files.ts'
    const keys = createFileKeyStore(${JSON.stringify(folder)})
    await keys.add('shop.log', '${jwk}')
    process.stdout.write(await keys.find('shop.log'))`
  return new Promise((resolve, reject) => execFile(process.execPath, ['--input-type=module-typescript', '--eval', script], (error, output) =>
    error ? reject(error) : resolve(output)))
}
