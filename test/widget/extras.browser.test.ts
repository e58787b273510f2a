// What only some sites have: told of every decision before a tag runs, and of the banner before it is shown.
import { beforeEach, expect, test } from 'vitest'
import type { Extra } from '../../core/protocol.ts'
import { createDirection } from '../../widget/extras/direction.ts'
import { createObjection } from '../../widget/extras/objection.ts'
import { createStop } from '../../widget/extras/stop.ts'
import { startFresh, until, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

test('an extra hears of the start, of the banner, and of each decision once, before the tags do', async () => {
  const heard: string[] = []
  const extra: Extra = (isAllowed, letters, banner) => {
    const what = banner ? `banner, connected ${banner.isConnected}` : `analytics ${isAllowed('analytics')}`
    heard.push(`${letters} ${what}`)
  }
  const page = await visit({
    config: { extras: [extra] },
    prepare: (window) => Object.assign(window, { note: (text: string) => heard.push(text) }),
    html: '<script type="text/plain" data-sayso="analytics">note("tag")</script>',
  })
  page.sayso.set({ analytics: true })
  await until(() => heard.includes('tag'))
  expect(heard).toEqual(['--- analytics false', '--- banner, connected false', 'g-- analytics true', 'tag'])
})

test('a purpose that may run until somebody objects runs, and an objection ends it', async () => {
  const page = await visit({ config: { undecided: 'o--' } })
  expect(page.sayso.choices()).toEqual({ analytics: true, video: false, advertising: false })
  page.sayso.withdraw('analytics')
  expect(page.sayso.allowed('analytics')).toBe(false)
  await until(() => page.service.taken.length === 1)
  expect(page.service.taken[0]!.event.decisions.map(({ event_state }) => event_state)).toEqual(['withdrawn'])
})

test('what runs until somebody objects has words and one button on the banner, and no box that could be ticked beforehand', async () => {
  const objection = createObjection({ object: 'Opt out', runs: 'This runs unless you opt out.' })
  const page = await visit({ config: { undecided: 'o--', extras: [objection] } })
  expect(page.banner!.querySelectorAll('input')).toHaveLength(2)
  expect(page.banner!.textContent).toContain('This runs unless you opt out.')
  page.box('video').click()
  page.button('save').click()
  await until(() => page.service.taken.length === 1)
  expect(page.service.taken[0]!.event.decisions.map(({ purpose_id }) => purpose_id), 'saving decides about nothing that has no box').toEqual(['video', 'advertising'])
  expect(page.sayso.allowed('analytics')).toBe(true)

  page.sayso.open()
  const button = await until(() => page.banner!.querySelector<HTMLElement>('[data-sayso-object=analytics]'))
  button.click()
  await until(() => page.service.taken.length === 2)
  expect(page.service.taken[1]!.event).toMatchObject({ source: { channel: 'banner', action: 'Opt out' }, decisions: [{ purpose_id: 'analytics', event_state: 'withdrawn' }] })
  expect(page.sayso.choices()).toEqual({ analytics: false, video: true, advertising: false })
})

test('a banner in a language from right to left is written so, on a page of either direction', async () => {
  const page = await visit({ config: { extras: [createDirection(['he'])] } })
  expect(page.banner!.dir).toBe('ltr')
  const hebrew = document.createElement('sayso-banner')
  hebrew.lang = 'he'
  createDirection(['he'])(() => false, '---', hebrew, () => {})
  expect(hebrew.dir).toBe('rtl')
})

test('services that run are told to stop each in its own way, once, and to go on when it is given again', () => {
  const said: unknown[] = []
  const note = (who: string) => (...what: unknown[]) => void said.push([who, ...what])
  const page = window as unknown as Record<string, unknown>
  Object.assign(page, {
    fbq: note('fbq'), clarity: note('clarity'), Intercom: note('intercom'), _hsq: { push: note('hsq') }, _paq: { push: note('paq') },
    ttq: { revokeConsent: () => said.push(['ttq', 'revoke']), grantConsent: () => said.push(['ttq', 'grant']) },
  })
  document.cookie = '_ga_AB12=1;Path=/'
  const tag = Object.assign(document.createElement('script'), { type: 'text/plain', src: 'https://www.googletagmanager.com/gtag/js?id=G-CD34&l=x' })
  document.head.append(tag)
  let isAllowed = true
  const ways = ['ga-disable', 'fbq', 'ttq', 'clarity', 'paq', 'hsq', 'intercom']
  const stop = createStop(ways.map((way) => [way, 'analytics']))
  const tell = (allowed: boolean) => {
    said.length = 0
    isAllowed = allowed
    stop(() => isAllowed, '', undefined, () => {})
    return said.toSorted()
  }
  tell(true)
  expect(tell(false)).toEqual([['clarity', 'consent', false], ['fbq', 'consent', 'revoke'], ['hsq', ['doNotTrack']], ['intercom', 'shutdown'], ['paq', ['optUserOut']], ['ttq', 'revoke']])
  expect([page['ga-disable-G-AB12'], page['ga-disable-G-CD34']]).toEqual([true, true])
  expect(tell(false)).toEqual([])
  expect(tell(true)).toEqual([['clarity', 'consent', true], ['fbq', 'consent', 'grant'], ['hsq', ['doNotTrack', { track: true }]], ['paq', ['forgetUserOptOut']], ['ttq', 'grant']])
  expect([page['ga-disable-G-AB12'], page['ga-disable-G-CD34']]).toEqual([false, false])
  tag.remove()
})
