// Signing and sending, loaded after the banner stands. Until somebody decides it is code only: no key, no storage.
import { createClient } from '../core/client.ts'
import { hashEvent } from '../core/event.ts'
import type { WidgetConfig } from '../core/protocol.ts'
import type { Receipt } from '../core/receipt.ts'
import { clearJournal, readJournal } from './journal.ts'
import { createOutbox, createWaiting, type Outbox } from './outbox.ts'
import type { Act, SetFlag } from './parts.ts'
import { advanceRecord, type AnyAct, createSeal, fetchCheckedNotice, leaveRecord } from './seal.ts'
import { type DeviceStorage, openStorage } from './storage.ts'

export { removeTraces } from './traces.ts'

const REQUEST_TIMEOUT_MS = 30_000

interface Recorder {
  storage: DeviceStorage
  outbox: Outbox<AnyAct>
}

let recorder: Promise<Recorder> | undefined

// Found when called, not when loaded, so that what a page puts in place of fetch is used too.
const fetchInTime: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })

const createServiceClient = ({ base, site }: WidgetConfig) => createClient({ base, site, fetch: fetchInTime })

const warn = (message: string, problem: unknown) => console.warn(`sayso: ${message}`, problem)

async function createRecorder(config: WidgetConfig, setFlag: SetFlag): Promise<Recorder> {
  const storage = await openStorage()
  const client = createServiceClient(config)
  const outbox = createOutbox<AnyAct>({
    storage, client, warn,
    seal: createSeal({ storage, client, config }),
    onEmpty: () => setFlag(''),
    onForeignRecord: (sealed) => leaveRecord(storage, sealed),
    // An event that the service signed has its hash only now.
    onReceipt: async ({ act, sealed }, receipt) => {
      if ('draft' in sealed && !('email' in act)) await advanceRecord(storage, hashEvent(receipt.event))
    },
    withLock: (work) => navigator.locks ? navigator.locks.request('sayso-outbox', work) : work(),
    schedule: setTimeout,
    random: Math.random,
  })
  const send = () => void outbox.send()
  addEventListener('online', send)
  document.addEventListener('visibilitychange', send)
  return { storage, outbox }
}

const openRecorder = (config: WidgetConfig, setFlag: SetFlag) => recorder ??= createRecorder(config, setFlag)

/** Keeps, signs and sends what was decided on the banner or through window.sayso. */
export async function record(config: WidgetConfig, act: Act, setFlag: SetFlag): Promise<void> {
  const { storage, outbox } = await openRecorder(config, setFlag)
  await outbox.add([createWaiting<AnyAct>(act)])
  if (storage.isDurable) setFlag('-')
  await outbox.send()
}

/** Sends what is waiting, forms of an earlier page included. */
export async function flush(config: WidgetConfig, setFlag: SetFlag): Promise<void> {
  const { outbox } = await openRecorder(config, setFlag)
  const submitted = readJournal()
  if (submitted.length > 0) {
    await outbox.add(submitted)
    clearJournal(submitted)
  }
  await outbox.send()
}

/** Fetches the notice; false where the configuration's first layer is not what the notice says. */
export async function checkLayer(config: WidgetConfig): Promise<boolean> {
  const outcome = await fetchCheckedNotice(createServiceClient(config), config, config.deviceNotice!.hash)
  if (outcome.kind === 'refused') warn('the banner is taken down.', outcome.problem)
  return outcome.kind !== 'refused'
}

/** Receipts kept on this device, newest first. Looks nowhere before the first decision. */
export async function listReceipts(config: WidgetConfig, setFlag: SetFlag): Promise<Receipt[]> {
  if (!recorder && !document.cookie.includes('sayso=')) return []
  return (await openRecorder(config, setFlag)).outbox.listReceipts()
}
