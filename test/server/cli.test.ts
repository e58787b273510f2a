// The sayso command as a person at a terminal meets it: what it prints, how it ends, what it leaves on disk.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import * as command from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const settings = () => ({ SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: '0', SAYSO_DEMO_PORT: '0', SAYSO_BASE_URL: 'http://consent.example', SAYSO_LOG_FORMAT: 'text' })

const sayso = (args: string[], env: Record<string, string> = {}, isWatched = false) => command.sayso(args, { ...settings(), ...env }, { isWatched })

/** Until it has seen where the command is. */
const during = (args: string[], env: Record<string, string>, work: (out: string) => Promise<void>) =>
  command.during(args, { ...settings(), ...env }, /Sayso is at|The service/, ({ input }) => work(input))

function writeFile(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('site publish', () => {
  test('puts a site in force, says which notices, and logs a notice once however often it is published', async () => {
    const path = writeFile('site.json', { ...createSite(), notices: createSite().notices.map((notice) => ({ ...notice, labels: {} })) })
    const first = await sayso(['site', 'publish', path])
    expect(first).toMatchObject({ code: 0, err: '', out: expect.stringContaining('shop is published') })
    expect(await sayso(['site', 'publish', path])).toEqual(first)
    const exported = await sayso(['export', '--site', 'shop'])
    expect(exported.out.trim().split('\n').at(-1)).toBe('{"end":true,"leaves":5}')
  })

  test.each([
    ['a missing comma', '{\n  "site": "shop"\n  "name": "Shop"\n}', ':3:3: not JSON: expected'],
    ['a name that stands twice', '{"site":"shop","site":"shop"}', ': /site: The name “site” stands twice.'],
    ['half a file', '{"site":', ':1:9: not JSON: expected a value, found the end.'],
    ['an unknown field', { ...createSite(), preselect: true }, ': /preselect: This member is not known here.'],
    ['a purpose with a mistake', { ...createSite(), notices: [{ ...createNotice('device'), purposes: [{ ...createNotice('device').purposes[0]!, recipients: [] }] }] }, ': /notices/0/purposes/0/recipients: At least one recipient'],
    ['another set of purposes in a translation', { ...createSite(), notices: [createNotice('device'), { ...createNotice('device', 'de'), purposes: createNotice('device', 'de').purposes.slice(1) }] }, ': /notices/1/purposes: '],
  ])('with %s says where and what, and publishes nothing', async (_name, content, message) => {
    const path = writeFile('site.json', content)
    const { code, err } = await sayso(['site', 'publish', path])
    expect(code).toBe(1)
    expect(err).toContain(`${path}${message}`)
    expect(err).toContain('Nothing was published.')
    expect((await sayso(['key', '--site', 'shop'])).code).toBe(1)
  })

  test('of a file that is not there says so', async () => {
    expect(await sayso(['site', 'publish', join(folder, 'nothing.json')])).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read (ENOENT)') })
  })
})

describe('serve, export, verify', () => {
  test('what was recorded over HTTP is there after a restart, is exported and holds', async () => {
    await sayso(['site', 'publish', writeFile('site.json', createSite())])
    const device = await createDevice()
    const send = async (out: string) => {
      const url = /Sayso is at (\S+)/.exec(out)![1]!
      const response = await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body: await device.decide({ analytics: 'given' }), headers: { 'content-type': 'application/jose' } })
      expect(response.status).toBe(201)
    }
    const env = { SAYSO_BASE_URL: '' }
    // Without a base URL the log's name follows the port, so this test fixes the port by asking for one first.
    const port = await freePort()
    for (let i = 0; i < 2; i += 1) {
      const ended = await during(['serve'], { ...env, SAYSO_PORT: String(port) }, async (out) => {
        if (i === 0) await sayso(['site', 'publish', join(folder, 'site.json')], { ...env, SAYSO_PORT: String(port) })
        await send(out)
      })
      expect(ended.code).toBe(0)
      expect(ended.out).toMatch(/POST \/v1\/sites\/\{site\}\/events 201 \d+ ms/)
    }
  })

  test('a record is also written as JSON-LD; a whole site is not', async () => {
    await sayso(['site', 'publish', writeFile('site.json', createSite())])
    const device = await createDevice()
    const port = await freePort()
    await during(['serve'], { SAYSO_PORT: String(port) }, async () => {
      await fetch(`http://localhost:${port}/v1/sites/shop/events`, { method: 'POST', body: await device.decide({ analytics: 'given' }), headers: { 'content-type': 'application/jose' } })
    })
    const written = await sayso(['export', '--site', 'shop', '--record', device.recordId, '--format', 'jsonld'])
    expect(written.code).toBe(0)
    expect(JSON.parse(written.out)).toMatchObject({ '@type': 'dpv:ConsentRecord', 'dct:identifier': device.recordId, 'dpv:hasConsentStatus': [{ '@type': 'dpv:ConsentGiven' }] })
    expect((await sayso(['export', '--site', 'shop', '--format', 'jsonld'])).code).toBe(2)
    expect((await sayso(['export', '--site', 'shop', '--format', 'xml'])).code).toBe(2)
  })

  test('an export holds against the site’s key, and not against another; a changed line is named', async () => {
    await sayso(['site', 'publish', writeFile('site.json', createSite())])
    const file = join(folder, 'shop.ndjson')
    expect((await sayso(['export', '--site', 'shop', '--out', file])).code).toBe(0)
    const key = (await sayso(['key', '--site', 'shop'])).out.trim()
    const good = await sayso(['verify', file, '--key', key])
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining('All holds') })
    expect(good.out.trim().split('\n').at(-1)).toMatch(/^events: 0 /)

    const foreign = (await sayso(['key', '--site', 'shop'], { SAYSO_DATA: await publishElsewhere() })).out.trim()
    expect((await sayso(['verify', file, '--key', foreign])).code).toBe(1)

    writeFileSync(file, readFileSync(file, 'utf8').replace('Count visits to improve the shop.', 'Count visits and sell the result.'))
    const bad = await sayso(['verify', file, '--key', key])
    expect(bad).toMatchObject({ code: 1, out: expect.stringMatching(/FAIL leaf \d+: notice_hash/) })
  })

  test('a file that is cut off, is not UTF-8, or is not there does not hold', async () => {
    await sayso(['site', 'publish', writeFile('site.json', createSite())])
    const key = (await sayso(['key', '--site', 'shop'])).out.trim()
    const text = (await sayso(['export', '--site', 'shop'])).out
    expect((await sayso(['verify', writeFile('cut.ndjson', text.split('\n').slice(0, 3).join('\n')), '--key', key])).code).toBe(1)
    const broken = join(folder, 'broken.ndjson')
    writeFileSync(broken, Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe])]))
    expect((await sayso(['verify', broken, '--key', key])).code).toBe(1)
    expect((await sayso(['verify', join(folder, 'none.ndjson'), '--key', key])).code).toBe(2)
  })
})

describe('keys', () => {
  const publish = (env = {}) => sayso(['site', 'publish', writeFile('site.json', createSite())], env)

  test('rotated: the new one is printed and listed first, and the export needs it', async () => {
    await publish()
    const old = (await sayso(['key', '--site', 'shop'])).out.trim()
    const rotated = await sayso(['key', 'rotate', '--site', 'shop'])
    expect(rotated).toMatchObject({ code: 0, err: '', out: expect.stringContaining('A running service takes it up by itself.') })
    const [current, ...former] = (await sayso(['key', '--site', 'shop'])).out.trim().split('\n')
    expect(rotated.out.startsWith(`${current}\n`)).toBe(true)
    expect(former).toEqual([old])
    const file = writeFile('shop.ndjson', (await sayso(['export', '--site', 'shop'])).out)
    expect((await sayso(['verify', file, '--key', current!])).code).toBe(0)
    expect(statSync(join(folder, 'data', 'keys', 'shop.log.2.jwk')).mode & 0o777).toBe(0o600)
    expect(await sayso(['key', 'rotate', '--site', 'shop', '--kind', 'events'])).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]{43}\n/) })
  })

  test('taken up by a running service with its next event', async () => {
    const env = { SAYSO_BASE_URL: '', SAYSO_PORT: String(await freePort()) }
    await publish(env)
    const ended = await during(['serve', '--quiet'], env, async (out) => {
      await sayso(['key', 'rotate', '--site', 'shop'], env)
      const [vkey] = (await sayso(['key', '--site', 'shop'], env)).out.trim().split('\n')
      const url = /Sayso is at (\S+)/.exec(out)![1]!
      const response = await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body: await (await createDevice()).decide({ analytics: 'given' }), headers: { 'content-type': 'application/jose' } })
      await verifyReceipt(await response.json(), [parseNoteKey(vkey!)])
      expect((await (await fetch(`${url}/log/shop/key`)).text()).split('\n')[0]).toBe(vkey)
    })
    expect(ended.code).toBe(0)
  })

  test('from the environment: used, never written, and asked for by name where one is missing', async () => {
    const [first, events, second] = [await sayso(['key', 'new', '--kind', 'log']), await sayso(['key', 'new', '--kind', 'events']), await sayso(['key', 'new', '--kind', 'log'])].map(({ out }) => JSON.parse(out) as { d: string })
    const env = { SAYSO_KEYS: JSON.stringify({ 'shop.log': first, 'shop.events': events }) }
    expect((await publish(env)).code).toBe(0)
    const missing = await sayso(['key', 'rotate', '--site', 'shop'], env)
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('There is no key “shop.log.2”') })
    const both = { SAYSO_KEYS: JSON.stringify({ 'shop.log': first, 'shop.events': events, 'shop.log.2': second }) }
    expect(await sayso(['key', 'rotate', '--site', 'shop'], both)).toMatchObject({ code: 0, out: expect.stringContaining('must be restarted with it') })
    const late = await sayso(['serve'], env)
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('The key that signs the log of “shop” now is not here.') })
    expect(existsSync(join(folder, 'data', 'keys'))).toBe(false)
    expect(missing.err + late.err).not.toMatch(new RegExp([first!.d, events!.d, second!.d].join('|')))
  })
})

describe('erase', () => {
  test('a record and a contact go; the export holds and says so; what is unknown is said to be', async () => {
    const env = { SAYSO_BASE_URL: '', SAYSO_PORT: String(await freePort()) }
    const call = (...args: string[]) => sayso(args, env)
    await call('site', 'publish', writeFile('site.json', createSite()))
    const device = await createDevice()
    await during(['serve', '--quiet'], { ...env, SAYSO_ADMIN_TOKEN: 'a-long-enough-admin-token' }, async (out) => {
      const url = /Sayso is at (\S+)/.exec(out)![1]!
      await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body: await device.decide({ analytics: 'given' }), headers: { 'content-type': 'application/jose' } })
      await fetch(`${url}/v1/sites/shop/contacts`, { method: 'POST', body: '{"email":"ada@example.org"}', headers: { 'content-type': 'application/json', authorization: 'Bearer a-long-enough-admin-token' } })
    })
    expect(await call('erase', '--site', 'shop', '--record', device.recordId)).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Erased: 1 event. The log has a leaf that says so.') })
    expect(await call('erase', '--site', 'shop', '--contact', 'Ada@Example.org')).toMatchObject({ code: 0, out: expect.stringContaining('everything kept about the contact') })
    for (const what of [['--record', device.recordId], ['--contact', 'ada@example.org']]) expect((await call('erase', '--site', 'shop', ...what)).code).toBe(1)
    const [vkey] = (await call('key', '--site', 'shop')).out.split('\n')
    const file = writeFile('shop.ndjson', (await call('export', '--site', 'shop')).out)
    expect(await call('verify', file, '--key', vkey!)).toMatchObject({ code: 0, out: expect.stringMatching(/note leaf 5: erased: Erased, as recorded/) })
    const bytes = readdirSync(join(folder, 'data')).filter((name) => name.startsWith('sayso.db')).map((name) => readFileSync(join(folder, 'data', name), 'latin1')).join('')
    expect(bytes).not.toContain(device.recordId)
    expect(bytes).not.toContain('ada@example.org')
  })
})

describe('contacts and mailings', () => {
  const token = 'a-long-enough-admin-token'

  async function withService(work: (call: (...args: string[]) => Promise<command.Ended>, watch: (...args: string[]) => Promise<command.Ended>) => Promise<void>): Promise<void> {
    const env = { SAYSO_BASE_URL: '', SAYSO_PORT: String(await freePort()), SAYSO_ADMIN_TOKEN: token }
    await sayso(['site', 'publish', writeFile('site.json', createSite())], env)
    await during(['serve', '--quiet'], env, () => work((...args) => sayso(args, env), (...args) => sayso(args, env, true)))
  }

  test('100,000 lines are imported, counted, and told of where something is to be said; a dry run says the same', async () => {
    const file = writeFile('list.csv', `email\n${Array.from({ length: 100_000 }, (_, i) => (i === 70_000 ? 'nobody' : `p${i}@example.org`)).join('\n')}\n`)
    await withService(async (call, watch) => {
      const dry = await watch('contacts', 'import', file, '--site', 'shop', '--no-ask', '--dry-run')
      expect(dry).toMatchObject({ code: 0, out: `${file}:70002: invalid: Not an e-mail address.\nWould be: 99999 created, 1 invalid.\n` })
      expect(dry.err).toMatch(/\[#+\.+\] +\d+ %/)
      const real = await call('contacts', 'import', file, '--site', 'shop', '--no-ask')
      expect(real).toMatchObject({ code: 0, out: `${file}:70002: invalid: Not an e-mail address.\nDone: 99999 created, 1 invalid.\n` })
      const list = (await call('contacts', 'export', '--site', 'shop')).out.trim().split('\r\n')
      expect([list.length, list[0]]).toEqual([100_000, 'email,language,source,has_contract,mail_block,purge,created_at,record_id'])
    })
  }, 120_000)

  test('suppressed addresses stay out; a mailing starts, stops and goes on', async () => {
    const [block, list] = [writeFile('block.txt', 'ada@example.org\nnobody\n'), writeFile('list.csv', 'email\nada@example.org\nbob@example.org\n')]
    await withService(async (call) => {
      expect(await call('contacts', 'suppress', block, '--site', 'shop')).toMatchObject({ code: 1, out: 'Suppressed: 1.\n', err: expect.stringContaining('line 2') })
      expect((await call('contacts', 'import', list, '--site', 'shop', '--no-ask')).out).toContain('Done: 1 suppressed, 1 created.')
      const started = await call('mailing', 'start', '--site', 'shop', '--kind', 'ask', '--per-hour', '1')
      const [id] = started.out.split(' ')
      expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/[01] of 1: /) })
      expect((await call('mailing', 'stop', id!, '--site', 'shop')).out).toContain('stopped')
      expect(await call('mailing', 'stop', id!, '--site', 'shop')).toMatchObject({ code: 1, err: 'It is stopped, not running.\n' })
      expect((await call('mailing', 'resume', id!, '--site', 'shop')).out).toContain('running')
      expect((await call('mailing', '--site', 'shop')).out).toContain(id)
    })
  })

  test('calls that cannot work say why', async () => {
    const file = writeFile('list.csv', 'name\nAda\n')
    expect(await sayso(['contacts', 'import', file, '--site', 'shop'])).toMatchObject({ code: 2, err: expect.stringContaining('SAYSO_ADMIN_TOKEN') })
    expect(await sayso(['contacts', 'import', file, '--site', 'shop'], { SAYSO_BASE_URL: '', SAYSO_PORT: String(await freePort()), SAYSO_ADMIN_TOKEN: token })).toMatchObject({ code: 2, err: expect.stringContaining('Is “sayso serve” running?') })
    await withService(async (call) => {
      expect(await call('contacts', 'import', file, '--site', 'shop')).toMatchObject({ code: 1, err: '/1: The first line names no column with addresses, such as “email”.\n' })
      expect(await call('contacts', 'import', file, '--site', 'nowhere')).toMatchObject({ code: 1, err: expect.stringContaining('No site of this name') })
      expect(await call('mailing', 'start', '--site', 'shop', '--kind', 'all', '--per-hour', '1')).toMatchObject({ code: 2 })
    })
  })
})

describe('demo', () => {
  test('prints its addresses, and each answers: the shop embeds the tag of a published site', async () => {
    const { code } = await during(['demo'], { SAYSO_BASE_URL: '' }, async (out) => {
      const [shop, mailbox, service] = ['The shop', 'The mailbox', 'The service'].map((name) => new RegExp(`${name}\\s+(\\S+)`).exec(out)![1]!)
      const page = await (await fetch(shop!)).text()
      const tag = /src="(http[^"]+\/v1\/sites\/shop\/widget\.js[^"]*)"/.exec(page)![1]!
      expect((await fetch(tag)).status).toBe(200)
      expect((await fetch(mailbox!)).status).toBe(200)
      expect((await fetch(service!)).status).toBe(200)
      expect(new URL(shop!).origin).not.toBe(new URL(service!).origin)
    })
    expect(code).toBe(0)
  })
})

describe('called wrongly', () => {
  test.each([[[]], [['dance']], [['site']], [['verify']], [['verify', 'x', '--key', 'nonsense']], [['key']], [['export']], [['serve', '--fast']], [['site', 'publish']]])('%j ends with 2 and shows how', async (args) => {
    const { code, err } = await sayso(args)
    expect(code).toBe(2)
    expect(err).toContain('sayso serve')
  })

  test('asked for help it helps', async () => {
    expect(await sayso(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('sayso verify FILE --key VKEY') })
  })

  test('all settings that are wrong are named at once, secrets are not repeated', async () => {
    const { code, err } = await sayso(['serve'], {
      SAYSO_PORT: '99999', SAYSO_DEMO_PORT: 'x', SAYSO_BASE_URL: 'https://consent.example/path', SAYSO_SMTP_URL: 'mail.example:secret', SAYSO_ADMIN_TOKEN: 'short', SAYSO_DATABASE_URL: 'mysql://u:secret@db/x',
    })
    expect(code).toBe(1)
    expect(err.trim().split('\n').map((line) => line.split(':')[0])).toEqual(['SAYSO_PORT', 'SAYSO_DEMO_PORT', 'SAYSO_BASE_URL', 'SAYSO_DATABASE_URL', 'SAYSO_SMTP_URL', 'SAYSO_ADMIN_TOKEN'])
    expect(err).not.toMatch(/secret|short/)
  })
})

async function publishElsewhere(): Promise<string> {
  const data = join(folder, 'elsewhere')
  await sayso(['site', 'publish', writeFile('site.json', createSite())], { SAYSO_DATA: data })
  return data
}

async function freePort(): Promise<number> {
  const { listen } = await import('../../server/node/http.ts')
  const server = await listen(0, () => new Response())
  await server.close()
  return server.port
}
