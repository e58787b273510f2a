// Puts the service together for Node and serves it: data from disk, mails by SMTP or into a folder.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type App, createApp } from '../app.ts'
import type { Environment } from '../cli/environment.ts'
import { createCosigner } from '../cosigning.ts'
import { describeError } from '../describe-error.ts'
import type { Limits } from '../limits.ts'
import { describeOtherNames } from '../log-names.ts'
import type { Mailer } from '../mailer.ts'
import { checkKeys } from '../readiness.ts'
import type { Log } from '../service.ts'
import { createStamper, type StamperOptions } from '../stamping.ts'
import type { Voucher } from '../voucher.ts'
import { readAssets } from './assets.ts'
import { createFindCaller } from './caller.ts'
import { createCompressor } from './compress.ts'
import { type HeldData, holdData } from './hold-data.ts'
import { listen, type Listening } from './http.ts'
import { parseCsv } from './csv.ts'
import { createFolderMailer } from './mailer-folder.ts'
import { createSmtpMailer } from './mailer-smtp.ts'
import { createAccessLog } from './logger.ts'
import { useNative } from './native.ts'
import { watchProcess } from './process-metrics.ts'
import { createEventReader } from './read-events.ts'
import { findProjectRoot } from './root.ts'

const ROUND_INTERVAL_MS = 5000

/** The service, running. */
export interface Running {
  app: App
  baseUrl: string
  /** Of the port that /metrics has to itself. */
  metricsPort?: number
  /** Stops taking requests, finishes what is under way, closes the data. */
  stop(): Promise<void>
}

/** What differs between `serve` and the demo. */
export interface StartOptions {
  environment: Environment
  /** Where a line goes. */
  log: Log
  /** Whether each request gets a line. */
  isAccessLogged: boolean
  /** Mails go into the folder even where a mail server is set. */
  isMailKept?: boolean
  limits?: Partial<Limits>
  /** Goes on with a database that is older than what was given out. */
  isOlderAccepted?: boolean
}

/** The folder that mails are written to where no mail server is set. */
export function mailboxOf({ dataDir }: Environment): string {
  return join(dataDir, 'mailbox')
}

function createMailer(environment: Environment, isMailKept: boolean): Mailer {
  const { smtpUrl } = environment
  return smtpUrl === undefined || isMailKept
    ? createFolderMailer({ folder: mailboxOf(environment), now: Date.now })
    : createSmtpMailer({ url: smtpUrl, now: Date.now })
}

/** Serves /metrics, and nothing else, where it has a port to itself. */
async function listenForMetrics({ host, metricsPort }: Environment, app: Promise<App>): Promise<Listening | undefined> {
  if (metricsPort === undefined) return undefined
  return listen(metricsPort, async ({ method, url }) =>
    new URL(url).pathname === '/metrics' && (method === 'GET' || method === 'HEAD') ? (await app).metrics() : new Response('Only /metrics is here.\n', { status: 404 }), { host })
}

function createVouchers({ tsaUrl, tsaMinutes, witnesses }: Environment, parts: Pick<StamperOptions, 'store' | 'now' | 'random' | 'log'>): Voucher[] {
  return [
    ...(witnesses.length > 0 ? [createCosigner({ ...parts, witnesses, fetch })] : []),
    ...(tsaUrl === undefined ? [] : [createStamper({ ...parts, url: tsaUrl, everyMs: tsaMinutes * 60_000, fetch })]),
  ]
}

/** Starts the service. */
export async function startService({ environment, log, isAccessLogged, isMailKept = false, limits = {}, isOlderAccepted = false }: StartOptions): Promise<Running> {
  useNative()
  const compress = createCompressor()
  const root = findProjectRoot()
  const assets = await readAssets(join(root, 'dist'))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  // The port may be any free one, and the base URL, so the log's name too, follows from it: listen first.
  const ready = Promise.withResolvers<App>()
  ready.promise.catch(() => {})
  const server = await listen(environment.port, async (request, info) => compress(request, await (await ready.promise).fetch(request, info)), { host: environment.host, findCaller: createFindCaller(environment.trustedProxies) })
  const baseUrl = environment.baseUrl ?? `http://localhost:${server.port}`
  const reader = createEventReader()
  const measuring = watchProcess({ version, widget: assets.build })
  let metricsServer: Listening | undefined
  let data: HeldData | undefined
  try {
    metricsServer = await listenForMetrics(environment, ready.promise)
    data = await holdData(environment, baseUrl, { log, isOlderAccepted })
    const { store, signer, ledger, close: closeData } = data
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
    const app = createApp({
      store, signer, ledger, mailer: createMailer(environment, isMailKept), now: Date.now,
      random, baseUrl, adminToken: environment.adminToken, parseCsv, assets, limits, log, readEvent: reader.readEvent,
      readProcess: measuring.read, isMetricsRouted: metricsServer === undefined, ...(isAccessLogged ? { onAnswered: createAccessLog(log) } : {}),
      vouchers: createVouchers(environment, { store, now: Date.now, random, log }),
    })
    await checkKeys({ store, signer, ledger })
    const others = await describeOtherNames((await store.listSites()).map(({ site }) => site), ledger.origin, baseUrl)
    if (others !== undefined) log(others)
    ready.resolve(app)
    // Mails that failed, and those another process queued, come due without anybody asking.
    // The same goes for checkpoints that nobody vouched for yet.
    const wake = () => {
      void app.settle()
      void app.tend().catch((error: unknown) => log(`looking after contacts failed, and is tried again: ${describeError(error)}`))
      void app.vouch().catch((error: unknown) => log(`looking for new checkpoints failed: ${describeError(error)}`))
    }
    const timer = setInterval(wake, ROUND_INTERVAL_MS)
    wake()
    return {
      app, baseUrl, ...(metricsServer ? { metricsPort: metricsServer.port } : {}),
      async stop() {
        clearInterval(timer)
        await server.close()
        await metricsServer?.close()
        measuring.stop()
        await app.close()
        await reader.close()
        await closeData()
      },
    }
  } catch (error) {
    // Whoever asked already would wait for ever, and the end with them.
    ready.reject(error)
    measuring.stop()
    await metricsServer?.close()
    await server.close()
    await reader.close()
    await data?.close()
    throw error
  }
}
