// For whoever runs the service: is it up, can it work, how much has it done.
import { describeError } from '../describe-error.ts'
import type { Routes, Service } from '../service.ts'

/** Adds the routes. */
export function addOperationRoutes(app: Routes, { store, counters, log }: Service): void {
  const text = (body: string, status = 200) => new Response(body, {
    status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })

  app.get('/healthz', () => text('ok\n'))

  app.get('/readyz', async () => {
    try {
      await store.listSites()
      return text('ready\n')
    } catch (error) {
      log(`not ready: ${describeError(error)}`)
      return text('not ready\n', 503)
    }
  })

  // Prometheus text format 0.0.4.
  app.get('/metrics', async () => {
    const sites = await store.listSites()
    const sizes = await Promise.all(sites.map(async ({ site }) => `sayso_log_size{site="${site}"} ${(await store.readHead(site)).size}`))
    const { waiting, stuck } = await store.countMails()
    const lines = [
      '# HELP sayso_events_recorded_total Consent events recorded since the start.', '# TYPE sayso_events_recorded_total counter',
      `sayso_events_recorded_total ${counters.eventsRecorded}`,
      '# HELP sayso_log_size Leaves in the log of a site.', '# TYPE sayso_log_size gauge', ...sizes,
      '# HELP sayso_mails_sent_total Mails handed over since the start.', '# TYPE sayso_mails_sent_total counter',
      `sayso_mails_sent_total ${counters.mailsSent}`,
      '# HELP sayso_mails_failed_total Attempts to send that failed since the start; each is tried again.', '# TYPE sayso_mails_failed_total counter',
      `sayso_mails_failed_total ${counters.mailsFailed}`,
      '# HELP sayso_mails_waiting Mails in the outbox that are sent when they are due.', '# TYPE sayso_mails_waiting gauge', `sayso_mails_waiting ${waiting}`,
      '# HELP sayso_mails_stuck Mails that are not sent again unless somebody says so.', '# TYPE sayso_mails_stuck gauge', `sayso_mails_stuck ${stuck}`,
    ]
    return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' } })
  })
}
