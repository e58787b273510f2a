// What was just submitted, kept at once and synchronously, because a form may leave the page in the next moment.
// It stays in localStorage only until it stands in the outbox.
import { writeJson } from '../core/write-json.ts'
import type { Waiting } from './outbox.ts'
import type { OptInAct } from './seal.ts'

type Entry = Waiting<OptInAct>

const KEY = 'sayso'
let unkept: Entry[] = []

/** Everything in the journal. */
export function readJournal(): Entry[] {
  try {
    return [...JSON.parse(localStorage.getItem(KEY) ?? '[]') as Entry[], ...unkept]
  } catch {
    return unkept
  }
}

function keep(entries: Entry[]): void {
  unkept = []
  try {
    if (entries.length > 0) localStorage.setItem(KEY, writeJson(entries))
    else localStorage.removeItem(KEY)
  } catch {
    // No localStorage here: this page's memory has to do.
    unkept = entries
  }
}

/** Adds an entry. */
export function writeJournal(entry: Entry): void {
  keep([...readJournal(), entry])
}

/** Forgets entries that the outbox has. */
export function clearJournal(moved: readonly Entry[]): void {
  keep(readJournal().filter(({ id }) => !moved.some((entry) => entry.id === id)))
}
