// The consent service: web-standard Request in, Response out. It runs in Node and in a browser tab; clock,
// randomness, store, keys and mailer are passed in. This file is the table of contents; each idea has its route.
import { Hono } from 'hono'
import { logsOf } from '../core/access.ts'
import type { Bytes } from '../core/bytes.ts'
import { readEvent as readEventHere } from '../core/event.ts'
import { refuse } from '../core/refusal.ts'
import { type Answered, findRoute, PROBES } from './access-log.ts'
import { holdAnswers } from './accesses.ts'
import { createAnchors } from './anchor.ts'
import { createBuildArchive } from './build-archive.ts'
import type { ParseCsv } from './contact-import.ts'
import { createCounters } from './counters.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createLimiter, DEFAULT_LIMITS, type Limits } from './limits.ts'
import { createLoadGuard } from './load-guard.ts'
import { createMailOutbox } from './mail-outbox.ts'
import type { Mailer } from './mailer.ts'
import { createMailings } from './mailings.ts'
import type { Family } from './metrics.ts'
import { createPreferences } from './preference.ts'
import { RateRefusal } from './problem.ts'
import { publishSite } from './publish.ts'
import { addAccessRoutes } from './routes/accesses.ts'
import { addContactImportRoutes } from './routes/contact-import.ts'
import { addContactRoutes } from './routes/contacts.ts'
import { addEventRoutes } from './routes/events.ts'
import { addEvidenceRoutes } from './routes/evidence.ts'
import { addKeyBindingRoute } from './routes/key-bindings.ts'
import { addLogRoutes } from './routes/log.ts'
import { addMailEventRoutes } from './routes/mail-events.ts'
import { addMailLinkRoutes } from './routes/mail-links.ts'
import { addMailPreviewRoutes } from './routes/mail-previews.ts'
import { addMailingRoutes } from './routes/mailings.ts'
import { addMethodRules } from './routes/methods.ts'
import { addNewLinkRoutes } from './routes/new-link.ts'
import { addNoticeVersionRoutes } from './routes/notice-versions.ts'
import { addNoticeRoutes } from './routes/notices.ts'
import { addOpenApiRoutes } from './routes/openapi.ts'
import { addOperationRoutes, answerMetrics } from './routes/operations.ts'
import { addPreferenceRoutes } from './routes/preference.ts'
import { addProblemRoutes } from './routes/problems.ts'
import { addReceiptRoutes } from './routes/receipts.ts'
import { addRecordRoutes } from './routes/records.ts'
import { addStampRoutes } from './routes/stamp.ts'
import { addStepRoutes } from './routes/step.ts'
import { addUnsubscribeRoutes } from './routes/unsubscribe.ts'
import { addVerifyRoutes } from './routes/verify.ts'
import { addWidgetRoutes } from './routes/widget.ts'
import type { Assets, Log, ReadSigned, RequestInfo, Routes, Service } from './service.ts'
import type { Signer } from './signer.ts'
import { createSiteMemory } from './site-memory.ts'
import type { Store } from './store.ts'
import { createSuppression } from './suppression.ts'
import { createUpkeep } from './upkeep.ts'
import type { Voucher } from './voucher.ts'

/** What the service is made of. */
export interface AppOptions {
  store: Store
  signer: Signer
  mailer: Mailer
  /** Made from the others where it is left out. */
  ledger?: Ledger
  /** Milliseconds since 1970. */
  now: () => number
  /** That many random bytes. */
  random: (length: number) => Bytes
  /** Where people reach the service, an origin: https://consent.example */
  baseUrl: string
  /** For the operators' routes; without it they answer to nobody. */
  adminToken?: string | undefined
  assets: Assets
  /** Reads events that come, and checks their signatures; here and with WebCrypto where it is left out. */
  readEvent?: ReadSigned
  limits?: Partial<Limits>
  /** Reads contact lists; without it they are refused. */
  parseCsv?: ParseCsv | undefined
  /** Asked about new checkpoints in the background; receipts never wait for them. */
  vouchers?: readonly Voucher[]
  /** One line for the operator, without personal data. */
  log?: Log
  /** Told of each request once it is answered. */
  onAnswered?: (answered: Answered) => void
  /** Measurements of the process, for /metrics. */
  readProcess?: () => readonly Family[]
  /** False: /metrics is not among the routes, and whoever calls `metrics` serves it. */
  isMetricsRouted?: boolean
}

/** The service, put together. */
export interface App {
  fetch(request: Request, info?: RequestInfo): Promise<Response>
  /** Sends the mails that are due, and resolves when none is left. */
  settle(): Promise<void>
  /** Does what has come due for contacts, and goes on with mailings; resolves when nothing is left for now. */
  tend(): Promise<void>
  /** Asks the vouchers about every site's newest checkpoint; resolves when they were woken, not when they answered. */
  vouch(): Promise<void>
  /** Finishes the mail in hand and sends no more, and gives up asking vouchers; to be called before the store is closed. */
  close(): Promise<void>
  /** Puts a site file in force: checks it, fills in labels, logs its notices. Throws a Refusal. */
  publish(siteFile: unknown): Promise<string[]>
  /** What /metrics answers. */
  metrics(): Promise<Response>
  readonly ledger: Ledger
  /** Every address it answers at, as the router has it: `/p/:token`. */
  readonly routes: readonly { method: string; path: string }[]
}

/** Puts the service together. */
export function createApp({ store, signer, mailer, now, random, baseUrl, adminToken, assets, readEvent = (jws) => readEventHere(jws), limits, parseCsv, vouchers = [], log = () => {}, onAnswered, readProcess = () => [], isMetricsRouted = true, ...rest }: AppOptions): App {
  const ledger = rest.ledger ?? createLedger({ store, signer, baseUrl, now })
  const counters = createCounters()
  const suppression = createSuppression({ store, signer })
  const outbox = createMailOutbox({ store, mailer, now, random, baseUrl, counters, log, suppression })
  const allLimits = { ...DEFAULT_LIMITS, ...limits }
  const limiter = createLimiter(allLimits, now)
  const guard = createLoadGuard(allLimits)
  const builds = createBuildArchive({ store, assets, log })
  const service: Service = { store, ledger, outbox, suppression, limiter, readEvent, assets, builds, now, random, baseUrl, adminToken, parseCsv, counters, log, recallSite: createSiteMemory(store, now), readAnchor: createAnchors({ ledger, now }) }
  const preferences = createPreferences(service)
  const mailings = createMailings(service, preferences)
  const upkeep = createUpkeep(service, preferences)
  let tending: Promise<void> | undefined
  const wakeVouchers = (site: string) => {
    for (const voucher of vouchers) voucher.wake(site)
  }
  ledger.watch(wakeVouchers)

  const metrics = () => answerMetrics(service, readProcess)

  const app: Routes = new Hono({ strict: true })
  app.use(async (c, next) => {
    const startMs = performance.now()
    await next()
    const answered = { method: c.req.method, route: findRoute(c), status: c.res.status, tookMs: performance.now() - startMs }
    counters.requests.observe({ route: answered.route, status: `${Math.floor(answered.status / 100)}xx` }, answered.tookMs / 1000)
    onAnswered?.(answered)
    addSecurityHeaders(c.res.headers, baseUrl)
  })
  // PostgreSQL has no text with a null in it, and nothing here has such a name.
  app.use(async (c, next) => (/%00/.test(c.req.url) ? refuse('', 'not_found', 'No address here has a null in it.') : next()))
  app.use(async (c, next) => (PROBES.includes(c.req.path) ? next() : guard(c.req.raw, next)))
  app.use(holdAnswers(service))
  for (const path of ['/p/*', '/u/*', '/evidence/*']) {
    app.use(path, async (c, next) => {
      const grant = limiter.takeVisit(c.env.ip)
      if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
      await next()
    })
  }
  addEventRoutes(app, service)
  addReceiptRoutes(app, service)
  addVerifyRoutes(app, service)
  addWidgetRoutes(app, service)
  addNoticeRoutes(app, service)
  addNoticeVersionRoutes(app, service)
  addEvidenceRoutes(app, service)
  addLogRoutes(app, service)
  addStampRoutes(app, service)
  addNewLinkRoutes(app, service)
  addKeyBindingRoute(app, service, preferences)
  addStepRoutes(app, service, preferences)
  addPreferenceRoutes(app, service, preferences)
  addUnsubscribeRoutes(app, service, preferences)
  addContactRoutes(app, service, preferences)
  addContactImportRoutes(app, service, preferences)
  addMailLinkRoutes(app, service, preferences)
  addMailEventRoutes(app, service, preferences)
  addMailPreviewRoutes(app, service)
  addMailingRoutes(app, service, mailings)
  addRecordRoutes(app, service)
  addAccessRoutes(app, service)
  addOperationRoutes(app, service, { signer, metrics: isMetricsRouted ? metrics : undefined })
  addOpenApiRoutes(app, { baseUrl, isMetricsRouted })
  addProblemRoutes(app, service)
  addMethodRules(app)

  return {
    fetch: async (request, info = {}) => app.fetch(request, info),
    settle: () => outbox.settle(),
    tend() {
      // One round at a time, so that closing has one to wait for.
      tending ??= upkeep.run().then(() => mailings.run()).finally(() => (tending = undefined))
      return tending
    },
    async vouch() {
      if (vouchers.length > 0) for (const { site } of await store.listSites()) for (const log of logsOf(site)) wakeVouchers(log)
    },
    async close() {
      upkeep.close()
      mailings.close()
      await tending?.catch(() => {})
      await Promise.all([outbox.close(), ...vouchers.map((voucher) => voucher.close())])
    },
    publish: (siteFile) => publishSite(ledger, siteFile),
    metrics,
    ledger,
    routes: app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path })),
  }
}

/** What every answer carries, unless its route says otherwise. */
function addSecurityHeaders(headers: Headers, baseUrl: string): void {
  // What a browser never shows as a document needs no policy for documents, and these bytes come before a banner.
  const isPart = /^(?:text\/(?:javascript|css)|application\/octet-stream)/.test(headers.get('content-type') ?? '')
  const defaults = {
    'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin',
    ...(isPart ? {} : {
      'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    }),
    ...(baseUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
  for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value)
}
