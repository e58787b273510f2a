// The outbox against a service that turns a record away: the decision arrives all the same, in a new record.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../../core/client.ts'
import { type ConsentEvent, type EventDraft, hashEvent } from '../../core/event.ts'
import type { EventEntry, EventResult } from '../../core/protocol.ts'
import { createOutbox, createWaiting } from '../../widget/outbox.ts'
import { advanceRecord, leaveRecord } from '../../widget/seal.ts'
import { createMemoryStorage, type DeviceStorage } from '../../ui/storage.ts'
import { createDevice, type Device } from '../fixtures/device.ts'

type Body = Pick<ConsentEvent, 'record_id' | 'prev_event_hash' | 'decisions'>

let storage: DeviceStorage
let device: Device
let foreign: Set<string>
let taken: Body[]
let refused: unknown[]
let sent: number

beforeEach(async () => {
  storage = createMemoryStorage()
  device = await createDevice()
  foreign = new Set()
  ;[taken, refused, sent] = [[], [], 0]
})

function read(entry: EventEntry): Body {
  return 'draft' in entry ? entry.draft : JSON.parse(Buffer.from(entry.jws.split('.')[1]!, 'base64url').toString()) as Body
}

/** As the service answers: foreign records are turned away, predecessors must be known. */
function answer(entry: EventEntry, code: string): EventResult {
  const body = read(entry)
  const problem = (pointer: string, name: string): EventResult => ({ event_id: null, status: 422, problem: { type: '', title: '', status: 422, detail: '', errors: [{ pointer, code: name, detail: '' }] } })
  const known = taken.some((one) => one.record_id === body.record_id)
  if (foreign.has(body.record_id)) return problem('/record_id', code)
  if (body.prev_event_hash !== null && !known) return problem('/prev_event_hash', 'prev_event_hash')
  taken.push(body)
  return { event_id: 'x', status: 201, receipt: { format: 'sayso-receipt/1', event: '', leaf: '', proof: '', notice_hash: '' } }
}

function open({ code = 'record_key', isSigning = true, isStubborn = false } = {}) {
  return createOutbox<'given' | 'withdrawn'>({
    storage,
    client: {
      async sendEvents(entries): Promise<Outcome<EventResult[]>> {
        sent += 1
        if (isStubborn) for (const entry of entries) foreign.add(read(entry).record_id)
        return { kind: 'ok', value: entries.map((entry) => answer(entry, code)) }
      },
    },
    async seal({ act, isRestarted }) {
      const subject = await storage.change<EventDraft>('record', (known) => known ?? ({ record_id: device.recordId, prev_event_hash: null } as EventDraft))
      const draft = { ...device.draft({ analytics: act }, { prev_event_hash: isRestarted ? null : subject.prev_event_hash }), record_id: subject.record_id }
      if (!isSigning) return { kind: 'ok', value: { draft } }
      const jws = await device.sign(draft)
      await advanceRecord(storage, hashEvent(jws))
      return { kind: 'ok', value: { jws } }
    },
    onForeignRecord: (sealed) => leaveRecord(storage, sealed),
    onReceipt: async () => {}, onEmpty: () => {}, withLock: (work) => work(), schedule: () => {}, random: () => 0, warn: (_message, problem) => void refused.push(problem),
  })
}

describe('a record that the service gives to nobody of this browser', () => {
  test.each([['signed', 'record_key', true], ['signed, of an erased record', 'record_erased', true], ['a draft', 'record_key', false]])(
    'is left: the withdrawal (%s) arrives in a new record that names no predecessor', async (_name, code, isSigning) => {
      await storage.change('record', () => ({ record_id: device.recordId, pii_principal_id: device.recordId, prev_event_hash: hashEvent('earlier') }))
      foreign.add(device.recordId)
      const outbox = open({ code, isSigning })
      await outbox.add([createWaiting('withdrawn')])
      await outbox.send()
      expect(refused).toEqual([])
      expect(taken).toHaveLength(1)
      expect(taken[0]).toMatchObject({ prev_event_hash: null, decisions: [{ event_state: 'withdrawn' }] })
      expect(taken[0]!.record_id).not.toBe(device.recordId)
      expect(await outbox.listReceipts()).toHaveLength(1)
    })

  test('is left once, however many events wait: they all go into the same new record', async () => {
    foreign.add(device.recordId)
    const outbox = open()
    await outbox.add([createWaiting('given'), createWaiting('withdrawn'), createWaiting('given')])
    await outbox.send()
    expect(taken.map(({ decisions }) => decisions[0]!.event_state)).toEqual(['given', 'withdrawn', 'given'])
    expect(new Set(taken.map(({ record_id }) => record_id)).size).toBe(1)
  })

  test('is not left for a second new one by an event that was sealed before', async () => {
    foreign.add(device.recordId)
    const outbox = open()
    await outbox.add([createWaiting('given')])
    await outbox.send()
    const early = await device.sign(device.draft({ analytics: 'withdrawn' }))
    await outbox.add([{ ...createWaiting<'given' | 'withdrawn'>('withdrawn'), sealed: { jws: early } }])
    await outbox.send()
    expect(taken).toHaveLength(2)
    expect(taken[1]!.record_id).toBe(taken[0]!.record_id)
    expect(refused).toEqual([])
  })

  test('does not keep it trying for ever where the service takes no record at all', async () => {
    const outbox = open({ isStubborn: true })
    await outbox.add([createWaiting('withdrawn')])
    await outbox.send()
    expect(refused).toHaveLength(1)
    expect(sent).toBe(2)
    expect(await outbox.listRefused()).toHaveLength(1)
  })
})
