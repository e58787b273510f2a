// sayso demo: the service, a shop on another origin that embeds its tag, and the mailbox of what was sent.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseJson } from '../../core/json.ts'
import type { Site } from '../../core/site.ts'
import { type Handle, listen } from '../node/http.ts'
import { createLog } from '../node/logger.ts'
import { findProjectRoot } from '../node/root.ts'
import { mailboxOf, startService } from '../node/start-service.ts'
import type { Command } from './command.ts'
import { readEnvironment } from './environment.ts'

/** Makes the shop; passed in, because the demo is a room of its own. */
export type CreateDemo = (options: { serviceUrl: string; site: string; mailboxDir: string; assetsDir: string }) => { fetch: (request: Request) => Response | Promise<Response> }

/** `sayso demo` */
export function createDemoCommand(createDemo: CreateDemo): Command {
  return async (args, io) => {
    parseArgs({ args, options: {} })
    const environment = readEnvironment(io.env)
    const folder = join(findProjectRoot(), 'demo')
    const running = await startService({ environment, isAccessLogged: false, isMailKept: true, log: createLog({ level: environment.logLevel, form: environment.logForm ?? 'text', write: io.err }) })
    let answer: Handle = () => new Response('starting\n', { status: 503 })
    const shop = await listen(environment.demoPort, (request, info) => answer(request, info), { host: environment.host }).catch(async (error: unknown) => {
      await running.stop()
      throw error
    })
    const siteFile = parseJson(await readFile(join(folder, 'site.json'), 'utf8')) as unknown as Site
    await running.app.publish({ ...siteFile, origins: ['localhost', '127.0.0.1'].map((host) => `http://${host}:${shop.port}`) })
    const demo = createDemo({ serviceUrl: running.baseUrl, site: siteFile.site, mailboxDir: mailboxOf(environment), assetsDir: join(folder, 'shop') })
    answer = (request) => demo.fetch(request)

    const shopUrl = `http://localhost:${shop.port}`
    io.out(`
  The shop      ${shopUrl}/
  The mailbox   ${shopUrl}/mailbox
  The service   ${running.baseUrl}/readyz

  Try this:
  1. Open the shop, press “Reject all” or tick something. Nothing else runs before you do.
     ${shopUrl}/collect shows what its trackers really sent.
  2. Enter an address in the newsletter form, tick a box, and confirm in the mailbox.
  3. Change your mind through the link in the mail.
  4. Check what was recorded, without the service:
     sayso export --site ${siteFile.site} --out shop.ndjson
     sayso verify shop.ndjson --key "$(sayso key --site ${siteFile.site})"
     (sayso is: node dist/server/main.js)

  Data is kept in ${environment.dataDir}. End with Ctrl+C.
`)
    if (!io.signal.aborted) await once(io.signal, 'abort')
    await shop.close()
    await running.stop()
    return 0
  }
}
