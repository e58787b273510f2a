// What the service counts while it runs: since its start, and of this process alone.
import { type Counter, createCounter, createHistogram, type Histogram } from './metrics.ts'

/** Upper bounds in seconds: from an answer out of memory to one that nobody waits for. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The counters of a running service. */
export interface Counters {
  /** By site. */
  eventsRecorded: Counter
  mailsSent: Counter
  mailsFailed: Counter
  /** By the route's pattern and the class of the status. */
  requests: Histogram
}

/** Counters at zero. */
export function createCounters(): Counters {
  return {
    eventsRecorded: createCounter('sayso_events_recorded_total', 'Consent events recorded since the start.', { isLabelled: true }),
    mailsSent: createCounter('sayso_mails_sent_total', 'Mails handed over since the start.'),
    mailsFailed: createCounter('sayso_mails_failed_total', 'Attempts to send that failed since the start; each is tried again.'),
    requests: createHistogram('sayso_http_request_duration_seconds', 'Time to an answer, by route and class of status.', SECONDS),
  }
}
