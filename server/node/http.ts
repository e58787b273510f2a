// Serves web-standard apps over HTTP.
import type { Server, ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createFindCaller, type FindCaller } from './caller.ts'

/** What answers requests. */
export type Handle = (request: Request, info: { ip?: string }) => Response | Promise<Response>

/** A listening server. */
export interface Listening {
  port: number
  /** Takes no new connection, lets what is under way finish, and resolves. */
  close(): Promise<void>
}

/** How long a caller may take, in milliseconds: who sends drop by drop gets 408 and is cut off. */
export const HTTP_TIMES = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 5000, connectionsCheckingInterval: 2000 } satisfies ServerOptions

/** How to listen. */
export interface ListenOptions {
  /** An IP address of this machine; all of them where it is left out. */
  host?: string | undefined
  times?: typeof HTTP_TIMES
  /** Whose request it is; the connection's address says so where it is left out. */
  findCaller?: FindCaller
}

/** Listens on a port (0: any free one); rejects where that is taken. */
export function listen(port: number, handle: Handle, { host, times = HTTP_TIMES, findCaller = createFindCaller() }: ListenOptions = {}): Promise<Listening> {
  const server = createAdaptorServer({
    serverOptions: times,
    fetch: (request, { incoming }) => {
      const ip = findCaller(incoming.socket.remoteAddress, incoming.headers['x-forwarded-for'] as string | undefined)
      return handle(request, ip === undefined ? {} : { ip })
    },
  }) as Server
  // Browsers keep sockets open that never carried a request; Node counts those as busy for a minute.
  const unused = new Set<Socket>()
  server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  // A client that keeps its connection busy would hold up the end for as long as it likes.
  let isClosing = false
  server.prependListener('request', ({ socket }, response) => {
    unused.delete(socket)
    if (isClosing) response.setHeader('connection', 'close')
    response.once('finish', () => {
      if (isClosing) server.closeIdleConnections()
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((done) => {
          isClosing = true
          server.close(() => done())
          server.closeIdleConnections()
          for (const socket of unused) socket.destroy()
        }),
      })
    })
  })
}
