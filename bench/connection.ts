// An HTTP/1.1 connection for loads: one request at a time, and of its answer no more than the status is looked at. The load shares the
// machine with what it measures, and a client that makes objects of every header would take a quarter of it.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What is sent. */
export interface Post {
  path: string
  headers: Record<string, string>
  body: string
}

/** A connection that is kept open. */
export interface Connection {
  /** Resolves when the whole answer is there. Rejects for any but 200 and 201, and where the connection breaks; one at a time. */
  send(post: Post): Promise<void>
  close(): void
}

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** Whether the answer has come whole: its length is told, or its last chunk is there. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf(HEAD_END)
  if (headEnd < 0) return false
  const head = answer.slice(0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return answer.length >= headEnd + HEAD_END.length + Number(length)
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return answer.endsWith(LAST_CHUNK)
  throw new Error(`An answer of unknown length: ${head}`)
}

/** Connects to a port of this machine. */
export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let waiting: PromiseWithResolvers<void> | undefined
  let answer = ''
  const end = (error?: Error) => {
    const { resolve, reject } = waiting!
    waiting = undefined
    answer = ''
    if (error) reject(error)
    else resolve()
  }
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => {
    answer += part
    if (!isWhole(answer)) return
    end(/^HTTP\/1\.1 20[01] /.test(answer) ? undefined : new Error(`Answered ${answer.slice(0, 500)}`))
  })
  socket.on('error', (error) => waiting && end(error))
  socket.on('close', () => waiting && end(new Error('The connection was closed.')))
  return {
    send({ path, headers, body }) {
      waiting = Promise.withResolvers<void>()
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
      socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines}\r\n${body}`)
      return waiting.promise
    },
    close: () => socket.destroy(),
  }
}
