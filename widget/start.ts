// How the widget is put together: the remembered choice, the gate, the banner, window.sayso. Everything that neither
// a first visit needs until the banner stands nor a decided visitor's page is in rest.ts, loaded when it is due.
// Only `decide` ever grants, and only what somebody passed as true.
import type { LoaderConfig } from '../core/protocol.ts'
import type { ChangeDetail } from './api.ts'
import type { BuildBanner } from './banner/first-layer.ts'
import { readChoice, writeChoice } from './choice.ts'
import { createGate } from './gate.ts'
import type { ActionLetter, Rest, Wanted } from './rest-contract.ts'

const STATES: Record<string, ChangeDetail['decisions'][number]['event_state']> = { g: 'given', r: 'refused', w: 'withdrawn' }

/** Says what went wrong. */
export const report = (error: unknown) => console.error('sayso:', error)

/** Starts the widget on this page; `buildBanner` makes what asks. Throws where the configuration is broken, with nothing allowed. */
export function startWidget(config: LoaderConfig, buildBanner: BuildBanner, [siteUrl, restUrl, key, otherLanguages, layer, undecided, barred, ...extras] = config): void {
  const ids = layer[4].map(([id]) => id)
  const channel = new BroadcastChannel(key)
  let remembered = readChoice(key, undecided)
  let [letters] = remembered
  let banner: HTMLElement | undefined
  let isShown = false
  let opener: HTMLElement | null
  let loading: Promise<Rest | void> | undefined

  const isAllowed = (purposeId: string) => {
    const i = ids.indexOf(purposeId)
    return 'go'.includes(letters[i]!) && barred[i] !== 'r'
  }

  const withRest = <Name extends keyof Rest>(name: Name, ...parameters: Parameters<Rest[Name]>): Promise<Awaited<ReturnType<Rest[Name]>> | undefined> =>
    (loading ??= import(/* @vite-ignore */ restUrl).then(({ startRest }) => startRest(config, decide, adopt)).catch(report))
      .then((rest) => rest?.[name](...parameters))

  const listen = (type: string, handle: (event: Event) => void) => {
    document.addEventListener(type, handle)
    return () => document.removeEventListener(type, handle)
  }
  const emit = (type: string, detail?: ChangeDetail) => document.dispatchEvent(new CustomEvent(`sayso:${type}`, { detail }))
  const tell = (shown?: HTMLElement) => extras.map((extra) => extra(isAllowed, letters, shown, decide))

  const gate = createGate(isAllowed, (getLastScript) => withRest('fill', getLastScript))

  const enforce = (): void => {
    gate()
    if (!isShown && document.body && letters.includes('-')) show()
  }

  const adopt = (next: string): void => {
    if (!next.includes('-')) close()
    if (next === letters) return
    const decisions = ids.flatMap((purpose_id, i) => next[i] !== letters[i] && STATES[next[i]!] ? { purpose_id, event_state: STATES[next[i]!]! } : [])
    letters = next
    tell()
    enforce()
    withRest('change', decisions)
    emit('change', { decisions })
  }

  const merge = (taken: string) => taken.replace(/-/g, (_, i: number) => letters[i]!)

  const take = (taken: string, action: ActionLetter): void => {
    const next = merge(taken)
    writeChoice(key, next, action + layer[0])
    remembered = readChoice(key, undecided)
    channel.postMessage(next)
    adopt(next)
    withRest('record', taken, action, remembered)
  }

  const decide = (wanted: Wanted, action: ActionLetter): void => {
    // What the browser's signal keeps off is nothing that a button decides.
    const taken = ids.map((id, i) => barred[i] === 'r' || wanted(id) === undefined ? '-' : wanted(id) === true ? 'g' : isAllowed(id) ? 'w' : 'r').join('')
    if (taken.match(/\w/)) take(taken, action)
  }

  const close = (): void => {
    banner?.remove()
    opener?.focus()
    opener = null
  }

  const press = (action: string | undefined): void => {
    if (action === 'close') close()
    else if (action === 'choose') withRest(action, banner!)
    else if (action) decide((id) => action === 'save' ? banner!.querySelector<HTMLInputElement>(`[name=${id}]`)?.checked : action === 'accept-all', action[0] as ActionLetter)
  }

  const show = (isReopened?: boolean): void => {
    isShown = true
    if (otherLanguages.some((tag) => document.querySelector(`:root:lang(${tag})`))) {
      otherLanguages = []
      withRest('lang').then((localized) => {
        layer = localized ?? layer
        show(isReopened)
      })
      return
    }
    if (!banner?.isConnected && ids[0]) {
      banner = buildBanner(layer, siteUrl, isAllowed, isReopened)
      banner.onclick = (event) => press((event.target as HTMLElement).dataset.saysoAction)
      banner.onkeydown = (event) => {
        if (event.key === 'Escape') close()
      }
      tell(banner)
      document.body.prepend(banner)
      setTimeout(withRest, 99, 'check')
    }
    if (isReopened) {
      opener = document.activeElement as HTMLElement
      // Not the host: a tabindex below zero there would take everything in it out of the tab order.
      banner?.querySelector('h2')!.focus()
    }
  }

  window.sayso = {
    choices: () => Object.fromEntries(ids.map((id) => [id, isAllowed(id)])),
    set: (decisions) => decide((id) => decisions[id], 'i'),
    on: (type, listener) => listen(`sayso:${type}`, (event) => listener((event as CustomEvent).detail)),
    open: () => show(true),
    allowed: isAllowed,
    withdraw: (purposeId) => decide((id) => isAllowed(id) && (purposeId || id) === id ? false : undefined, 'w'),
    receipts: () => withRest('receipts').then((receipts) => receipts ?? []),
    ready: Promise.resolve(),
  }

  tell()
  new MutationObserver(enforce).observe(document, { subtree: true, childList: true })
  enforce()
  emit('ready')
  channel.onmessage = (event) => adopt(event.data)
  listen('visibilitychange', () => {
    // Where cookies are blocked the choice lives as long as the page; one that “back” brings again may find its first.
    const [next, time] = readChoice(key, undecided)
    if (time || remembered[1]) adopt(next)
  })
  listen('click', (event) => {
    if ((event.target as Element).closest('[data-sayso-open]')) {
      event.preventDefault()
      show(true)
    }
  })
  if (remembered[2]) withRest('flush', remembered)
  if (barred && merge(barred) !== letters) take(barred, 'g')
}
