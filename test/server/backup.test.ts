// Backups are taken while the service runs, hold as exports, and are put in place only where no log would fork by that.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { type Ended, sayso, whileServing } from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

let folder: string
let env: Record<string, string>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-backup-'))
  const port = await findFreePort()
  env = { SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}` }
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const publish = () => sayso(['site', 'publish', join(folder, 'site.json')], env)
const backUp = (name: string, ...more: string[]) => sayso(['backup', '--out', join(folder, name), ...more], env)
const restore = (name: string, ...more: string[]) => sayso(['restore', join(folder, name), ...more], env)

async function record(url: string, count = 1): Promise<string> {
  const statuses = await Promise.all(Array.from({ length: count }, async () => {
    const body = await (await createDevice()).decide({ analytics: 'given' })
    return (await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })).status
  }))
  expect(new Set(statuses)).toEqual(new Set([201]))
  return (await fetch(`${url}/log/shop/checkpoint`)).text()
}

/** Exports the data of these settings, and checks the export against the log's key and a checkpoint that somebody kept. */
async function verify(settings: Record<string, string>, key: string, checkpoint: string): Promise<Ended> {
  const [exported, kept] = [join(folder, 'export.ndjson'), join(folder, 'kept-checkpoint')]
  expect((await sayso(['export', '--site', 'shop', '--out', exported], settings)).code).toBe(0)
  writeFileSync(kept, checkpoint)
  return sayso(['verify', exported, '--key', key, '--checkpoint', kept], settings)
}
const readKey = async (url: string) => (await (await fetch(`${url}/log/shop/key`)).text()).trim()

describe('over SQLite', () => {
  test('a backup taken under load holds, and a service goes on from it elsewhere', async () => {
    await publish()
    let [key, before, after] = ['', '', '']
    await whileServing(env, async (url) => {
      key = await readKey(url)
      before = await record(url, 20)
      const [backup] = await Promise.all([backUp('backup', '--with-keys'), record(url, 30)])
      expect(backup).toMatchObject({ code: 0, out: expect.stringMatching(/^shop: \d+ leaves\n/) })
      after = await record(url)
    })
    const { logs } = JSON.parse(readFileSync(join(folder, 'backup/backup.json'), 'utf8')) as { logs: { checkpoint: string }[] }
    const { size } = parseCheckpoint(logs[0]!.checkpoint)
    expect(size).toBeGreaterThanOrEqual(parseCheckpoint(before).size)
    expect(size).toBeLessThan(parseCheckpoint(after).size)

    const elsewhere = { ...env, SAYSO_DATA: join(folder, 'elsewhere') }
    expect(await sayso(['restore', join(folder, 'backup')], elsewhere)).toMatchObject({ code: 0, err: '', out: `shop: ${size} leaves\nshop.access: 2 leaves\nThe keys are put in place. Start the service.\n` })
    expect(statSync(join(folder, 'elsewhere/sayso.db')).mode & 0o777).toBe(0o600)
    expect(await verify(elsewhere, key, before)).toMatchObject({ code: 0 })
    await whileServing(elsewhere, async (url) => {
      expect(await readKey(url)).toBe(key)
      expect(parseCheckpoint(await record(url)).size).toBe(size + 1)
    })
  })

  test('an older state is noticed and refused: by what is there, by what was handed out, by what somebody else holds', async () => {
    await publish()
    await whileServing(env, async (url) => void (await record(url)))
    await backUp('old')
    let newest = ''
    await whileServing(env, async (url) => {
      newest = await record(url, 3)
    })
    const older = { code: 1, err: expect.stringContaining('shop: The log has 6 leaves here and had 9. Going on from here would fork it.') }
    expect(await restore('old')).toMatchObject(older)

    // The database put back by hand, the file beside it forgotten.
    for (const ending of ['', '-wal', '-shm']) rmSync(join(folder, `data/sayso.db${ending}`), { force: true })
    cpSync(join(folder, 'old/sayso.db'), join(folder, 'data/sayso.db'))
    expect(await sayso(['serve'], env)).toMatchObject(older)
    expect(await sayso(['serve'], env)).toMatchObject(older)
    expect(await restore('old')).toMatchObject(older)

    // A new machine knows nothing; a checkpoint that a witness, an auditor or a cache holds does.
    writeFileSync(join(folder, 'newest'), newest)
    const elsewhere = { ...env, SAYSO_DATA: join(folder, 'elsewhere') }
    expect(await sayso(['restore', join(folder, 'old'), '--latest', join(folder, 'newest')], elsewhere)).toMatchObject(older)
    expect(existsSync(join(folder, 'elsewhere/sayso.db'))).toBe(false)

    expect(await sayso(['serve', '--accept-older'], env)).toMatchObject({ code: 0 })
    expect(await sayso(['serve'], env)).toMatchObject({ code: 0 })
  })

  test('another history of the same length is refused, too', async () => {
    await publish()
    await whileServing(env, async (url) => void (await record(url)))
    cpSync(join(folder, 'data'), join(folder, 'fork'), { recursive: true })
    await whileServing({ ...env, SAYSO_DATA: join(folder, 'fork') }, async (url) => void (await record(url)))
    await sayso(['backup', '--out', join(folder, 'forked')], { ...env, SAYSO_DATA: join(folder, 'fork') })
    await whileServing(env, async (url) => void (await record(url)))
    expect(await restore('forked')).toMatchObject({ code: 1, err: expect.stringContaining('The log was another when it had 7 leaves.') })
  })

  test('with the explicit word it is put in place, and what was there is kept aside', async () => {
    await publish()
    await backUp('old')
    await whileServing(env, async (url) => void (await record(url)))
    expect(await restore('old', '--accept-older')).toMatchObject({ code: 0, out: expect.stringContaining('The keys are not in the backup') })
    expect(readdirSync(join(folder, 'data')).filter((name) => name.startsWith('sayso.db.replaced-'))).not.toEqual([])
    await whileServing(env, async (url) => {
      expect(parseCheckpoint(await record(url)).size).toBe(6)
    })
  })

  test('a backup that is not whole is refused, and nothing changes', async () => {
    await publish()
    await backUp('backup')
    const before = readFileSync(join(folder, 'data/sayso.db'))
    const manifest = JSON.parse(readFileSync(join(folder, 'backup/backup.json'), 'utf8')) as { logs: object[]; database: { sha256: string } }
    const write = (content: object) => writeFileSync(join(folder, 'backup/backup.json'), JSON.stringify(content))
    for (const [content, message] of [
      [{ ...manifest, logs: [] }, 'other logs than its list says'], [{ ...manifest, database: { ...manifest.database, sha256: 'x' } }, '/database/sha256'],
      [{ ...manifest, format: 'sayso-backup/2' }, '/format'],
    ] as const) {
      write(content)
      expect(await restore('backup')).toMatchObject({ code: 1, err: expect.stringContaining(message) })
    }
    rmSync(join(folder, 'backup/backup.json'))
    expect(await restore('backup')).toMatchObject({ code: 1, err: expect.stringContaining('was not finished') })
    expect(readFileSync(join(folder, 'data/sayso.db'))).toEqual(before)
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('checked'))).toEqual([])
    expect(await backUp('backup')).toMatchObject({ code: 1, err: expect.stringContaining('There is something in') })
    expect((await sayso(['backup'], env)).code).toBe(2)
    expect((await sayso(['restore'], env)).code).toBe(2)
  })

  test('a log key that was lost is not made anew in silence: the service does not start without it', async () => {
    await publish()
    await whileServing(env, async (url) => void (await record(url)))
    const key = readFileSync(join(folder, 'data/keys/shop.log.jwk'))
    rmSync(join(folder, 'data/keys/shop.log.jwk'))
    expect(await sayso(['serve'], env)).toMatchObject({ code: 1, err: expect.stringContaining('The key here is not the one that signed the log of “shop” so far.') })
    writeFileSync(join(folder, 'data/keys/shop.log.jwk'), key)
    expect(await sayso(['serve'], env)).toMatchObject({ code: 0 })
  })

  test('two services on one folder: the second is told which has it, and the commands still work', async () => {
    await publish()
    await whileServing(env, async (url) => {
      const second = await sayso(['serve'], { ...env, SAYSO_PORT: '0' })
      expect(second).toMatchObject({ code: 1, err: expect.stringMatching(new RegExp(`Another Sayso service works in .*/data, process ${process.pid}`)) })
      await backUp('backup')
      expect(await restore('backup')).toMatchObject({ code: 1, err: expect.stringContaining('Another Sayso service works in') })
      expect(await publish()).toMatchObject({ code: 0 })
      await record(url)
    })
    expect(await sayso(['serve'], env)).toMatchObject({ code: 0 })
  })
})

describe('over PostgreSQL', () => {
  let server: PostgresServer | undefined
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.stop(), 60_000)

  test('a backup of one moment is taken while services write, and goes into an empty database', async () => {
    const postgres = { ...env, SAYSO_DATABASE_URL: await server!.createDatabase() }
    await sayso(['site', 'publish', join(folder, 'site.json')], postgres)
    let [key, before] = ['', '']
    await whileServing(postgres, async (url) => {
      key = await readKey(url)
      before = await record(url, 5)
      const [backup] = await Promise.all([sayso(['backup', '--out', join(folder, 'backup'), '--with-keys'], postgres), record(url, 30)])
      expect(backup).toMatchObject({ code: 0, err: '' })
    })
    const target = { ...env, SAYSO_DATA: join(folder, 'elsewhere'), SAYSO_DATABASE_URL: await server!.createDatabase() }
    expect(await sayso(['restore', join(folder, 'backup')], target)).toMatchObject({ code: 0 })
    expect(await verify(target, key, before)).toMatchObject({ code: 0 })
    expect(await sayso(['restore', join(folder, 'backup'), '--accept-older'], postgres)).toMatchObject({ code: 1, err: expect.stringContaining('Only an empty database takes a copy') })
  })
})
