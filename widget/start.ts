// How the widget is put together: the remembered choice, the gate, the banner, recording, window.sayso.
// Only `decide` ever grants, and only what somebody passed as true.
import type { WidgetConfig } from '../core/protocol.ts'
import type { ChangeDetail, Sayso } from './api.ts'
import { buildBanner } from './banner/first-layer.ts'
import { fillPlaceholder } from './banner/placeholder.ts'
import { type Choice, type Letter, readChoice, writeChoice } from './choice.ts'
import { createGate } from './gate.ts'
import { pickLanguage } from './language.ts'
import type { Act, ActionLetter, Parts, SetFlag } from './parts.ts'

const STATES = { g: 'given', r: 'refused', w: 'withdrawn' } as const

/** Starts the widget on this page. Throws where the configuration is broken, with nothing allowed. */
export function startWidget(config: WidgetConfig): void {
  const asked = config.deviceNotice === null ? [] : config.deviceNotice.layer.asked.map((purpose) => purpose.id)
  const key = config.choiceKey
  const channel = new BroadcastChannel('sayso')
  let choice = recall()
  // Where cookies are blocked the choice lives as long as the page.
  let isKept = readChoice() !== undefined
  let banner: HTMLElement | undefined
  let opener: Element | null
  let isOptInLoaded = false
  let hasWithdrawn = false

  const load = <Name extends keyof Parts>(name: Name): Promise<Parts[Name]> => import(/* @vite-ignore */ config.modules[name])
  // A busy page is never idle, so not for ever. Safari has no idle callbacks.
  const whenIdle = (work: () => void) => 'requestIdleCallback' in window ? requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work)
  const report = (error: unknown) => console.warn('sayso:', error)
  const isAllowed = (purposeId: string) => asked.includes(purposeId) && choice.states[purposeId] === 'g'
  const isDecided = () => asked.every((id) => choice.states[id])

  function recall(): Choice {
    const found = readChoice()
    return found?.key === key ? found : { key, timeSeconds: 0, flag: '', states: {} }
  }

  // The words in the visitor's language; asked for when something is about to be shown, and once.
  let localized: Promise<void> | undefined
  const localize = () => localized ??= (async () => {
    const language = pickLanguage(config)
    if (language === config.language) return
    try {
      const response = await fetch(`${config.base}/v1/sites/${config.site}/widget.json?lang=${language}`)
      const fetched = await response.json() as WidgetConfig
      if (fetched.choiceKey === key) config = fetched
    } catch (error) {
      report(error)
    }
  })()

  const gate = createGate(isAllowed, (place, purposeIds) => {
    void localize().then(() => fillPlaceholder(place, config, purposeIds, () => {
      decide(Object.fromEntries(purposeIds.map((id) => [id, true])), 'e')
    }))
  })

  function enforce(): void {
    gate()
    if (!isOptInLoaded && document.querySelector('[data-sayso-opt-in]')) {
      isOptInLoaded = true
      Promise.all([load('opt-in'), localize()]).then(([part]) => part.startOptIn(config, setFlag)).catch(report)
    }
  }

  function emit(type: string, detail: ChangeDetail | null): void {
    document.dispatchEvent(new CustomEvent(`sayso:${type}`, { detail }))
  }

  function adopt(next: Choice): void {
    const changed = asked.filter((id) => next.states[id] && next.states[id] !== choice.states[id])
    choice = next
    enforce()
    if (isDecided()) close()
    if (changed[0]) emit('change', { decisions: listDecisions(changed) })
  }

  const listDecisions = (ids: string[]) => ids.map((id) => ({ purpose_id: id, event_state: STATES[choice.states[id]!] }))

  const setFlag: SetFlag = (wanted) => {
    // What a withdrawn tag writes after its cookies are gone goes at the next page, which the flag brings about.
    const flag = wanted || (hasWithdrawn ? '-' : '')
    if (flag === choice.flag) return
    choice = { ...choice, flag, timeSeconds: choice.timeSeconds || Math.floor(Date.now() / 1000) }
    isKept = writeChoice(choice)
  }

  function removeTraces(part: Parts['record']): void {
    part.removeTraces(config.deviceNotice!.layer.asked.filter(({ id }) => choice.states[id] === 'w').flatMap(({ tags }) => tags))
  }

  function recordAct(act: Act): void {
    load('record').then((part) => {
      removeTraces(part)
      return part.record(config, act, setFlag)
    }).catch(report)
  }

  function decide(wanted: Record<string, boolean>, action: ActionLetter): void {
    const ids = asked.filter((id) => id in wanted)
    if (!ids[0]) return
    const timeMs = Date.now()
    const states: Record<string, Letter> = { ...choice.states }
    for (const id of ids) {
      states[id] = wanted[id] === true ? 'g' : states[id] === 'g' ? 'w' : 'r'
      hasWithdrawn ||= states[id] === 'w'
    }
    const noticeHash = config.deviceNotice!.hash
    const next = { key, timeSeconds: Math.floor(timeMs / 1000), flag: noticeHash + action, states }
    isKept = writeChoice(next)
    channel.postMessage(next)
    adopt(next)
    recordAct({ noticeHash, action, decisions: listDecisions(ids), url: location.origin + location.pathname, timeMs })
  }

  function close(): void {
    banner?.remove()
    banner = undefined
    if (opener instanceof HTMLElement) opener.focus()
    opener = null
  }

  // The banner showed words that are not the notice's: nothing was agreed to.
  function distrust(): void {
    choice.states = {}
    writeChoice(choice)
    close()
    enforce()
  }

  function press(action: string | undefined): void {
    const all = (isGranted: boolean) => Object.fromEntries(asked.map((id) => [id, isGranted]))
    if (action === 'accept-all') decide(all(true), 'a')
    if (action === 'reject-all') decide(all(false), 'r')
    if (action === 'save') {
      decide(Object.fromEntries(asked.map((id) => [id, banner!.querySelector<HTMLInputElement>(`[name=${id}]`)!.checked])), 's')
    }
    if (action === 'close') close()
    if (action === 'choose') load('panel').then((part) => part.mountPanel(banner!.shadowRoot!, config, setFlag)).catch(report)
  }

  function show(isReopened: boolean): void {
    localize().then(() => {
      if (!banner && asked[0]) {
        banner = buildBanner(config, isAllowed, isReopened)
        banner.onclick = ({ target }) => press((target as HTMLElement).dataset.saysoAction)
        banner.onkeydown = (event) => {
          if (event.key === 'Escape') close()
        }
        document.body.prepend(banner)
        whenIdle(() => load('record').then((part) => part.checkLayer(config)).then((isTrue) => isTrue || distrust()).catch(report))
      }
      if (isReopened) {
        opener = document.activeElement
        // Not the host: a tabindex below zero there would take everything in it out of the tab order.
        banner?.querySelector('h2')!.focus()
      }
    }).catch(report)
  }

  const sayso: Sayso = {
    ready: Promise.resolve(),
    choices: () => Object.fromEntries(asked.map((id) => [id, isAllowed(id)])),
    allowed: isAllowed,
    open: () => show(true),
    set: (decisions) => decide(decisions, 'i'),
    withdraw: (purposeId) => decide(Object.fromEntries(asked.filter((id) => isAllowed(id) && (!purposeId || purposeId === id)).map((id) => [id, false])), 'w'),
    receipts: async () => (await load('record')).listReceipts(config, setFlag),
    on(type, listener) {
      const handle = (event: Event) => listener((event as CustomEvent).detail)
      document.addEventListener(`sayso:${type}`, handle)
      return () => document.removeEventListener(`sayso:${type}`, handle)
    },
  }
  window.sayso = sayso

  new MutationObserver(enforce).observe(document, { childList: true, subtree: true })
  enforce()
  emit('ready', null)
  channel.onmessage = ({ data }) => {
    if (data.key === key) adopt(data)
  }
  document.addEventListener('visibilitychange', () => {
    if (isKept) adopt(recall())
  })
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-sayso-open]')) {
      event.preventDefault()
      sayso.open()
    }
  })
  const { flag, timeSeconds } = choice
  if (flag[1]) {
    recordAct({ noticeHash: flag.slice(0, 43), action: flag[43] as ActionLetter, decisions: listDecisions(Object.keys(choice.states)), url: null, timeMs: timeSeconds * 1000 })
  } else if (flag) {
    whenIdle(() => load('record').then((part) => {
      removeTraces(part)
      return part.flush(config, setFlag)
    }).catch(report))
  }
  if (!isDecided()) {
    if (document.body) show(false)
    else document.addEventListener('DOMContentLoaded', () => show(false))
  }
}
