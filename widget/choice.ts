// The remembered choice: one first-party cookie, readable synchronously, kept equally long whatever was chosen.
// Any other spelling counts as no choice.
//
//   sayso=CsUYapGGPo4.grr.1763720130000.aB3x…
//         choiceKey, a letter for each purpose in the notice's order, time of the decision in ms, flag

/** How long a choice is kept: 183 days. `writeChoice` spells the same out in seconds. */
export const AGE_MS = 15_811_200e3

/** given, refused, withdrawn, not decided; not decided, but allowed until somebody objects. */
export type Letter = 'g' | 'r' | 'w' | '-' | 'o'

/**
 * What was decided, a Letter for each purpose, and what of it the service does not have yet. `flag`: empty where it has
 * everything, `-` where the outbox holds something, else an ActionLetter and the hash of the notice that was shown,
 * where the decision stands in this cookie only.
 */
export type Choice = [letters: string, timeMs?: string, flag?: string]

/** The choice that the page's cookies hold; `undecided` where there is none that still holds, or no cookies at all. */
export function readChoice(key: string, undecided: string): Choice {
  try {
    const found = RegExp(`(^|; )sayso=${key}\\.([grwo-]{${undecided.length}})\\.(\\d+)\\.([\\w-]*)(;|$)`).exec(document.cookie)
    if (found && +found[3]! > Date.now() - AGE_MS) return found.slice(2, 5) as Choice
  } catch {}
  return [undecided]
}

/** Writes the cookie for a decision of now. */
export function writeChoice(key: string, letters: string, flag: string): void {
  try {
    document.cookie = `sayso=${key}.${letters}.${Date.now()}.${flag};Path=/;SameSite=Lax;Max-Age=15811200`
  } catch {}
}
