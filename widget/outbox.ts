// What waits to be sent, in order, until the service has given a receipt or a final no. Entries survive reloads and
// restarts; several tabs share them, one sends at a time, and the event_id makes a repeat harmless.
import type { Client, Outcome } from '../core/client.ts'
import { BATCH_LIMIT, type EventEntry, type EventResult, type Problem } from '../core/protocol.ts'
import type { Receipt } from '../core/receipt.ts'
import type { DeviceStorage } from '../ui/storage.ts'

const RECEIPT_LIMIT = 50
// The service takes 256 KiB; the rest is room for the frame and for what JSON escapes.
const BATCH_LIMIT_CHARACTERS = 200_000
const LONGEST_WAIT_MS = 5 * 60_000
// Answers to a whole request that lie in what was sent, not in where or by whom.
const FAULTS_OF_CONTENT = [400, 413, 415, 422]

/** An entry; `sealed` once there is an event of it, signed where the page can sign. */
export interface Waiting<Act> {
  id: string
  act: Act
  sealed?: EventEntry
  /** Its event named an earlier one that the service does not have; the next one names none. */
  isRestarted?: boolean
  /** The service wanted no event of this browser in its record; it goes into a new one. */
  isMoved?: boolean
}

/** An entry of an act. With an `id`, the same act that a later page finds again is the same entry. */
export function createWaiting<Act>(act: Act, id = crypto.getRandomValues(new Uint32Array(4)).join('-')): Waiting<Act> {
  return { id, act }
}

type Sealed<Act> = Waiting<Act> & { sealed: EventEntry }

/** What the service finally said no to. Kept, so that nothing disappears silently. */
export interface Refused<Act> {
  waiting: Waiting<Act>
  problem: Problem
}

/** What the outbox works with. */
export interface OutboxOptions<Act> {
  storage: DeviceStorage
  client: Pick<Client, 'sendEvents'>
  /** Makes an event of an entry. */
  seal: (waiting: Waiting<Act>) => Promise<Outcome<EventEntry>>
  /** The record of this event takes none of this browser's: the next event gets a new one. */
  onForeignRecord: (sealed: EventEntry) => Promise<void>
  onReceipt: (waiting: Sealed<Act>, receipt: Receipt) => Promise<void>
  /** Called when nothing is left to send. */
  onEmpty: () => void
  /** Runs `work` while no other tab runs its own. */
  withLock: (work: () => Promise<void>) => Promise<void>
  /** Calls `work` after a while. */
  schedule: (work: () => void, delayMs: number) => void
  /** At least 0, less than 1: spreads the retries of many pages. */
  random: () => number
  warn: (message: string, problem: unknown) => void
}

/** The outbox. */
export interface Outbox<Act> {
  /** Keeps entries, each once; resolves when they are stored. */
  add: (entries: readonly Waiting<Act>[]) => Promise<void>
  /** Sends what waits, as far as it goes. What stays behind is tried again by itself. */
  send: () => Promise<void>
  /** Newest first, at most 50. */
  listReceipts: () => Promise<Receipt[]>
  listRefused: () => Promise<Refused<Act>[]>
}

type Step = 'more' | 'narrower' | 'empty' | { retryAfterSeconds: number | undefined }

/** Creates an outbox over a storage. */
export function createOutbox<Act>(options: OutboxOptions<Act>): Outbox<Act> {
  const { storage, client, seal, onReceipt, onEmpty, withLock, schedule, random, warn } = options
  let failures = 0
  let isScheduled = false

  const changeWaiting = (change: (all: Waiting<Act>[]) => Waiting<Act>[]) =>
    storage.change<Waiting<Act>[]>('outbox', (all = []) => change(all))
  const remove = (id: string) => changeWaiting((all) => all.filter((waiting) => waiting.id !== id))

  async function refuse(waiting: Waiting<Act>, problem: Problem): Promise<void> {
    warn('a decision could not be recorded.', problem)
    await storage.change<Refused<Act>[]>('refused', (all = []) => [...all, { waiting, problem }])
    await remove(waiting.id)
  }

  /** Stores the event of an entry. The first one stored counts; undefined where the entry is gone by now. */
  async function keepSealed(id: string, sealed: EventEntry): Promise<EventEntry | undefined> {
    const all = await changeWaiting((before) => before.map((waiting) => waiting.id === id ? { ...waiting, sealed: waiting.sealed ?? sealed } : waiting))
    return all.find((waiting) => waiting.id === id)?.sealed
  }

  async function takeResult(entry: Sealed<Act>, result: EventResult): Promise<boolean> {
    if ('receipt' in result) {
      await storage.change<Receipt[]>('receipts', (all = []) =>
        // A page that ended between this step and the last asks again, and gets the same one.
        [result.receipt, ...all.filter(({ event }) => event !== result.receipt.event)].slice(0, RECEIPT_LIMIT))
      await onReceipt(entry, result.receipt)
      await remove(entry.id)
      return true
    }
    const { status, problem } = result
    if (status === 429 || status >= 500) return false
    const restart = (change: Pick<Waiting<Act>, 'isRestarted' | 'isMoved'>) => changeWaiting((all) => all.map((waiting) =>
      waiting.id === entry.id ? { id: entry.id, act: entry.act, ...change } : waiting))
    // Another key's record, or one that was erased: a decision counts all the same, a withdrawal above all.
    if (!entry.isMoved && problem.errors?.some(({ code }) => code === 'record_key' || code === 'record_erased')) {
      await options.onForeignRecord(entry.sealed)
      await restart({ isMoved: true })
    } else if (!entry.isRestarted && problem.errors?.some((error) => error.pointer.endsWith('/prev_event_hash'))) {
      await restart({ ...(entry.isMoved ? { isMoved: true } : {}), isRestarted: true })
    } else {
      await refuse(entry, problem)
    }
    return true
  }

  async function sendBatch(limit: number): Promise<Step> {
    const waitingNow = await storage.read<Waiting<Act>[]>('outbox') ?? []
    if (waitingNow.length === 0) return 'empty'
    const batch: Sealed<Act>[] = []
    let characters = 0
    for (const waiting of waitingNow.slice(0, limit)) {
      const outcome = waiting.sealed ? { kind: 'ok' as const, value: waiting.sealed } : await seal(waiting)
      if (outcome.kind === 'unreachable') {
        if (batch.length === 0) return outcome
        break
      }
      if (outcome.kind === 'refused') {
        await refuse(waiting, outcome.problem)
        continue
      }
      const sealed = await keepSealed(waiting.id, outcome.value)
      if (!sealed) continue
      characters += JSON.stringify(sealed).length
      if (batch.length > 0 && characters > BATCH_LIMIT_CHARACTERS) break
      batch.push({ ...waiting, sealed })
    }
    if (batch.length === 0) return 'more'

    const outcome = await client.sendEvents(batch.map(({ sealed }) => sealed))
    if (outcome.kind === 'unreachable') return outcome
    if (outcome.kind === 'refused') {
      if (batch.length > 1) return 'narrower'
      if (FAULTS_OF_CONTENT.includes(outcome.problem.status)) {
        await refuse(batch[0]!, outcome.problem)
        return 'more'
      }
      warn('the service takes no decisions from this page now; they are kept.', outcome.problem)
      return { retryAfterSeconds: undefined }
    }
    let isAllTaken = true
    for (let i = 0; i < batch.length; i += 1) isAllTaken = await takeResult(batch[i]!, outcome.value[i]!) && isAllTaken
    return isAllTaken ? 'more' : { retryAfterSeconds: undefined }
  }

  function retryLater(retryAfterSeconds: number | undefined): void {
    failures += 1
    if (isScheduled) return
    isScheduled = true
    const waitMs = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures) * (1 - random() / 2)
    schedule(() => {
      isScheduled = false
      void send()
    }, Math.max(waitMs, (retryAfterSeconds ?? 0) * 1000))
  }

  async function sendAll(): Promise<void> {
    let limit = BATCH_LIMIT
    for (;;) {
      const step = await sendBatch(limit)
      if (step === 'narrower') limit = 1
      if (step === 'empty') {
        failures = 0
        return onEmpty()
      }
      if (typeof step === 'object') return retryLater(step.retryAfterSeconds)
    }
  }

  const send = () => withLock(sendAll)

  return {
    async add(entries) {
      await changeWaiting((all) => [...all, ...entries.filter(({ id }) => !all.some((waiting) => waiting.id === id))])
    },
    send,
    listReceipts: async () => await storage.read<Receipt[]>('receipts') ?? [],
    listRefused: async () => await storage.read<Refused<Act>[]>('refused') ?? [],
  }
}
