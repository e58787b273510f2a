// What is shipped for running the service (Containerfile, compose.yaml, the systemd unit) against what it names: settings,
// files, commands and versions that exist.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../../server/main.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const settings = async () => {
  let usage = ''
  await run(['--help'], { env: {}, out: (text) => void (usage += text), err: () => {}, signal: new AbortController().signal })
  return new Set(usage.match(/\bSAYSO_[A-Z_]+/g))
}
/** Names of settings in a file; `…_FILE` is the setting of that name, read from a file. */
const settingsIn = (text: string) => [...new Set(text.match(/\bSAYSO_[A-Z_]+/g))].map((name) => name.replace(/_FILE$/, ''))

describe('Containerfile', () => {
  const lines = read('Containerfile').replace(/\\\n/g, '').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.trim())
  const instructions = (name: string) => lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))

  test('copies paths that git has and .containerignore lets through', () => {
    const sources = instructions('COPY').filter((line) => !line.startsWith('--from')).flatMap((line) => line.split(' ').slice(0, -1))
    expect(sources.length).toBeGreaterThan(5)
    const passes = new Set(read('.containerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1)))
    for (const source of sources) {
      expect(existsSync(join(ROOT, source)), source).toBe(true)
      expect(passes.has(source), `${source} in .containerignore`).toBe(true)
    }
  })

  test('copies every room that the build reads', () => {
    const imported = ['core', 'ui', 'widget', 'preference-center', 'server', 'demo', 'scripts']
    expect(instructions('COPY').map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(imported))
  })

  test('names the Node that package.json pins, in full', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    expect(instructions('ARG')).toEqual([`BASE=docker.io/library/node:${dependencies['node']}-bookworm-slim`])
    expect(instructions('FROM').map((line) => line.split(' ')[0])).toEqual(['${BASE}', '${BASE}'])
  })

  test('runs as no root, gets signals itself, and asks whether it is ready', () => {
    expect(instructions('USER')).toEqual(['10001:10001'])
    const entry = JSON.parse(instructions('ENTRYPOINT')[0]!) as string[]
    expect(entry[0]).toBe('node')
    const { bin } = JSON.parse(read('package.json')) as { bin: { sayso: string } }
    expect(entry[1]).toBe(`/opt/sayso/${bin.sayso}`)
    expect(JSON.parse(instructions('CMD')[0]!)).toEqual(['serve'])
    expect(instructions('HEALTHCHECK')[0]).toContain('/readyz')
  })
})

test('what is built runs by its own name, as `sayso` in the image and after `npm link` does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-link-'))
  const { bin } = JSON.parse(read('package.json')) as { bin: { sayso: string } }
  expect(read('Containerfile')).toContain(`ln -s /opt/sayso/${bin.sayso} /usr/local/bin/sayso`)
  symlinkSync(join(ROOT, bin.sayso), join(folder, 'sayso'))
  const { status, stdout } = spawnSync(join(folder, 'sayso'), ['--help'], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect([status, stdout]).toEqual([0, expect.stringContaining('sayso serve')])
})

describe('compose.yaml', () => {
  interface Service { environment: Record<string, string>; secrets: string[]; read_only: boolean; cap_drop: string[]; security_opt: string[]; volumes: string[]; networks: string[]; depends_on?: Record<string, { condition: string }> }
  const { services, secrets, volumes, networks } = parse(read('compose.yaml')) as { services: Record<string, Service>; secrets: object; volumes: object; networks: object }

  test('names only settings that exist, and no secret in the open', async () => {
    const known = await settings()
    const named = Object.keys(services['sayso']!.environment)
    expect(named.filter((name) => !known.has(name.replace(/_FILE$/, '')))).toEqual([])
    expect(named.filter((name) => /TOKEN|KEYS|SMTP_URL|DATABASE_URL/.test(name) && !name.endsWith('_FILE'))).toEqual([])
  })

  test('every secret, volume and network that a service uses is declared, and every setting from a file is a secret of its own', () => {
    for (const service of Object.values(services)) {
      expect(Object.keys(secrets)).toEqual(expect.arrayContaining(service.secrets))
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(service.volumes.map((volume) => volume.split(':')[0])))
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(service.networks))
      for (const [name, value] of Object.entries(service.environment)) if (name.endsWith('_FILE')) expect(service.secrets).toContain(value.replace('/run/secrets/', ''))
    }
  })

  test('services are read-only, without capabilities or new privileges, and wait for a healthy database', () => {
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    }
    expect(services['sayso']!.depends_on).toEqual({ database: { condition: 'service_healthy' } })
  })
})

describe('deploy/sayso.service', () => {
  const unit = read('deploy/sayso.service')

  test('names only settings that exist, each secret with a credential', async () => {
    const known = await settings()
    expect(settingsIn(unit).filter((name) => !known.has(name))).toEqual([])
    const credentials = [...unit.matchAll(/^#?LoadCredential=([\w-]+):/gm)].map(([, name]) => name)
    const used = [...unit.matchAll(/_FILE=%d\/([\w-]+)/g)].map(([, name]) => name)
    expect(used.sort()).toEqual(credentials.sort())
  })

  test('runs what the package calls sayso', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: { sayso: string } }
    expect(unit).toContain(`ExecStart=/usr/local/bin/node /opt/sayso/${bin.sayso} serve\n`)
  })

  test.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('systemd finds nothing to say about it', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'sayso-unit-')), 'sayso.service')
    writeFileSync(path, unit.replace('ExecStart=/usr/local/bin/node', `ExecStart=${process.execPath}`))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
