// The widget as a package: the core without a banner, asked through a site's own components.
import { effectScope, nextTick } from 'vue'
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createAllowed as createSignal } from '../../widget/package/preact.ts'
import { useAllowed as useInReact } from '../../widget/package/react.ts'
import { createSayso, type Question } from '../../widget/package/sayso.ts'
import { createAllowed as createStore } from '../../widget/package/svelte.ts'
import { useAllowed as useInVue } from '../../widget/package/vue.ts'
import { createConfig } from './fixtures/notice.ts'
import { SmallService } from './fixtures/small-service.ts'
import { startFresh, until } from './fixtures/visit.ts'
import { widgetWords } from '../../preference-center/wording.ts'

const service = new SmallService()
const pageFetch = globalThis.fetch
let questions: Question[] = []
let open = 0

// Once: a database that this page has open cannot be deleted again.
beforeAll(startFresh)
beforeEach(() => {
  document.cookie = 'sayso=;Path=/;Max-Age=0'
  questions = []
  open = 0
  service.taken.length = 0
  service.configs.en = createConfig(widgetWords('en'), { rest: new URL('/widget/rest.ts', location.href).href })
  globalThis.fetch = service.fetch
  document.documentElement.lang = 'en'
})
afterEach(() => {
  globalThis.fetch = pageFetch
  window.sayso = undefined
  document.querySelector('sayso-question')?.remove()
})

const start = () => createSayso({
  service: 'https://consent.example', site: 'shop',
  ask(question) {
    questions.push(question)
    open += 1
    return () => void (open -= 1)
  },
})

test('people are asked with the notice’s words, nothing is allowed before, and a decision is signed and sent', async () => {
  const sayso = await start()
  expect(questions).toHaveLength(1)
  expect(questions[0]!.purposes.map(({ id, isAllowed }) => [id, isAllowed])).toEqual([['analytics', false], ['video', false], ['advertising', false]])
  expect(questions[0]!.labels.rejectAll).toBe('Reject all')
  expect(document.querySelector('sayso-banner')).toBeNull()
  expect(sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
  sayso.set({ analytics: true, video: false, advertising: false })
  await until(() => open === 0)
  await until(() => service.taken.length === 1)
  expect(service.taken[0]!.event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['analytics', 'given'], ['video', 'refused'], ['advertising', 'refused']])
  sayso.open()
  expect(questions[1]!.purposes.map(({ isAllowed }) => isAllowed)).toEqual([true, false, false])
})

test('a second call gives the same Sayso; an unknown site is an error and allows nothing', async () => {
  expect(await start()).toBe(await start())
  window.sayso = undefined
  globalThis.fetch = async () => Response.json({ type: '/problems/not-found', title: 'x', status: 404, detail: 'No site of this name is published here.', errors: [] }, { status: 404 })
  await expect(createSayso({ service: 'https://consent.example', site: 'nowhere' })).rejects.toThrow('No site of this name')
  expect(window.sayso).toBeUndefined()
})

test('React, Preact, Vue and Svelte follow every decision', async () => {
  const sayso = await start()
  const place = document.createElement('div')
  const Shown = () => createElement('p', null, String(useInReact(sayso, 'video')))
  const root = createRoot(place)
  await act(async () => root.render(createElement(Shown)))
  const preact = createSignal(sayso, 'video')
  const scope = effectScope()
  const vue = scope.run(() => useInVue(sayso, 'video'))!
  const svelte: boolean[] = []
  const stop = createStore(sayso, 'video').subscribe((value) => void svelte.push(value))
  expect([place.textContent, preact.value, vue.value, svelte.at(-1)]).toEqual(['false', false, false, false])
  await act(async () => sayso.set({ video: true }))
  await nextTick()
  expect([place.textContent, preact.value, vue.value, svelte.at(-1)]).toEqual(['true', true, true, true])
  stop()
  scope.stop()
  await act(async () => sayso.withdraw('video'))
  expect([place.textContent, preact.value, vue.value, svelte.at(-1)]).toEqual(['false', false, true, true])
  await act(async () => root.unmount())
})
