// For the site's operators: mailings to the whole list, and the mails that wait or are stuck.
import * as v from 'valibot'
import { refuse } from '../../core/refusal.ts'
import { formatTime } from '../../core/time.ts'
import { validate } from '../../core/validate.ts'
import type { MailingAnswer, MailList } from '../answers/mails.ts'
import type { Accepted } from '../answers/problem.ts'
import { readJson } from '../body.ts'
import type { Mailings } from '../mailings.ts'
import { addOperatorRules, OPERATOR_HEADERS as headers } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import type { Mailing } from '../store-contacts.ts'

/** A mail to the whole list. */
export const NewMailing = v.strictObject({
  kind: v.picklist(['ask', 'link'], 'The kind is “ask” (whoever never decided) or “link” (a personal link for everybody).'),
  per_hour: v.pipe(v.number('A number is expected.'), v.integer('A whole number is expected.'), v.minValue(1, 'At least 1.'), v.maxValue(1_000_000, 'At most 1,000,000.')),
})

const MOST_MAILS = 1000

function describe({ id, kind, perHour, state, total, queued, skipped, createdAt, nextAt }: Mailing): MailingAnswer {
  return { id, kind, per_hour: perHour, state, total, done: queued + skipped, queued, skipped, created_at: createdAt, next_at: state === 'running' ? nextAt : null }
}

/** Adds the routes. */
export function addMailingRoutes(app: Routes, service: Service, mailings: Mailings): void {
  const { store, outbox, limiter, now } = service
  for (const name of ['mailings', 'mails']) addOperatorRules(app, name, service, () => 'mail')

  async function find(site: string, id: string): Promise<Mailing> {
    const mailing = await store.findMailing(id)
    return mailing?.site === site ? mailing : refuse('', 'not_found', 'The site has no mailing of this id.')
  }

  app.post('/v1/sites/:site/mailings', async (c) => {
    const { kind, per_hour: perHour } = validate(NewMailing, await readJson(c.req.raw, limiter.bodyBytes))
    return Response.json(describe(await mailings.start(c.var.site.site, kind, perHour)), { status: 201, headers })
  })

  app.get('/v1/sites/:site/mailings', async (c) => Response.json({ mailings: (await store.listMailings(c.var.site.site)).map(describe) }, { headers }))

  app.get('/v1/sites/:site/mailings/:id', async (c) => Response.json(describe(await find(c.var.site.site, c.req.param('id'))), { headers }))

  for (const [name, from, to] of [['stop', 'running', 'stopped'], ['resume', 'stopped', 'running']] as const) {
    app.post(`/v1/sites/:site/mailings/:id/${name}`, async (c) => {
      const { id, state } = await find(c.var.site.site, c.req.param('id'))
      if (!(await store.changeMailingState(id, [from], to))) refuse('', 'mailing_state', `It is ${state}, not ${from}.`)
      return Response.json(describe(await find(c.var.site.site, id)), { headers })
    })
  }

  app.get('/v1/sites/:site/mails', async (c) => {
    const mails = await store.listMails(c.var.site.site, MOST_MAILS)
    return Response.json({
      mails: mails.map(({ id, kind, createdAt, attempts, dueAt, stuck }) => ({ id, kind, created_at: createdAt, attempts, due_at: dueAt, stuck: stuck ?? null })),
    } satisfies MailList, { headers })
  })

  app.post('/v1/sites/:site/mails/:id/retry', async (c) => {
    if (!(await store.retryMail(c.var.site.site, c.req.param('id'), formatTime(now())))) refuse('', 'not_found', 'The site has no such mail in its outbox.')
    outbox.wake()
    return Response.json({ status: 'accepted' } satisfies Accepted, { status: 202, headers })
  })
}
