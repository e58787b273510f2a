// Handlers for MSW: every request to the service's address is answered by the app itself.
import { http, type RequestHandler } from 'msw'
import type { App } from '../server/app.ts'
import type { Faults } from './faults.ts'

/** Handlers for a service at `baseUrl`; with faults, requests pass through them. */
export function createMockHandlers(app: Pick<App, 'fetch'>, { baseUrl, faults }: { baseUrl: string; faults?: Faults }): RequestHandler[] {
  const answer = (request: Request) => app.fetch(request)
  return [http.all(`${baseUrl}/*`, ({ request }) => (faults ? faults.pass(request, answer) : answer(request)))]
}
