// Faults: what a page meets when the service is away, and that each ends when it should.
import { setupServer } from 'msw/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFaults, type Faults } from '../../api-mock/faults.ts'
import { createMockHandlers } from '../../api-mock/handlers.ts'
import { createMockService, type MockService } from '../../api-mock/service.ts'
import { type Client, createClient } from '../../core/client.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createSite } from '../fixtures/site.ts'

let service: MockService
let faults: Faults
let client: Client
let device: Device
let server: ReturnType<typeof setupServer>

beforeEach(async () => {
  faults = createFaults()
  service = await createMockService({ sites: [createSite()] })
  server = setupServer(...createMockHandlers(service.app, { baseUrl: service.baseUrl, faults }))
  server.listen({ onUnhandledFrame: 'error' })
  client = createClient({ base: service.baseUrl, site: 'shop', fetch })
  device = await createDevice()
})
afterEach(() => server.close())

const send = async () => client.sendEvents([{ jws: await device.decide({ analytics: 'given' }) }])
const countRecorded = async () => (await service.store.readRecord('shop', device.recordId)).length

test('offline, nothing arrives; healed, everything does', async () => {
  faults.goOffline()
  expect(await send()).toEqual({ kind: 'unreachable', retryAfterSeconds: undefined })
  expect(await countRecorded()).toBe(0)
  faults.heal()
  device = await createDevice()
  expect((await send()).kind).toBe('ok')
})

test('when the answer gets lost, sending again counts once', async () => {
  const entries = [{ jws: await device.decide({ analytics: 'given' }) }]
  faults.loseAnswers()
  expect((await client.sendEvents(entries)).kind).toBe('unreachable')
  faults.heal()
  const outcome = await client.sendEvents(entries)
  expect(outcome.kind === 'ok' && outcome.value[0]!.status).toBe(200)
  expect(await countRecorded()).toBe(1)
})

test('a slow service answers once it is released', async () => {
  const release = faults.slowDown()
  let isAnswered = false
  const pending = send().then((outcome) => {
    isAnswered = true
    return outcome
  })
  expect((await fetch('data:,ready')).ok).toBe(true)
  expect([isAnswered, await countRecorded()]).toEqual([false, 0])
  release()
  expect((await pending).kind).toBe('ok')
})

test('an unavailable service says when to come back', async () => {
  faults.becomeUnavailable(17)
  expect(await send()).toEqual({ kind: 'unreachable', retryAfterSeconds: 17 })
})

test('half an answer is no answer', async () => {
  faults.spoilAnswers()
  expect((await send()).kind).toBe('unreachable')
})
