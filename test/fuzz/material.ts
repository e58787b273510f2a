// What the fuzzer starts from: a service that is in use, and everything that somebody may hold of it: events, links, ids, a visit.
import { createMockService, type MockService } from '../../api-mock/service.ts'
import { hashNotice } from '../../core/notice.ts'
import type { Limits } from '../../server/limits.ts'
import { parseCsv } from '../../server/node/csv.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import type { Store } from '../../server/store.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

export const ADMIN_TOKEN = 'a-long-enough-admin-token'

/** Rates are tried elsewhere; here nothing is to be turned away for its number. */
const NO_RATES: Partial<Limits> = { eventsPerIp: Infinity, linksPerAddress: Infinity, linksPerIp: Infinity, linksPerSite: Infinity, visitsPerIp: Infinity }

const DEVICES = 60

/** Values by what stands for them in a path: `:id` is any of `id`. */
export interface Material {
  service: MockService
  /** Lines that the service wrote for its operator. */
  lines: string[]
  params: Record<string, string[]>
  events: string[]
  /** JSON bodies that are taken as they are, or nearly, by the end of the route that takes them. */
  json: Record<string, unknown[]>
  forms: string[]
  cookie: string
}

/** Puts a service over this store into use. */
export async function createMaterial(store: Store, baseUrl: string): Promise<Material> {
  const lines: string[] = []
  const sites = [createSite(), createSite({ site: 'other', origins: ['https://other.example'] })]
  const service = await createMockService({
    sites, store, baseUrl, adminToken: ADMIN_TOKEN, parseCsv, limits: NO_RATES, signer: createSigner(createMemoryKeyStore()), log: (line) => void lines.push(line),
  })
  const { app } = service
  const send = (path: string, init?: RequestInit) => app.fetch(new Request(new URL(path, baseUrl), init), { ip: '192.0.2.1' })
  const post = async <T>(path: string, body: unknown) =>
    (await (await send(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` } })).json()) as T

  const devices = await Promise.all(Array.from({ length: DEVICES }, createDevice))
  const events: string[] = []
  for (const device of devices) {
    events.push(await device.decide({ video: 'given', analytics: 'refused' }))
    events.push(await device.decide({ video: 'withdrawn' }))
  }
  const drafts = devices.map((device) => device.draft({ analytics: 'given' }))
  await send('/v1/sites/shop/events', { method: 'POST', body: JSON.stringify({ events: events.slice(0, 20).map((jws) => ({ jws })) }), headers: { origin: SHOP_ORIGIN, 'content-type': 'text/plain' } })

  const contacts: string[] = []
  const tokens: string[] = []
  for (const name of ['ada', 'bob', 'eve']) {
    const { id } = await post<{ id: string }>('/v1/sites/shop/contacts', { email: `${name}@example.org`, ask: false })
    contacts.push(id)
    for (const kind of ['P', 'U']) tokens.push((await post<{ url: string }>(`/v1/sites/shop/contacts/${id}/links`, { kind })).url.split('/').at(-1)!)
  }
  const mailing = await post<{ id: string }>('/v1/sites/shop/mailings', { kind: 'link', per_hour: 60 })
  const opened = await send(`/p/${tokens[0]}`, { redirect: 'manual' })
  const cookie = opened.headers.getSetCookie()[0]!.split(';')[0]!
  const location = new URL(opened.headers.get('location')!, baseUrl)
  const page = await (await send(location.href, { headers: { cookie } })).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
  const handle = location.searchParams.get('h') ?? ''
  const hidden = `csrf=${csrf}&h=${encodeURIComponent(handle)}`

  const ids = drafts.flatMap(({ event_id, record_id }) => [event_id, record_id])
  const hash = hashNotice(createNotice('device'))
  const german = hashNotice(createNotice('contact', 'de'))
  const time = '2026-11-21T09:00:00.000Z'
  return {
    service, lines, events, cookie,
    params: {
      site: ['shop', 'shop', 'shop', 'other'], id: [...contacts, mailing.id, ...ids], token: [...tokens, tokens[0]!.slice(1), 'open', 'code'], hash: [hash, german], other: [hash, german], same: [hash, german],
      name: ['rest.js', '../../package.json'], kind: ['link', 'confirm', 'changed'], code: ['invalid', 'internal'],
    },
    json: {
      '/events': [...drafts.map((draft) => ({ events: [{ draft }] })), { events: events.slice(0, 5).map((jws) => ({ jws })) }, { events: [{ draft: drafts[13] }, { jws: events[30] }] }],
      '/sites/:site/links': [{ email: 'ada@example.org' }],
      '/contacts': [{ email: 'new@example.org', source: 'a fair', language: 'de', has_contract: false, ask: true }],
      '/contacts/:id': [{ has_contract: true, source: 'a friend', language: 'de' }],
      '/contacts/:id/links': [{ kind: 'P', purpose_id: 'newsletter' }, { kind: 'U' }],
      '/mailings': [{ kind: 'ask', per_hour: 60 }],
      '/mail-events': [{ events: [{ email: 'bob@example.org', type: 'bounce' }] }],
      '/mail-links': [{ contacts: [{ email: 'ada@example.org' }], purpose_id: 'newsletter' }],
      '/purge': [{ decision: 'keep' }],
      '/verbal': [{ time, staff: 'Anna Berg', told: 'By phone', decisions: [{ purpose_id: 'newsletter', event_state: 'given' }] }],
    },
    forms: [
      `${hidden}&purpose=newsletter&action_id=save`, `${hidden}&do=send`, `${hidden}&do=enter&code=123456`, 'List-Unsubscribe=One-Click', `token=${ADMIN_TOKEN}`, 'email=ada%40example.org',
    ],
  }
}
