// For whoever runs the service: is it up, can it work, how much has it done. Nothing here names a person.
import { accessLogOf } from '../../core/access.ts'
import { Refusal } from '../../core/refusal.ts'
import { type Family, formatFamilies, readGauge, type Sample } from '../metrics.ts'
import { answerProblem, toProblem } from '../problem.ts'
import { createReadiness } from '../readiness.ts'
import type { Routes, Service } from '../service.ts'
import type { Signer } from '../signer.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

function answerText(body: string, type = 'text/plain; charset=utf-8'): Response {
  return new Response(body, { headers: { 'content-type': type, 'cache-control': 'no-store' } })
}

const secondsSince = (time: string, nowMs: number) => Math.max(0, (nowMs - Date.parse(time)) / 1000)

/** What all services over the store have in common, read now. */
async function readStore({ store, now, counters }: Service): Promise<Family[]> {
  const sites = await store.listSites()
  const heads = await Promise.all(sites.map(async ({ site }) => ({ labels: { site }, ...(await store.readHead(site)) })))
  const accesses = await Promise.all(sites.map(async ({ site }) => ({ labels: { site }, value: (await store.readHead(accessLogOf(site))).size })))
  for (const { labels } of heads) counters.eventsRecorded.add(labels, 0)
  const { waiting, stuck, oldestAt } = await store.countMails()
  const ages = heads.flatMap(({ labels, lastReceivedAt }): Sample[] => (lastReceivedAt === null ? [] : [{ labels, value: secondsSince(lastReceivedAt, now()) }]))
  return [
    readGauge('sayso_log_size', 'Leaves in the log of a site.', heads.map(({ labels, size }) => ({ labels, value: size }))),
    readGauge('sayso_access_log_size', 'Leaves in the log of the accesses to a site.', accesses),
    readGauge('sayso_checkpoint_age_seconds', 'Time since the last checkpoint of a site’s log; it has a new one with every leaf.', ages),
    readGauge('sayso_mails_waiting', 'Mails in the outbox of all services over this store that are sent when they are due.', waiting),
    readGauge('sayso_mails_oldest_seconds', 'Age of the oldest mail that waits; 0 where none does.', oldestAt === null ? 0 : secondsSince(oldestAt, now())),
    readGauge('sayso_mails_stuck', 'Mails that are not sent again unless somebody says so.', stuck),
  ]
}

/** The answer to /metrics: what this process counted, what the store holds, and what is told of the process. */
export async function answerMetrics(service: Service, readProcess: () => readonly Family[]): Promise<Response> {
  const stored = await readStore(service)
  const { eventsRecorded, mailsSent, mailsFailed, requests } = service.counters
  const counted = [eventsRecorded, mailsSent, mailsFailed, requests].map((counter) => counter.read())
  return answerText(formatFamilies([...counted, ...stored, ...readProcess()]), METRICS_TYPE)
}

/** Adds the routes; `/metrics` only where it is not served elsewhere. */
export function addOperationRoutes(app: Routes, service: Service, { signer, metrics }: { signer: Signer; metrics: (() => Promise<Response>) | undefined }): void {
  app.get('/healthz', () => answerText('ok\n'))

  const findReadiness = createReadiness({ ...service, signer })
  app.get('/readyz', async () => {
    const faults = await findReadiness()
    return faults.length === 0 ? answerText('ready\n') : answerProblem(toProblem(new Refusal(faults)))
  })

  if (metrics) app.get('/metrics', metrics)
}
