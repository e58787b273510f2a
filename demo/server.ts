// The demo: an invented shop that embeds the tag, the mailbox that shows what the service sent, and the list of
// what the shop's trackers sent. It stands on an origin of its own and knows the service by its address alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type ComponentChild, h } from 'preact'
import { render } from 'preact-render-to-string'
import { type Beacon, BeaconsPage } from './BeaconsPage.tsx'
import { createMailbox } from './mailbox.ts'
import { MailboxPage } from './MailboxPage.tsx'

/** What the demo needs to know. */
export interface DemoOptions {
  /** The consent service without a trailing slash, as browsers reach it: http://localhost:8787 */
  serviceUrl: string
  /** The site whose tag the pages embed: shop */
  site: string
  /** The folder into which the service writes its mails as .eml files; it may not exist yet. */
  mailboxDir: string
  /** The folder demo/shop of the source tree: pages, style sheet, scripts. */
  assetsDir: string
}

const pages: Record<string, string> = {
  '/': 'index.html',
  '/about': 'about.html',
  '/thanks': 'thanks.html',
  '/de/': 'de/index.html',
  '/de/about': 'de/about.html',
  '/de/thanks': 'de/thanks.html',
  '/film': 'film.html',
  '/bench.html': 'bench.html',
}
const files: Record<string, string> = {
  '/shop.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
  '/scripts/reading-time.js': 'text/javascript; charset=utf-8',
  '/scripts/remember-for-ads.js': 'text/javascript; charset=utf-8',
  '/scripts/refresh.js': 'text/javascript; charset=utf-8',
}
const beaconLimit = 500

/**
 * The whole demo as one web-standard app: pages under `/` and `/de/`, `/bench.html` with nothing but the tag,
 * `/collect` and `/collect.json` (beacons, newest first, kept in memory), `/mailbox` and `/mailbox.json`
 * (`[{id, to, subject, raw}]`, newest first).
 */
export function createDemo({ serviceUrl, site, mailboxDir, assetsDir }: DemoOptions): Hono {
  const app = new Hono()
  const mailbox = createMailbox(mailboxDir)
  const beacons: Beacon[] = []

  app.use(async (context, next) => {
    await next()
    context.header('Cache-Control', 'no-store')
    context.header('X-Content-Type-Options', 'nosniff')
  })

  for (const [path, file] of Object.entries(pages)) {
    app.get(path, async (context) => context.html(await fillPage(assetsDir, file, { service: serviceUrl, site })))
  }
  for (const [path, type] of Object.entries(files)) {
    app.get(path, async (context) => context.body(await readFile(join(assetsDir, path), 'utf8'), 200, { 'Content-Type': type }))
  }
  app.get('/de', (context) => context.redirect('/de/', 301))

  // The shop itself keeps nothing: consent, address and mail are the service's business.
  app.post('/newsletter', (context) => context.redirect('/thanks', 303))
  app.post('/de/newsletter', (context) => context.redirect('/de/thanks', 303))

  app.post('/collect', bodyLimit({ maxSize: 4096 }), async (context) => {
    const said = readBeacon(await context.req.text())
    beacons.unshift({ ...said, received_at: new Date().toISOString(), page: context.req.header('referer') ?? null })
    beacons.splice(beaconLimit)
    return context.body(null, 204)
  })
  app.get('/collect.json', (context) => context.json(beacons))
  app.get('/collect', (context) => sendPage(context, h(BeaconsPage, { beacons })))

  app.get('/mailbox.json', async (context) => {
    const mails = await mailbox.list()
    return context.json(mails.map(({ id, to, subject, raw }) => ({ id, to, subject, raw })))
  })
  app.get('/mailbox', async (context) => {
    const mails = await mailbox.list()
    return sendPage(context, h(MailboxPage, { mails, open: mails[0] }))
  })
  app.get('/mailbox/:id', async (context) => {
    const mails = await mailbox.list()
    const open = mails.find(({ id }) => id === context.req.param('id'))
    return open ? sendPage(context, h(MailboxPage, { mails, open })) : context.notFound()
  })

  return app
}

/** A page file with `{{include other-file}}` and `{{name}}` filled in. */
async function fillPage(assetsDir: string, file: string, values: Record<string, string>): Promise<string> {
  let text = await readFile(join(assetsDir, file), 'utf8')
  for (const [place, included] of text.matchAll(/\{\{include ([\w./-]+)\}\}/g)) {
    text = text.replace(place, (await fillPage(assetsDir, included!, values)).trim())
  }
  return text.replace(/\{\{(\w+)\}\}/g, (place, name: string) => values[name] ?? place)
}

function sendPage(context: Context, page: ComponentChild): Response {
  return context.html(`<!doctype html>${render(h('html', { lang: 'en' }, page))}`) as Response
}

function readBeacon(text: string): { kind: string; [detail: string]: unknown } {
  try {
    return { kind: 'unknown', ...(JSON.parse(text) as object) }
  } catch {
    return { kind: 'unreadable', text }
  }
}
