import { beforeAll, describe, expect, it } from 'vitest'
import { type ConsentEvent, readEvent } from '../../core/event.ts'
import { claimState, type RecordedEvent, replay } from '../../core/record.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createNotice } from '../fixtures/site.ts'

const NOW = Date.parse('2026-11-22T10:00:00.000Z')
const DAY = 86_400_000

let device: Device
let log: RecordedEvent[]
beforeAll(async () => {
  device = await createDevice()
})

async function record(states: Parameters<Device['decide']>[0], changes?: Parameters<Device['decide']>[1], receivedAtMs = NOW): Promise<void> {
  const { event, hash } = await readEvent(await device.decide(states, changes))
  log.push({ event, hash, index: log.length, receivedAt: new Date(receivedAtMs).toISOString() })
}
const stateAt = (nowMs: number) => Object.fromEntries([...replay(log, nowMs)].map(([id, { state }]) => [id, state]))

describe('replay', () => {
  it('lets the latest decision win, purpose by purpose; silence changes nothing', async () => {
    log = []
    await record({ analytics: 'given', video: 'given' })
    await record({ analytics: 'withdrawn' }, { timeMs: NOW + 1000 })
    expect(stateAt(NOW + 2000)).toEqual({ analytics: 'withdrawn', video: 'given' })
    await record({ analytics: 'given' }, { timeMs: NOW + 2000 })
    expect(stateAt(NOW + 3000)).toEqual({ analytics: 'given', video: 'given' })
  })

  it('lets a withdrawal win a tie', async () => {
    log = []
    await record({ analytics: 'withdrawn' })
    await record({ analytics: 'given' })
    expect(stateAt(NOW)).toEqual({ analytics: 'withdrawn' })
  })

  it('forgets a decision past its validity, refusal and grant alike', async () => {
    log = []
    await record({ analytics: 'given', video: 'refused' })
    expect(stateAt(NOW + 182 * DAY)).toEqual({ analytics: 'given', video: 'refused' })
    expect(stateAt(NOW + 183 * DAY)).toEqual({})
  })

  it('counts a box ticked in a form only once the address is confirmed', async () => {
    log = []
    const notice = createNotice('contact')
    await record({ newsletter: 'given', offers: 'refused' }, { notice })
    expect(stateAt(NOW)).toEqual({ newsletter: 'unconfirmed', offers: 'refused' })
    await record({ newsletter: 'given' }, { notice, timeMs: NOW + 1000, source: { channel: 'preference-center', action: 'Confirm', url: null, build: null } })
    expect(stateAt(NOW + 1000)).toEqual({ newsletter: 'given', offers: 'refused' })
  })

  it('does not trust what was imported without proof', async () => {
    log = []
    await record({ newsletter: 'given' }, { notice: createNotice('contact'), event_type: 'imported', source: { channel: 'api', action: 'Import', url: null, build: null } })
    expect(stateAt(NOW)).toEqual({ newsletter: 'unconfirmed' })
  })

  it('claims its state in one order, whatever the order of events', async () => {
    log = []
    await record({ video: 'given', analytics: 'refused' } satisfies Record<string, ConsentEvent['decisions'][number]['event_state']>)
    expect(JSON.stringify(claimState(log, NOW))).toBe('{"at":"2026-11-22T10:00:00.000Z","purposes":{"analytics":"refused","video":"given"}}')
  })
})
