// The remembered choice: one first-party cookie, readable synchronously, kept equally long whatever was chosen.
// Any other spelling counts as no choice.
//
//   sayso=1.CsUYapGGPo4.1763720130..analytics:g.video:r
//         format, choiceKey, time of the decision in seconds, flag, then id:state for what was decided

const AGE_SECONDS = 183 * 86_400
const SPELLING = /(?:^|; )sayso=1\.([\w-]{11})\.(\d{10})\.([\w-]*)((?:\.[\w-]+:[grw])*)(?:;|$)/

/** given, refused, withdrawn. */
export type Letter = 'g' | 'r' | 'w'

/**
 * What was decided, and what of it the service does not have yet. `flag`: empty where it has everything, `-` where
 * the outbox holds something, else the hash of the notice that was shown and an ActionLetter, where the decision
 * stands in this cookie only.
 */
export interface Choice {
  key: string
  timeSeconds: number
  flag: string
  states: Record<string, Letter>
}

/** The choice that the page's cookies hold; undefined where there is none that still holds, or no cookies at all. */
export function readChoice(): Choice | undefined {
  try {
    const [, key, time, flag, states] = SPELLING.exec(document.cookie) ?? []
    if (!key || +time! + AGE_SECONDS < Date.now() / 1000) return undefined
    return { key, timeSeconds: +time!, flag: flag!, states: Object.fromEntries(states!.split('.').slice(1).map((item) => item.split(':'))) }
  } catch {
    return undefined
  }
}

/** Writes the cookie; whether it stayed. Its age counts from the decision, however often it is written. */
export function writeChoice({ key, timeSeconds, flag, states }: Choice): boolean {
  const value = [1, key, timeSeconds, flag, ...Object.entries(states).map((entry) => entry.join(':'))].join('.')
  const ageSeconds = timeSeconds + AGE_SECONDS - Math.floor(Date.now() / 1000)
  try {
    document.cookie = `sayso=${value};Path=/;SameSite=Lax;Max-Age=${ageSeconds}${location.protocol === 'https:' ? ';Secure' : ''}`
  } catch {}
  return readChoice() !== undefined
}
