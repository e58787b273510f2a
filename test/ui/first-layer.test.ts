// What a banner shows of a notice, and when two of them say the same.
import { expect, test } from 'vitest'
import { hashNotice, type Notice } from '../../core/notice.ts'
import { formatDuration } from '../../ui/duration.ts'
import { isSameLayer, writeFirstLayer } from '../../ui/first-layer.ts'
import { locales } from '../../ui/locales.ts'
import { createNotice } from '../fixtures/site.ts'

const notice = createNotice('device')
const write = (changes: Partial<Notice> = {}) => {
  const changed = { ...notice, ...changes }
  return writeFirstLayer(changed, hashNotice(notice), locales.en.widget, formatDuration(changed.validity_duration, 'en'))
}

test('it says who asks, what for, who gets the data, for how long, what is always on, and how to withdraw', () => {
  const [hash, language, title, intro, asked, facts] = write()
  expect([hash, language, title, intro]).toEqual([hashNotice(notice), 'en', notice.labels.title, notice.labels.intro])
  expect(asked.map(([id]) => id)).toEqual(['analytics', 'video', 'advertising'])
  expect(asked[0]).toEqual(['analytics', 'Count visits to improve the shop.', 'Who gets the data: Shop GmbH, Zählwerk AG. How long it is kept: 14 months'])
  expect(facts).toEqual(['Asked by: Shop GmbH', 'Always on: The basket and the log-in work.', 'Your choice holds for 183 days, then we ask again.', notice.withdrawal])
})

test('other words are found out', () => {
  expect(isSameLayer(write(), write())).toBe(true)
  expect(isSameLayer(write(), write({ withdrawal: 'Never.' }))).toBe(false)
  expect(isSameLayer(write(), write({ validity_duration: 'P183Y' }))).toBe(false)
  expect(isSameLayer(write(), write({ purposes: notice.purposes.slice(0, 2) }))).toBe(false)
})
