// The notice that was shown: fetched by its hash, its hash computed again, and compared with what the banner says. Small,
// for it runs on every first visit, soon after the banner stands.
import type { Outcome } from '../core/client.ts'
import { hashJsonLater } from '../core/hash-later.ts'
import type { Notice } from '../core/notice.ts'
import type { Problem } from '../core/protocol.ts'
import { fillDuration } from '../ui/duration-words.ts'
import { isSameLayer, writeFirstLayer } from '../ui/first-layer.ts'
import type { Context } from './context.ts'
import { loadWords } from './words.ts'

/** Problem of a notice that is not what it should be; `status` is 0, for no service said it. */
function describeMismatch(detail: string): Problem {
  return { type: 'about:blank', title: 'The notice is not the one that was shown.', status: 0, detail, errors: [] }
}

// Notices never change, so one that was checked is good for as long as the page.
const checked = new Map<string, Notice>()

/** Fetches a notice and checks that it has this hash, and says what the banner shows where that is of this notice. */
export async function fetchCheckedNotice({ client, layer }: Context, hash: string): Promise<Outcome<Notice>> {
  const known = checked.get(hash)
  if (known) return { kind: 'ok', value: known }
  const outcome = await client.fetchNotice(hash)
  if (outcome.kind !== 'ok') return outcome
  if ((await hashJsonLater(outcome.value)) !== hash) return { kind: 'refused', problem: describeMismatch(`Its hash is not ${hash}.`) }
  // The hash stands for a notice that was checked when it was published.
  const notice = outcome.value as Notice
  if (layer[0] === hash) {
    const words = await loadWords(notice.language)
    const duration = fillDuration(notice.validity_duration, notice.language, words)
    if (!isSameLayer(layer, writeFirstLayer(notice, hash, words, duration))) return { kind: 'refused', problem: describeMismatch('The banner shows other words than it has.') }
  }
  checked.set(hash, notice)
  return { kind: 'ok', value: notice }
}

/** False where the banner's words are not what its notice says. Gets what a decision will need, too. */
export async function checkLayer(context: Context): Promise<boolean> {
  await context.fetchConfig()
  const outcome = await fetchCheckedNotice(context, context.layer[0])
  if (outcome.kind === 'refused') console.warn('sayso: the banner is taken down.', outcome.problem)
  return outcome.kind !== 'refused'
}
