// sayso mailing: mails to a site's whole list, through the running service: start, stop, go on, and see how far they are.
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Command, type Io, UsageError } from './command.ts'
import { type CallSite, createServiceClient } from './service-client.ts'

const BAR_WIDTH = 30
const LOOK_AGAIN_MS = 2000

interface Mailing {
  id: string
  kind: 'ask' | 'link'
  per_hour: number
  state: 'running' | 'stopped' | 'done'
  total: number
  done: number
  queued: number
  skipped: number
}

const read = async (call: CallSite, id: string) => (await (await call(`mailings/${id}`)).json()) as Mailing
const post = async (call: CallSite, path: string, body: object) => (await (await call(path, { method: 'POST', body: JSON.stringify(body), type: 'application/json' })).json()) as Mailing

function describe({ id, kind, per_hour: perHour, state, total, done, queued, skipped }: Mailing): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * BAR_WIDTH)
  const left = state === 'running' && total > done ? `, at most ${((total - done) / perHour).toFixed(1)} hours to go` : ''
  return `${id}  ${kind}, ${perHour} an hour  [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${total}: ${queued} mails, ${skipped} left out; ${state}${left}`
}

/** Shows how far it is until it is done or somebody looks away. */
async function watch(call: CallSite, id: string, io: Io): Promise<void> {
  for (let mailing = await read(call, id); ; mailing = await read(call, id)) {
    io.err(`\r\u001b[K${describe(mailing)}`)
    if (mailing.state !== 'running' || io.signal.aborted) break
    await wait(LOOK_AGAIN_MS, undefined, { signal: io.signal }).catch(() => {})
  }
  io.err('\n')
}

/** `sayso mailing --site S [--watch]` */
export const listMailings: Command = async (args, io) => {
  const { values } = parseArgs({ args, options: { site: { type: 'string' }, watch: { type: 'boolean', default: false } } })
  const call = createServiceClient(io, values.site)
  const { mailings } = (await (await call('mailings')).json()) as { mailings: Mailing[] }
  for (const mailing of mailings) io.out(`${describe(mailing)}\n`)
  if (mailings.length === 0) io.out('There is no mailing.\n')
  const running = mailings.find(({ state }) => state === 'running')
  if (values.watch && running) await watch(call, running.id, io)
  return 0
}

/** `sayso mailing start --site S --kind ask|link --per-hour N [--watch]` */
export const startMailing: Command = async (args, io) => {
  const { values } = parseArgs({ args, options: { site: { type: 'string' }, kind: { type: 'string' }, 'per-hour': { type: 'string' }, watch: { type: 'boolean', default: false } } })
  if (values.kind !== 'ask' && values.kind !== 'link') throw new UsageError('Name the kind: --kind ask (whoever never decided) or --kind link (a personal link for everybody).')
  if (!/^[1-9]\d{0,6}$/.test(values['per-hour'] ?? '')) throw new UsageError('Say how many mails an hour: --per-hour 200.')
  const call = createServiceClient(io, values.site)
  const mailing = await post(call, 'mailings', { kind: values.kind, per_hour: Number(values['per-hour']) })
  io.out(`${describe(mailing)}\n`)
  if (values.watch) await watch(call, mailing.id, io)
  return 0
}

function changeMailing(name: 'stop' | 'resume'): Command {
  return async (args, io) => {
    const { values, positionals: [id, ...more] } = parseArgs({ args, allowPositionals: true, options: { site: { type: 'string' } } })
    if (id === undefined || more.length > 0) throw new UsageError('Name one mailing by its id.')
    io.out(`${describe(await post(createServiceClient(io, values.site), `mailings/${encodeURIComponent(id)}/${name}`, {}))}\n`)
    return 0
  }
}

/** `sayso mailing stop ID --site S` */
export const stopMailing: Command = changeMailing('stop')

/** `sayso mailing resume ID --site S` */
export const resumeMailing: Command = changeMailing('resume')
