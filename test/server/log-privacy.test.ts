// A whole run's log, chattiest level, with personal data and secrets put into every route: none of them is in it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect, test, vi } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { run } from '../../server/main.ts'
import { generateKey, generateSecret } from '../../server/signer.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

const TOKEN = 'a-long-enough-admin-token'
const EMAIL = 'ada.lovelace@example.org'
const AGENT = 'AdasOwnBrowser/9.1'
const FORWARDED = '203.0.113.77'
const SMTP_PASSWORD = 'hunter2-of-the-mail-server'

/** Every route that the sources add, as [method, pattern]. */
function listRoutes(): [string, string][] {
  const folder = join(dirname(dirname(import.meta.dirname)), 'server/routes')
  const found = readdirSync(folder).flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/app\.(get|post|put|delete)\('(\/[^']*)'/g)])
  return found.map(([, method, pattern]) => [method!.toUpperCase(), pattern!])
}

/** A mail server that knows nobody, and says so with the address. */
async function openMailServer(): Promise<{ port: number; close: () => void }> {
  const server = new SMTPServer({
    authOptional: true, allowInsecureAuth: true, disabledCommands: ['STARTTLS'], onAuth: (_auth, _session, done) => done(null, { user: 'sayso' }),
    onRcptTo: ({ address }, _session, done) => done(Object.assign(new Error(`<${address}> is over quota, says ${EMAIL}`), { responseCode: 452 })),
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close(() => {}) }
}

test('no address, token, receipt, key, user agent or IP is in what a service writes, and each line is JSON', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-privacy-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const mailServer = await openMailServer()
  const [logKey, eventsKey, suppression] = [await generateKey('log'), await generateKey('events'), generateSecret()]
  const env = {
    SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: '0', SAYSO_BASE_URL: 'http://consent.example', SAYSO_LOG_LEVEL: 'debug',
    SAYSO_ADMIN_TOKEN_FILE: write('token', `${TOKEN}\n`), SAYSO_KEYS_FILE: write('keys', `{"shop.log":${logKey},"shop.events":${eventsKey},"suppression":${suppression}}`),
    SAYSO_SMTP_URL_FILE: write('smtp', `smtp://sayso:${SMTP_PASSWORD}@127.0.0.1:${mailServer.port}`),
  }
  let written = ''
  const keep = (text: string) => void (written += text)
  // Libraries write here where they write at all.
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name).mockImplementation((...args) => keep(`${args.map(String).join(' ')}\n`)))
  await run(['site', 'publish', write('site.json', JSON.stringify(createSite()))], { env, out: () => {}, err: keep, signal: AbortSignal.abort() })

  const controller = new AbortController()
  const port = await findFreePort()
  const ready = Promise.withResolvers<void>()
  const ending = run(['serve'], {
    env: { ...env, SAYSO_PORT: String(port) }, signal: controller.signal, err: keep,
    out(text) {
      keep(text)
      if (text.includes('Sayso is at')) ready.resolve()
    },
  })
  const secrets = new Set([
    EMAIL, encodeURIComponent(EMAIL), 'lovelace', TOKEN, AGENT, FORWARDED, '127.0.0.1', '::1', SMTP_PASSWORD,
    ...[logKey, eventsKey].map((jwk) => (JSON.parse(jwk) as { d: string }).d), (JSON.parse(suppression) as { k: string }).k,
  ])
  const send = (path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}) => fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: 'manual', ...init, headers: { 'user-agent': AGENT, 'x-forwarded-for': FORWARDED, ...headers },
  })
  const asOperator = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  try {
    await Promise.race([ready.promise, ending.then((code) => Promise.reject(new Error(`ended with ${code}: ${written}`)))])

    const device = await createDevice()
    const jws = await device.decide({ analytics: 'given' })
    const optIn = await device.decide({ newsletter: 'given' }, { notice: createNotice('contact'), source: { channel: 'opt-in', action: 'Subscribe', url: `${SHOP_ORIGIN}/`, build: 'b' } })
    const recorded = await send('/v1/sites/shop/events', { method: 'POST', headers: { 'content-type': 'application/json', origin: SHOP_ORIGIN }, body: JSON.stringify({ events: [{ jws }, { jws: optIn, contact: { email: EMAIL } }] }) })
    const { results } = (await recorded.json()) as { results: { status: number; event_id: string; receipt: { proof: string } }[] }
    expect(results.map(({ status }) => status)).toEqual([201, 201])
    for (const secret of [jws, optIn, device.recordId, ...results.flatMap(({ event_id, receipt }) => [event_id, receipt.proof])]) secrets.add(secret)

    const { id } = (await (await send('/v1/sites/shop/contacts', { method: 'POST', headers: asOperator, body: JSON.stringify({ email: EMAIL }) })).json()) as { id: string }
    const tokens = await Promise.all(['P', 'U'].map(async (kind) => {
      const { url } = (await (await send(`/v1/sites/shop/contacts/${id}/links`, { method: 'POST', headers: asOperator, body: JSON.stringify({ kind }) })).json()) as { url: string }
      return url.slice(url.lastIndexOf('/') + 1)
    }))
    const opened = await send(`/p/${tokens[0]!}`)
    const handle = new URL(opened.headers.get('location')!, 'http://consent.example').searchParams.get('h')!
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    const page = await (await send(`/p/open?h=${handle}`, { headers: { cookie } })).text()
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
    for (const secret of [id, ...tokens, handle, cookie.split('=')[1]!, csrf]) secrets.add(secret)

    const answered = new Set<string>()
    for (const [known, pattern] of listRoutes()) {
      const values: Record<string, string[]> = { site: ['shop', encodeURIComponent(EMAIL)], token: [...tokens, encodeURIComponent(EMAIL)], id: [id, device.recordId, results[0]!.event_id, encodeURIComponent(EMAIL)] }
      const fill = (turn: number) => pattern.replace(/:(\w+)(\{[^}]*\})?/g, (_, name: string) => (values[name] ?? [encodeURIComponent(EMAIL)])[turn % (values[name]?.length ?? 1)]!).replace('*', encodeURIComponent(EMAIL))
      for (let turn = 0; turn < 4; turn += 1) {
        const query = new URLSearchParams({ email: EMAIL, token: TOKEN, h: handle })
        const form = new URLSearchParams({ csrf, h: handle, email: EMAIL, token: TOKEN, action_id: EMAIL, code: '123456', do: 'enter' })
        const bodies = turn % 2 === 0 ? { body: JSON.stringify({ email: EMAIL, jws }), headers: asOperator } : { body: form, headers: { cookie } }
        // Erasing comes last, so that the rest has something to work on.
        if (known !== 'DELETE') for (const method of [known, 'PUT']) await (await send(`${fill(turn)}?${query.toString()}`, { method, ...bodies, ...(method === 'GET' ? { body: null } : {}) })).arrayBuffer()
      }
      answered.add(pattern)
    }
    await send(`/${EMAIL}/${tokens[0]!}?email=${EMAIL}`)
    await send(`/v1/records/${device.recordId}`, { method: 'DELETE', headers: asOperator })
    await expect.poll(() => /could not be sent/.test(written), { timeout: 20_000 }).toBe(true)
    controller.abort()
    expect(await ending).toBe(0)

    const lines = written.trimEnd().split('\n').map((line) => JSON.parse(line) as { level: string; time: string; msg: string; route?: string })
    for (const { level, time, msg } of lines) expect([level, time, msg]).toEqual([expect.stringMatching(/^(debug|info|warn|error)$/), expect.stringMatching(/^\d{4}-.*Z$/), expect.any(String)])
    expect(lines.filter(({ level }) => level === 'error')).toEqual([])
    // Every route that was asked stands there, as its pattern.
    const routes = new Set(lines.map(({ route }) => route))
    expect([...answered].map((pattern) => pattern.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')).filter((pattern) => !routes.has(pattern))).toEqual([])
    expect(answered.size).toBeGreaterThan(45)
    expect(routes).toContain('none')
    expect(secrets.size).toBeGreaterThan(20)
    for (const secret of secrets) expect(written).not.toContain(secret)
  } finally {
    controller.abort()
    await ending
    for (const spy of spies) spy.mockRestore()
    mailServer.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
