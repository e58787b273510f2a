// What a log is called (C2SP: its origin), which is its keys' name too. It keeps the name that it began with, whatever address the
// service has by now, and whatever a command was told of it: under another name it would be another log to everybody who
// holds a receipt, a key or a checkpoint.
import { isAccessLog, logsOf, siteOfLog } from '../core/access.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import type { Store } from './store.ts'

/** The name of a log; one that has no checkpoint yet will be called after `baseUrl`, one of accesses after its site's own. */
export type FindLogName = (log: string) => Promise<string>

/** The start of the names that a service at this address gives. */
const startOfNames = (baseUrl: string) => `${baseUrl.replace(/^\w+:\/\//, '').replace(/\/$/, '')}/log/`

/** Finds names; those that are settled are read once. */
export function createLogNames(store: Pick<Store, 'readHead'>, baseUrl: string): FindLogName {
  const settled = new Map<string, string>()

  async function find(log: string): Promise<string> {
    const known = settled.get(log)
    if (known !== undefined) return known
    const { checkpoint } = await store.readHead(log)
    if (checkpoint !== null) {
      const { origin } = parseCheckpoint(checkpoint)
      settled.set(log, origin)
      return origin
    }
    if (!isAccessLog(log)) return startOfNames(baseUrl) + log
    const [own, accesses] = logsOf(siteOfLog(log))
    return (await find(own)).slice(0, -own.length) + accesses
  }
  return find
}

/** A word about logs that began at another address; undefined where there are none. */
export async function describeOtherNames(sites: readonly string[], find: FindLogName, baseUrl: string): Promise<string | undefined> {
  const names = await Promise.all(sites.map(find))
  const others = names.filter((name) => !name.startsWith(startOfNames(baseUrl)))
  return others.length === 0 ? undefined : `${others.length} of ${names.length} logs began at another address and keep their names, for example ${others[0]}.`
}
