// The consent service in a browser tab or a test: the very app, over a store and keys in memory. It has no
// consent logic of its own, so mock and service cannot drift.
import type { Bytes } from '../core/bytes.ts'
import { type App, type AppOptions, createApp } from '../server/app.ts'
import { createMemoryKeyStore, createSigner } from '../server/signer.ts'
import { createMemoryStore } from '../server/store-memory.ts'
import type { Store } from '../server/store.ts'

/** A mail as the service handed it over. */
export type SentMail = Parameters<AppOptions['mailer']['send']>[0]

/** A service with sites published, and what can be looked at from outside. */
export interface MockService {
  app: App
  baseUrl: string
  store: Store
  /** Mails that were sent, oldest first; they are sent when `app.settle()` resolves. */
  mails: SentMail[]
}

/** What the mock is made of; everything has a default but the sites. */
export interface MockOptions extends Partial<Pick<AppOptions, 'now' | 'random' | 'baseUrl' | 'adminToken' | 'assets' | 'limits' | 'store' | 'log' | 'mailer' | 'vouchers' | 'parseCsv' | 'signer'>> {
  /** Site files to publish. */
  sites: readonly unknown[]
}

const PLACEHOLDER_ASSETS: AppOptions['assets'] = {
  loader: 'globalThis.saysoConfig=__SAYSO_CONFIG__', build: 'mock',
  rest: 'rest.js', files: new Map(),
}

/** Puts a service together and publishes its sites. */
export async function createMockService({ sites, ...options }: MockOptions): Promise<MockService> {
  const mails: SentMail[] = []
  const store = options.store ?? createMemoryStore()
  const baseUrl = options.baseUrl ?? 'https://consent.example'
  const app = createApp({
    mailer: { send: async (mail) => void mails.push(mail) },
    now: Date.now,
    random: (length): Bytes => crypto.getRandomValues(new Uint8Array(length)),
    assets: PLACEHOLDER_ASSETS,
    signer: createSigner(createMemoryKeyStore()),
    ...options,
    store, baseUrl,
  })
  for (const site of sites) await app.publish(site)
  return { app, baseUrl, store, mails }
}
