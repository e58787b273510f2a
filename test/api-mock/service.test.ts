// The same contract through MSW: what a page's fetch meets in development and in component tests.
import { setupServer } from 'msw/node'
import { createMockHandlers } from '../../api-mock/handlers.ts'
import { describeService } from '../contract/service-contract.ts'
import { openStage } from '../contract/service-stage.ts'

describeService('through the mock', (options) => openStage({
  connect(app) {
    const server = setupServer(...createMockHandlers(app, { baseUrl: 'https://consent.example' }))
    server.listen({ onUnhandledFrame: 'error' })
    return {
      async send(request) {
        const response = await fetch(request)
        // Read whole: a body left unread would outlive the interception, and Node's parser stumbles over that.
        const body = await response.arrayBuffer()
        return new Response(body.byteLength > 0 ? body : null, { status: response.status, headers: response.headers })
      },
      close: () => server.close(),
    }
  },
}, options))
