// What the service writes about itself holds no token, no handle, no code and no address, whatever is done through a link.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEnvironment } from '../../server/cli/environment.ts'
import { startService } from '../../server/node/start-service.ts'
import { run } from '../../server/main.ts'
import { createSite } from '../fixtures/site.ts'

const TOKEN = 'a-long-enough-admin-token'

test('no token, handle, code or address is in the log of a service', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-leaks-'))
  const env = { SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: '0', SAYSO_ADMIN_TOKEN: TOKEN }
  const lines: string[] = []
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
  await run(['site', 'publish', join(folder, 'site.json')], { env, out: () => {}, err: (text) => void lines.push(text), signal: AbortSignal.abort() })
  const service = await startService({ environment: readEnvironment(env), log: (line) => void lines.push(line), isAccessLogged: true })
  try {
    const secrets = new Set<string>(['ada@example.org', 'ada%40example.org', TOKEN])
    const post = async (path: string, body: unknown) => (await fetch(`${service.baseUrl}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } })).json() as Promise<Record<string, string>>
    const { id } = await post('/v1/sites/shop/contacts', { email: 'ada@example.org' })
    for (const kind of ['P', 'U']) {
      const { url } = await post(`/v1/sites/shop/contacts/${id}/links`, { kind })
      secrets.add(url!.split('/').at(-1)!)
      for (const method of ['GET', 'HEAD', 'POST', 'PUT']) await fetch(url!, { method, redirect: 'manual' })
      const opened = await fetch(`${url!}?lang=de`, { redirect: 'manual' })
      const location = opened.headers.get('location')
      if (location === null) continue
      const handle = new URL(location, service.baseUrl).searchParams.get('h')!
      secrets.add(handle)
      const page = await (await fetch(`${service.baseUrl}/p/open?h=${handle}`)).text()
      const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
      secrets.add(csrf)
      const send = (path: string, fields: Record<string, string>) => fetch(`${service.baseUrl}${path}`, { method: 'POST', body: new URLSearchParams({ csrf, h: handle, ...fields }), redirect: 'manual' })
      await send('/p/open', { purpose: 'newsletter', action_id: 'save' })
      await send('/p/code?for=export', { do: 'send' })
      await send('/p/code?for=export', { do: 'enter', code: '123456' })
      await fetch(`${service.baseUrl}/p/code?for=export&h=${handle}`)
    }
    await fetch(`${service.baseUrl}/v1/sites/shop/links`, { method: 'POST', body: '{"email":"ada@example.org"}', headers: { 'content-type': 'application/json' } })
    await service.app.settle()
    const written = lines.join('\n')
    expect(written).toContain('/p/{token}')
    expect(secrets.size).toBeGreaterThan(5)
    for (const secret of secrets) expect(written).not.toContain(secret)
  } finally {
    await service.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
