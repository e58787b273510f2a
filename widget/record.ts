// Signing and sending, loaded after the banner stands. Until somebody decides it is code only: no key, no storage.
import { hashEvent } from '../core/event.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Act } from './act.ts'
import { fetchCheckedNotice } from './checked-notice.ts'
import type { Context } from './context.ts'
import type { Flag } from './flag.ts'
import { clearJournal, readJournal } from './journal.ts'
import { createOutbox, createWaiting, type Outbox, type Waiting } from './outbox.ts'
import { advanceRecord, type AnyAct, createSeal, leaveRecord } from './seal.ts'
import { type DeviceStorage, openStorage } from '../ui/storage.ts'
import { removeTraces } from './traces.ts'

/** Hears what of the choice the service does not have yet. */
export type SetFlag = (flag: Flag) => void

interface Recorder {
  storage: DeviceStorage
  outbox: Outbox<AnyAct>
}

let recorder: Promise<Recorder> | undefined

const warn = (message: string, problem: unknown) => console.warn(`sayso: ${message}`, problem)

/** The outbox is empty; a form may have been submitted since, and is not in it yet. */
const settleFlag = (setFlag: SetFlag) => setFlag(readJournal().length > 0 ? '-' : '')

async function createRecorder(context: Context, setFlag: SetFlag): Promise<Recorder> {
  const storage = await openStorage()
  const { client } = context
  const outbox = createOutbox<AnyAct>({
    storage, client, warn,
    seal: createSeal(storage, context),
    onEmpty: () => settleFlag(setFlag),
    onForeignRecord: (sealed) => leaveRecord(storage, sealed),
    // An event that the service signed has its hash only now.
    onReceipt: async ({ act, sealed }, receipt) => {
      if ('draft' in sealed && !('email' in act)) await advanceRecord(storage, hashEvent(receipt.event))
    },
    // Browsers that refuse a page storage refuse it locks, too; and what only this page has needs none.
    withLock: (work) => storage.isDurable && navigator.locks ? navigator.locks.request('sayso-outbox', work) : work(),
    schedule: setTimeout,
    random: Math.random,
  })
  const send = () => void outbox.send()
  addEventListener('online', send)
  document.addEventListener('visibilitychange', send)
  return { storage, outbox }
}

const openRecorder = (context: Context, setFlag: SetFlag) => recorder ??= createRecorder(context, setFlag)

/** Keeps, signs and sends what was decided on the banner or through window.sayso; `id` is the same wherever the same cookie is read. */
export async function record(context: Context, act: Act, id: string | undefined, setFlag: SetFlag): Promise<void> {
  const { storage, outbox } = await openRecorder(context, setFlag)
  await outbox.add([createWaiting<AnyAct>(act, id)])
  if (storage.isDurable) setFlag('-')
  await outbox.send()
}

/** Sends what is waiting, forms of an earlier page included. */
export async function flush(context: Context, setFlag: SetFlag): Promise<void> {
  const { storage, outbox } = await openRecorder(context, setFlag)
  const submitted = readJournal()
  if (submitted.length > 0) {
    await outbox.add(submitted)
    if (storage.isDurable) clearJournal(submitted)
  }
  await outbox.send()
  if (storage.isDurable) return
  // An outbox that ends with the page is no place to keep a form: what it could not send stays in the journal.
  const waiting = (await storage.read<Waiting<AnyAct>[]>('outbox')) ?? []
  clearJournal(submitted.filter(({ id }) => !waiting.some((left) => left.id === id)))
  if (waiting.length === 0) settleFlag(setFlag)
}

/** Removes cookies and storage that the notice lists under these purposes. Throws where the notice cannot be had. */
export async function removeTracesOf(context: Context, purposeIds: readonly string[]): Promise<void> {
  const outcome = await fetchCheckedNotice(context, context.layer[0])
  if (outcome.kind !== 'ok') throw new Error('The notice that lists what to remove cannot be had.')
  removeTraces(outcome.value.purposes.filter(({ id }) => purposeIds.includes(id)).flatMap(({ tags }) => tags))
}

/** Receipts kept on this device, newest first. Looks nowhere before the first decision. */
export async function listReceipts(context: Context, setFlag: SetFlag): Promise<Receipt[]> {
  if (!recorder && !document.cookie.includes('sayso=')) return []
  return (await openRecorder(context, setFlag)).outbox.listReceipts()
}
