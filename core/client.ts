// Calls the consent service. fetch is passed in; every outcome is a value.
import type { EventBatch, EventEntry, EventResult, EventResults, Problem, WidgetConfig } from './protocol.ts'
import { writeJson } from './write-json.ts'

/**
 * What came of a call. `unreachable`: no usable answer (offline, 5xx, not JSON): keep what you have and try
 * again, not before `retryAfterSeconds` where that is given. `refused`: the service said no.
 */
export type Outcome<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'unreachable'; retryAfterSeconds: number | undefined }
  | { kind: 'refused'; problem: Problem }

/** The service, as the widget and the preference centre call it. */
export interface Client {
  /** Sends 1 to 100 entries; a result each, in order. */
  sendEvents(entries: readonly EventEntry[]): Promise<Outcome<EventResult[]>>
  /** The notice with this hash, as JSON, unchecked. */
  fetchNotice(hash: string): Promise<Outcome<unknown>>
  /** What the widget needs to know of the site, in the language closest to this one. */
  fetchWidgetConfig(language: string, region?: string | null): Promise<Outcome<WidgetConfig>>
}

async function call<T>(request: () => Promise<Response>): Promise<Outcome<T>> {
  try {
    const response = await request()
    const { status } = response
    if (status === 429 || status >= 500) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      return { kind: 'unreachable', retryAfterSeconds: seconds > 0 ? seconds : undefined }
    }
    const value: unknown = await response.json()
    return response.ok ? { kind: 'ok', value: value as T } : { kind: 'refused', problem: value as Problem }
  } catch {
    return { kind: 'unreachable', retryAfterSeconds: undefined }
  }
}

/** A client for one site of the service at `base`, for example `https://consent.example`. */
export function createClient({ base, site, fetch }: { base: string; site: string; fetch: typeof globalThis.fetch }): Client {
  const siteUrl = `${base}/v1/sites/${site}`
  return {
    async sendEvents(entries) {
      // text/plain keeps it a simple request: no preflight, one round trip less. keepalive lets it outlive the page.
      const body = writeJson({ events: entries } satisfies EventBatch)
      const outcome = await call<EventResults>(() => fetch(`${siteUrl}/events`, {
        method: 'POST', body, headers: { 'content-type': 'text/plain;charset=UTF-8' }, keepalive: body.length < 60_000, credentials: 'omit',
      }))
      if (outcome.kind !== 'ok') return outcome
      const results = outcome.value?.results
      return Array.isArray(results) && results.length === entries.length
        ? { kind: 'ok', value: results }
        : { kind: 'unreachable', retryAfterSeconds: undefined }
    },
    fetchNotice(hash) {
      return call(() => fetch(`${siteUrl}/notices/${hash}`, { headers: { accept: 'application/json' }, credentials: 'omit' }))
    },
    fetchWidgetConfig(language, region) {
      return call(() => fetch(`${siteUrl}/widget.json?${new URLSearchParams({ lang: language, ...(region && { region }) })}`, { credentials: 'omit' }))
    },
  }
}
