// What the service's contract is played on: the app, its clock and its mails, behind any transport.
import { parseNoteKey, type NoteKey, parseCheckpoint } from '../../core/checkpoint.ts'
import type { Site } from '../../core/site.ts'
import { createMockService, type SentMail } from '../../api-mock/service.ts'
import type { App, AppOptions } from '../../server/app.ts'
import { parseCsv } from '../../server/node/csv.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import type { Store } from '../../server/store.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

/** Carries a request to the app and its answer back. */
export type Send = (request: Request) => Promise<Response>

/** What a transport adds to the app. */
export interface Transport {
  send: Send
  close?: () => Promise<void> | void
}

/** Options that a test may set. */
export interface StageOptions {
  limits?: AppOptions['limits']
  mailer?: AppOptions['mailer']
  assets?: AppOptions['assets']
}

/** A running service as its callers see it, and the hands that move its clock. */
export interface ServiceStage {
  app: App
  store: Store
  /** Another server over the same store and keys. */
  openTwin(): Promise<App>
  baseUrl: string
  clock: { nowMs: number }
  mails: SentMail[]
  keys: NoteKey[]
  /** Sends a request; `path` may be a whole address of the service. */
  send(path: string, init?: RequestInit): Promise<Response>
  logSize(site?: string): Promise<number>
  close(): Promise<void>
}

/** Opens a stage; each contract test opens its own. */
export type OpenStage = (options?: StageOptions) => Promise<ServiceStage>

export const ADMIN_TOKEN = 'a-long-enough-admin-token'
export const OTHER_ORIGIN = 'https://other.example'

/** Files as a build has them, each as small as can be told apart. */
export const SMALL_ASSETS: AppOptions['assets'] = {
  loader: 'start(__SAYSO_CONFIG__)', build: 'b1', rest: 'rest.abcdefgh.js',
  files: new Map([
    ['rest.abcdefgh.js', { body: 'export {}', type: 'text/javascript; charset=utf-8' }], ['api.css', { body: 'p{}', type: 'text/css; charset=utf-8' }],
    ['preference-center.css', { body: 'p{}', type: 'text/css; charset=utf-8' }],
  ]),
}

/** A second site on the same service, for what must not reach across. */
export const otherSite: Site = createSite({ site: 'other', name: 'Other', origins: [OTHER_ORIGIN] })

/** Puts the app together and connects it through a transport. */
export async function openStage(
  { store, baseUrl = 'https://consent.example', connect }: { store?: Store; baseUrl?: string; connect: (app: App) => Transport | Promise<Transport> },
  options: StageOptions = {},
): Promise<ServiceStage> {
  const clock = { nowMs: Date.parse('2026-11-22T10:00:05.000Z') }
  const parts = { baseUrl, adminToken: ADMIN_TOKEN, now: () => clock.nowMs, parseCsv, signer: createSigner(createMemoryKeyStore()), ...options }
  const { app, mails, store: opened } = await createMockService({ sites: [createSite(), otherSite], ...parts, ...(store ? { store } : {}) })
  const { send, close } = await connect(app)
  const stage: ServiceStage = {
    app, store: opened, openTwin: async () => (await createMockService({ mailer: { send: async (mail) => void mails.push(mail) }, ...parts, sites: [], store: opened })).app, baseUrl, clock, mails,
    keys: (await app.ledger.vkeys('shop')).map(parseNoteKey),
    send: (path, init) => send(new Request(new URL(path, baseUrl), { redirect: 'manual', ...init })),
    logSize: async (site = 'shop') => parseCheckpoint(await (await stage.send(`/log/${site}/checkpoint`)).text()).size,
    async close() {
      await app.close()
      await close?.()
      await opened.close()
    },
  }
  return stage
}

/** Sends one event as the shop's page does. */
export function postJws(stage: ServiceStage, jws: string, { site = 'shop', origin = SHOP_ORIGIN, type = 'text/plain' } = {}): Promise<Response> {
  return stage.send(`/v1/sites/${site}/events`, { method: 'POST', body: jws, headers: { 'content-type': type, ...(origin ? { origin } : {}) } })
}

/** Sends a batch as the shop's page does. */
export function postBatch(stage: ServiceStage, events: unknown, { origin = SHOP_ORIGIN, type = 'text/plain' } = {}): Promise<Response> {
  return stage.send('/v1/sites/shop/events', { method: 'POST', body: JSON.stringify({ events }), headers: { 'content-type': type, ...(origin ? { origin } : {}) } })
}
