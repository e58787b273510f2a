// One organisation's service and another's witness, as two commands over HTTP: what is exported holds under a policy.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as command from '../fixtures/command.ts'
import { createSite } from '../fixtures/site.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-witness-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const settings = () => ({ SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: '0', SAYSO_BASE_URL: 'http://consent.example' })

const sayso = (args: string[], env: Record<string, string> = {}) => command.sayso(args, { ...settings(), ...env })
const during = (args: string[], env: Record<string, string>, until: RegExp, work: Parameters<typeof command.during>[3]) =>
  command.during(args, { ...settings(), ...env }, until, work)

const write = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const witnessArgs = (key: string) => ['witness', '--name', 'witness.example/w1', '--data', join(folder, 'witness'), '--port', '0', '--log', key]
const WITNESS_READY = /^(witness\.example\/w1\+[\da-f]{8}\+\S+)\nThe witness is at (http:\S+), for /

test('a witness cosigns a service’s checkpoints; the export holds under a policy that demands it; a restart keeps the key', { timeout: 60_000 }, async () => {
  await sayso(['site', 'publish', write('site.json', JSON.stringify(createSite()))])
  const key = (await sayso(['key', '--site', 'shop'])).out.trim()
  const hanging = createServer(() => {}).listen(0)
  const hangingUrl = `http://localhost:${(hanging.address() as AddressInfo).port}`
  const other = await during(witnessArgs(key).map((arg) => (arg.endsWith('/witness') ? join(folder, 'other') : arg)), {}, WITNESS_READY, async () => {})
  const otherVkey = WITNESS_READY.exec(other.out)![1]!

  let vkey = ''
  for (let start = 0; start < 2; start += 1) {
    const { code } = await during(witnessArgs(key), {}, WITNESS_READY, async ([, printed, url]) => {
      if (start === 1) expect(printed).toBe(vkey)
      vkey = printed!
      const list = write('witnesses.txt', `# ours\n${vkey} ${url}\n${otherVkey} ${hangingUrl}\n`)
      await during(['serve', '--quiet'], { SAYSO_WITNESSES: list }, /Sayso is at /, async () => {
        await expect.poll(async () => (await sayso(['export', '--site', 'shop', '--cosigned', '1'])).code, { timeout: 30_000 }).toBe(0)
      })
    })
    expect(code).toBe(0)
  }
  hanging.close()
  hanging.closeAllConnections()
  expect((statSync(join(folder, 'witness', 'keys', 'witness.jwk')).mode & 0o777).toString(8)).toBe('600')

  const file = join(folder, 'shop.ndjson')
  await sayso(['export', '--site', 'shop', '--cosigned', '1', '--out', file])
  const policy = write('policy.txt', `log ${key}\nwitness w1 ${vkey}\nwitness w2 ${otherVkey}\ngroup any-of any w1 w2\nquorum any-of\n`)
  const good = await sayso(['verify', file, '--policy', policy])
  expect(good).toMatchObject({ code: 0, out: expect.stringContaining('note file: cosigned: witness.example/w1 cosigned this checkpoint at ') })
  const strict = await sayso(['verify', file, '--policy', write('strict.txt', readFileSync(policy, 'utf8').replace(' any w1', ' all w1')), '--key', key])
  expect(strict).toMatchObject({ code: 1, out: expect.stringContaining('FAIL file: witness_quorum: ') })
})

describe('wrong settings', () => {
  test.each([
    ['no name', ['witness', '--log', 'x'], 'Name the witness'],
    ['a name with a space', ['witness', '--name', 'a b', '--log', 'x'], 'Name the witness'],
    ['no log', ['witness', '--name', 'w'], 'Give the key of each log'],
    ['no key', ['witness', '--name', 'w', '--log', 'nonsense'], 'Not a log’s verification key'],
    ['a port that is none', ['witness', '--name', 'w', '--log', 'x', '--port', '70000'], '--port is 0 to 65535'],
    ['a policy that is not there', ['verify', 'x', '--policy', '/nowhere/policy'], 'cannot be read (ENOENT)'],
  ])('%s: exit code 2, and what to do', async (_, args, message) => {
    expect(await sayso(args)).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  })

  test('a policy with a mistake names its line', async () => {
    expect(await sayso(['verify', 'x', '--policy', write('policy', '# mine\nquorum everybody\n')])).toMatchObject({ code: 2, err: expect.stringContaining('line 2') })
  })

  test.each([
    ['SAYSO_WITNESSES', '/nowhere/witnesses', 'Neither “vkey url” lines nor a file'],
    ['SAYSO_WITNESSES', 'nonsense http://localhost:1', 'line 1'],
    ['SAYSO_TSA_URL', 'ftp://tsa.example', 'SAYSO_TSA_URL'],
    ['SAYSO_TSA_MINUTES', '0', 'SAYSO_TSA_MINUTES'],
  ])('%s=%s: the service does not start', async (name, value, message) => {
    expect(await sayso(['serve'], { [name]: value })).toMatchObject({ code: 1, err: expect.stringContaining(message) })
  })
})
