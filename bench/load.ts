// Load over HTTP: as fast as answers come, or at a rate that does not wait for them. Every answer has to be one of success.
import { type Connection, openConnection, type Post } from './connection.ts'

/** Gives what to send next; undefined when there is no more. */
export type Next = () => Post | undefined

/** What a load found. Latencies in milliseconds. */
export interface Measured {
  requests: number
  seconds: number
  p50: number
  p95: number
  p99: number
}

/** More than are ever needed at a rate that the service can hold. */
const CONNECTIONS_AT_A_RATE = 200

function summarize(latencies: number[], seconds: number): Measured {
  const sorted = latencies.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { requests: sorted.length, seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** So many connections for some seconds, each sending again as soon as it has its answer. */
export async function loadFully(port: number, { connections, seconds }: { connections: number; seconds: number }, next: Next): Promise<Measured> {
  const all = await Promise.all(Array.from({ length: connections }, () => openConnection(port)))
  const latencies: number[] = []
  const start = performance.now()
  await Promise.all(all.map(async (connection) => {
    for (let one = next(); one !== undefined && performance.now() - start < seconds * 1000; one = next()) {
      const sentAt = performance.now()
      await connection.send(one)
      latencies.push(performance.now() - sentAt)
    }
  }))
  const took = (performance.now() - start) / 1000
  for (const connection of all) connection.close()
  return summarize(latencies, took)
}

/**
 * So many requests a second for some seconds, at random times of their own (Poisson), as visitors come. The latency counts from the
 * time when a request was due, so that one that waits for its turn does not look quick.
 */
export async function loadAtRate(port: number, { perSecond, seconds }: { perSecond: number; seconds: number }, next: Next): Promise<Measured> {
  const all = await Promise.all(Array.from({ length: CONNECTIONS_AT_A_RATE }, () => openConnection(port)))
  const free = [...all]
  const queue: { due: number; post: Post }[] = []
  const latencies: number[] = []
  const sending: Promise<void>[] = []
  const start = performance.now()

  async function work(connection: Connection): Promise<void> {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      await connection.send(one.post)
      latencies.push(performance.now() - one.due)
    }
    free.push(connection)
  }

  let dueAt = start
  while (dueAt - start < seconds * 1000) {
    const now = performance.now()
    if (now < dueAt) await new Promise((resolve) => setTimeout(resolve, dueAt - now))
    for (; dueAt <= performance.now() && dueAt - start < seconds * 1000; dueAt -= (Math.log(1 - Math.random()) / perSecond) * 1000) {
      const post = next()
      if (post === undefined) throw new Error('There is nothing more to send.')
      queue.push({ due: dueAt, post })
      // In turn, so that none is idle for so long that the service closes it.
      const connection = free.shift()
      if (connection) sending.push(work(connection))
    }
  }
  await Promise.all(sending)
  const took = (performance.now() - start) / 1000
  for (const connection of all) connection.close()
  return summarize(latencies, took)
}
