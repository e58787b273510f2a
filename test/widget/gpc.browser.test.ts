// FAIRNESS 15: a browser's Global Privacy Control keeps sale and sharing off, is never a grant, is shown, and is logged.
import { beforeEach, expect, test } from 'vitest'
import { startFresh, until, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

const BARRED = '--r'
const tag = '<script type="text/plain" data-sayso="advertising">window.ran = ["ads"]</script>'

test('what the signal keeps off is logged as a signal without anybody pressing anything, and grants nothing', async () => {
  const page = await visit({ config: { barred: BARRED } })
  await until(() => page.service.taken.length === 1)
  const { event } = page.service.taken[0]!
  expect(event).toMatchObject({ event_type: 'signal', source: { channel: 'api', action: 'Global Privacy Control' } })
  expect(event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['advertising', 'refused']])
  expect(page.banner, 'the rest is still to be decided').not.toBeNull()
})

test('the banner says so, and the box cannot be ticked', async () => {
  const page = await visit({ config: { barred: BARRED } })
  const note = await until(() => page.banner!.querySelector('[data-sayso-signal=gpc]'))
  expect(note.textContent).toContain('Opt-out signal honoured')
  expect(page.box('advertising')).toMatchObject({ disabled: true, checked: false })
  expect(page.box('analytics').disabled).toBe(false)
})

test('accepting all does not override it, and is not recorded as if it did', async () => {
  const page = await visit({ config: { barred: BARRED }, html: tag })
  await until(() => page.service.taken.length === 1)
  page.button('accept-all').click()
  await until(() => page.service.taken.length === 2)
  expect(page.sayso.choices()).toEqual({ analytics: true, video: true, advertising: false })
  expect(page.service.taken[1]!.event.decisions.map(({ purpose_id }) => purpose_id)).toEqual(['analytics', 'video'])
  expect(page.window.ran ?? []).toEqual([])
})

test('a grant from before the signal is off before the first tag, and the log hears of it once', async () => {
  const first = await visit()
  first.button('accept-all').click()
  await until(() => first.service.taken.length === 1)
  first.leave()
  const page = await visit({ config: { barred: BARRED }, html: tag, isBannerDue: false })
  expect(page.sayso.allowed('advertising')).toBe(false)
  expect(page.sayso.allowed('analytics')).toBe(true)
  await until(() => page.service.taken.some(({ event }) => event.event_type === 'signal'))
  expect(page.window.ran ?? []).toEqual([])
  // Until nothing waits any more: a page that is left earlier says again what it could not be sure of.
  await until(() => /sayso=[^;]*\.(;|$)/.test(page.document.cookie))
  page.leave()
  const again = await visit({ config: { barred: BARRED }, isBannerDue: false })
  await again.sayso.receipts()
  expect(again.service.taken).toHaveLength(0)
})
