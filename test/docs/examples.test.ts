// The examples in docs/examples are run as they are: against the service, and against a stand-in for each tool's interface, which says what the script sent.
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { ensureContact } from '../../server/contact.ts'
import { type Listening, listen } from '../../server/node/http.ts'
import { createSite } from '../fixtures/site.ts'

const FOLDER = join(import.meta.dirname, '../../docs/examples')
const TOKEN = 'a-long-enough-admin-token'
const URLS = { manage: expect.stringMatching(/^https:\/\/consent\.example\/p\/[\w-]{43}$/), unsubscribe: expect.stringMatching(/^https:\/\/consent\.example\/u\/[\w-]{43}$/) }

interface Call {
  path: string
  authorization: string
  body: unknown
}

let service: Listening
let tool: Server
let calls: Call[]
beforeEach(async () => {
  calls = []
  const { app, store } = await createMockService({ sites: [createSite()], adminToken: TOKEN })
  const parts = { store, now: Date.now, random: (length: number) => crypto.getRandomValues(new Uint8Array(length)) }
  service = await listen(0, (request) => app.fetch(request))
  for (const [name, state] of [['ada', 'given'], ['bob', 'refused']] as const) {
    const { contact } = await ensureContact(parts, { site: 'shop', email: `${name}@example.org`, language: 'en' })
    await app.fetch(new Request(`https://consent.example/v1/sites/shop/contacts/${contact.id}/verbal`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ time: '2026-01-01T00:00:00.000Z', staff: 'A', told: 'B', decisions: [{ purpose_id: 'newsletter', event_state: state }] }),
    }))
  }
  tool = createServer((request, response) => {
    let text = ''
    request.on('data', (piece: Buffer) => (text += piece.toString()))
    request.on('end', () => {
      calls.push({ path: `${request.method} ${request.url}`, authorization: request.headers.authorization ?? '', body: JSON.parse(text) })
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => tool.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await service.close()
  await new Promise((resolve) => tool.close(resolve))
})

const toolUrl = () => `http://127.0.0.1:${(tool.address() as AddressInfo).port}`

async function run(name: string, env: Record<string, string>): Promise<string> {
  const { stderr } = await promisify(execFile)(process.execPath, [join(FOLDER, name), 'ada@example.org', 'bob@example.org', 'eve@example.org'], {
    env: { ...process.env, SAYSO_URL: `http://127.0.0.1:${service.port}`, SAYSO_SITE: 'shop', SAYSO_ADMIN_TOKEN: TOKEN, PURPOSE: 'newsletter', ...env },
  })
  return stderr
}

test('listmonk gets a message for each who agreed, with links and headers', async () => {
  const out = await run('listmonk.mjs', { LISTMONK_URL: toolUrl(), LISTMONK_TOKEN: 'user:secret', TEMPLATE_ID: '7' })
  expect(out).toContain('left out: bob@example.org: not_agreed')
  expect(out).toContain('left out: eve@example.org: unknown')
  expect(calls).toEqual([{
    path: 'POST /api/tx', authorization: 'token user:secret', body: {
      subscriber_email: 'ada@example.org', template_id: 7, content_type: 'html', data: { manage_url: URLS.manage, unsubscribe_url: URLS.unsubscribe },
      headers: [{ 'List-Unsubscribe': expect.stringMatching(/^<https:.*\/u\/.*>$/) }, { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }],
    },
  }])
})

test('Mautic gets the links of those who agreed as fields of its contacts', async () => {
  await run('mautic.mjs', { MAUTIC_URL: toolUrl(), MAUTIC_USER: 'user', MAUTIC_PASSWORD: 'secret' })
  expect(calls).toEqual([{
    path: 'POST /api/contacts/batch/new', authorization: `Basic ${btoa('user:secret')}`,
    body: [{ email: 'ada@example.org', sayso_manage_url: URLS.manage, sayso_unsubscribe_url: URLS.unsubscribe }],
  }])
})

test('HubSpot gets the links of those who agreed as properties', async () => {
  await run('hubspot.mjs', { HUBSPOT_URL: toolUrl(), HUBSPOT_TOKEN: 'pat' })
  expect(calls).toEqual([{
    path: 'POST /crm/v3/objects/contacts/batch/update', authorization: 'Bearer pat',
    body: { inputs: [{ id: 'ada@example.org', idProperty: 'email', properties: { sayso_manage_url: URLS.manage, sayso_unsubscribe_url: URLS.unsubscribe } }] },
  }])
})

test('a plain SMTP script sends to those who agreed, with one-click headers that survive', async () => {
  const received: string[] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let raw = ''
      stream.on('data', (piece: Buffer) => (raw += piece.toString()))
      stream.on('end', () => {
        received.push(raw)
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run('smtp.mjs', { SMTP_URL: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, FROM: 'shop@example.com' })
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  expect(received).toHaveLength(1)
  expect(received[0]).toMatch(/^List-Unsubscribe: <https:\/\/consent\.example\/u\/[\w-]{43}>\r$/m)
  const mail = await PostalMime.parse(received[0]!)
  expect([mail.to![0]!.address, mail.text!.includes('https://consent.example/p/')]).toEqual(['ada@example.org', true])
})
