// What a log is called (C2SP: its origin), which is its keys' name too. It keeps the name that it began with, whatever address the
// service has by now, and whatever a command was told of it: under another name it would be another log to everybody who
// holds a receipt, a key or a checkpoint.
import { isAccessLog, logsOf, siteOfLog } from '../core/access.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import type { Store } from './store.ts'

/** The name of a log; one that has no checkpoint yet will be called after `baseUrl`, one of accesses after its site's own. */
export type FindLogName = (log: string) => Promise<string>

/** Finds names; those that are settled are read once. */
export function createLogNames(store: Pick<Store, 'readHead'>, baseUrl: string): FindLogName {
  const settled = new Map<string, string>()
  const host = baseUrl.replace(/^\w+:\/\//, '').replace(/\/$/, '')

  async function find(log: string): Promise<string> {
    const known = settled.get(log)
    if (known !== undefined) return known
    const { checkpoint } = await store.readHead(log)
    if (checkpoint !== null) {
      const { origin } = parseCheckpoint(checkpoint)
      settled.set(log, origin)
      return origin
    }
    if (!isAccessLog(log)) return `${host}/log/${log}`
    const [own, accesses] = logsOf(siteOfLog(log))
    return (await find(own)).slice(0, -own.length) + accesses
  }
  return find
}
