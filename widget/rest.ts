// Everything that a page needs only when something is due: the words in another language, held-back embeds, the
// opt-in block, the second layer, and signing and sending. What is large is loaded from here, part by part.
import type { Choice } from './choice.ts'
import { type Act, listDecisions } from './act.ts'
import { createContext } from './context.ts'
import { runDeferred } from './deferred.ts'
import { createEmbeds } from './embeds.ts'
import { clearCookie, type Flag, writeFlag } from './flag.ts'
import type { ActionLetter, Rest, RestModule } from './rest-contract.ts'
import { showSignal } from './signals/gpc.ts'

const report = (error: unknown) => console.warn('sayso:', error)

/** Starts the rest. */
export const startRest: RestModule['startRest'] = (config, decide, adopt): Rest => {
  const context = createContext(config)
  const { choiceKey, ids, undecided } = context
  const loadRecord = () => import('./record.ts')
  // What a withdrawn tag writes after its cookies are gone goes at the next page, which the flag brings about.
  let isTraceLeft = false
  let isEarlierTraceLeft = false
  let isOptInLoaded = false

  const setFlag = (flag: Flag) => writeFlag(choiceKey, undecided, isTraceLeft || isEarlierTraceLeft ? '-' : flag)

  let localized: Promise<void> | undefined
  const localizePage = () => {
    const language = config[3].find((tag) => document.querySelector(`:root:lang(${tag})`))
    return localized ??= language ? context.localize(language) : Promise.resolve()
  }

  const holdEmbeds = createEmbeds(context, (purposeIds) => decide((id) => purposeIds.includes(id) || undefined, 'e'))

  async function fillPlaces(): Promise<void> {
    await localizePage()
    holdEmbeds()
    if (!isOptInLoaded && document.querySelector('[data-sayso-opt-in]')) {
      isOptInLoaded = true
      await (await import('./opt-in/opt-in.tsx')).startOptIn(context, setFlag)
    }
  }

  async function removeTraces(withdrawn: readonly string[]): Promise<void> {
    if (withdrawn.length > 0) await (await loadRecord()).removeTracesOf(context, withdrawn)
  }

  // Named after the cookie: a page that ends halfway, and the next one, which finds the cookie, mean the same decision.
  async function recordAct(act: Act, [letters, timeMs]: Choice): Promise<void> {
    await (await loadRecord()).record(context, act, timeMs && `${timeMs}-${letters}`, setFlag)
  }

  async function flush(choice: Choice): Promise<void> {
    const [letters, timeMs, flag = ''] = choice
    isEarlierTraceLeft = true
    await removeTraces(ids.filter((_, i) => letters[i] === 'w'))
    isEarlierTraceLeft = false
    if (!flag[1]) return (await loadRecord()).flush(context, setFlag)
    await recordAct({ noticeHash: flag.slice(1), action: flag[0] as ActionLetter, decisions: listDecisions(ids, letters), url: null, timeMs: Number(timeMs) }, choice)
  }

  async function check(): Promise<void> {
    await showSignal(context)
    if (await (await import('./checked-notice.ts')).checkLayer(context)) return
    // The banner showed words that are not the notice's: nothing was agreed to.
    clearCookie()
    adopt(undecided)
    document.querySelector('sayso-banner')?.remove()
  }

  return {
    fill(getLastScript) {
      fillPlaces().catch(report)
      if (getLastScript) runDeferred(getLastScript).catch(report)
    },
    async lang() {
      await localizePage()
      return context.layer
    },
    check: () => void check().catch(report),
    change(decisions) {
      holdEmbeds()
      const withdrawn = decisions.flatMap(({ purpose_id, event_state }) => event_state === 'withdrawn' ? [purpose_id] : [])
      isTraceLeft ||= withdrawn.length > 0
      removeTraces(withdrawn).catch(report)
    },
    flush: (choice) => void flush(choice).catch(report),
    record(taken, action, choice) {
      showSignal(context).catch(report)
      const act = { noticeHash: context.layer[0], action, decisions: listDecisions(ids, taken), url: location.origin + location.pathname, timeMs: Number(choice[1] ?? Date.now()) }
      recordAct(act, choice).catch(report)
    },
    choose: (banner) => void import('./panel/panel.tsx').then((part) => part.showPanel(banner.shadowRoot!, context, setFlag)).catch(report),
    receipts: async () => (await loadRecord()).listReceipts(context, setFlag),
  }
}
