// What the routes share: everything is passed in once, in app.ts, and read here.
import type { Bytes } from '../core/bytes.ts'
import type { ConsentEvent, ReadEvent } from '../core/event.ts'
import { type AccessSubject, siteOfLog } from '../core/access.ts'
import { refuse } from '../core/refusal.ts'
import type { Site } from '../core/site.ts'
import type { Hono } from 'hono'
import type { BuildArchive } from './build-archive.ts'
import type { ParseCsv } from './contact-import.ts'
import type { Counters } from './counters.ts'
import type { Grant } from './grant.ts'
import type { Ledger } from './ledger.ts'
import type { Limiter } from './limits.ts'
import type { MailOutbox } from './mail-outbox.ts'
import type { RecallSite } from './site-memory.ts'
import type { Store } from './store.ts'
import type { Suppression } from './suppression.ts'

/** A file that the widget or a page loads. */
export interface AssetFile {
  body: string | Bytes
  type: string
}

/** The built widget and page files. */
export interface Assets {
  /** The loader; its one `__SAYSO_CONFIG__` is replaced by the configuration. */
  loader: string
  /** The widget build: goes into `source.build`. */
  build: string
  /** The file in `files` that the loader loads when something is due. */
  rest: string
  /** Built code of extras by name, each an expression that takes the site's settings; see core/protocol.ts. */
  extras?: ReadonlyMap<string, string>
  /** By name: what /assets/{name} and /page/{name} serve. */
  files: ReadonlyMap<string, AssetFile>
}

/** How much a line matters; `warn` where nothing is said. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What a machine that reads the log may want by itself. */
export interface LogDetails {
  level?: LogLevel
  [field: string]: string | number | undefined
}

/** Writes one line for the operator; never personal data. */
export type Log = (line: string, details?: LogDetails) => void

/** A state of a log, as events name it. */
export type Anchor = NonNullable<ConsentEvent['log_anchor']>

/** Reads and checks a JWS that came as an event, as core's readEvent does. Throws a Refusal. */
export type ReadSigned = (jws: string) => Promise<ReadEvent>

/** A running service. */
export interface Service {
  store: Store
  ledger: Ledger
  outbox: MailOutbox
  suppression: Suppression
  limiter: Limiter
  readEvent: ReadSigned
  assets: Assets
  builds: BuildArchive
  /** Milliseconds since 1970. */
  now: () => number
  /** That many random bytes. */
  random: (length: number) => Bytes
  /** An origin without a slash at the end; every address that leaves the service starts with it. */
  baseUrl: string
  /** Undefined: nobody may use the operators' routes. */
  adminToken: string | undefined
  parseCsv: ParseCsv | undefined
  recallSite: RecallSite
  /** A checkpoint that the site's log published, at most an hour old. */
  readAnchor: (site: string) => Promise<Anchor>
  /** Counts what /metrics shows. */
  counters: Counters
  log: Log
}

/** What comes with a request besides itself. */
export interface RequestInfo {
  /** The socket's address; undefined where there is no socket. */
  ip?: string
}

/**
 * What routes find in the context: `site` and `grant` where a rule before them let an operator in. They set `subject` to whom
 * they show, and `grant` where no rule did; see accesses.ts.
 */
export interface RouteEnv {
  Bindings: RequestInfo
  Variables: { site: Site; grant: Grant | undefined; subject: AccessSubject | undefined }
}

/** The router that routes are added to. */
export type Routes = Hono<RouteEnv>

/** The site of this name; refuses unknown ones with 404. */
export async function findKnownSite({ store }: Pick<Service, 'store'>, name: string): Promise<Site> {
  return (await store.findSite(name)) ?? refuse('', 'unknown_site', 'No site of this name is published here.')
}

/** The log of this name, a site's own or that of the accesses to it; refuses unknown ones with 404. */
export async function findKnownLog(service: Pick<Service, 'store'>, name: string): Promise<string> {
  await findKnownSite(service, siteOfLog(name))
  return name
}
