// The same contract over HTTP on a real port, over SQLite, with compression in between: the service as it runs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../server/app.ts'
import { createCompressor } from '../../server/node/compress.ts'
import { listen } from '../../server/node/http.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import { describeService } from '../contract/service-contract.ts'
import { openStage } from '../contract/service-stage.ts'

describeService('over HTTP', async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-http-'))
  const compress = createCompressor()
  let app: App | undefined
  const server = await listen(0, async (request, info) => compress(request, await app!.fetch(request, info)))
  return openStage({
    baseUrl: `http://localhost:${server.port}`,
    store: createSqlStore(await openSqlite(join(folder, 'sayso.db'))),
    connect(made) {
      app = made
      return {
        send: (request) => fetch(request),
        async close() {
          await server.close()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
  }, options)
})
