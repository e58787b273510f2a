// What the loader and rest.ts, which it loads when something is due, say to each other.
import type { FirstLayer, LoaderConfig } from '../core/protocol.ts'
import type { Receipt } from '../core/receipt.ts'
import type { ChangeDetail } from './api.ts'
import type { Choice } from './choice.ts'

/**
 * What was pressed, as one letter, since it also stands in the cookie: accept all, reject all, save, the button on a
 * placeholder (embed), window.sayso.set and .withdraw. `o` is an objection to what ran until then. `g` was not pressed: the browser's signal (Global Privacy Control).
 */
export type ActionLetter = 'a' | 'r' | 's' | 'e' | 'i' | 'w' | 'o' | 'g'

/** What somebody wants for a purpose; undefined leaves it as it is. Only `true` grants. */
export type Wanted = (purposeId: string) => boolean | undefined

/** The rest of the widget. What fails is said in the console. */
export interface Rest {
  /** Fills the places of held-back frames and images, and those for the opt-in block; runs deferred scripts, where it is told when the others did. */
  fill(getLastScript?: () => Promise<unknown>): void
  /** The banner in the page's language; as it came where that cannot be had. */
  lang(): Promise<FirstLayer>
  /** Takes the banner down where it does not say what its notice says. */
  check(): void
  /** Brings page and browser in line with decisions that now hold, taken in this tab or another: embeds, cookies, storage. */
  change(decisions: ChangeDetail['decisions']): void
  /** Keeps, signs and sends what was just decided, a Letter for each purpose; `choice` as the cookie had it then. */
  record(taken: string, action: ActionLetter, choice: Choice): void
  /** Sends what an earlier page could not; the choice as this page found it. */
  flush(choice: Choice): void
  /** Opens the banner's second layer, or closes it where it is open. */
  choose(banner: HTMLElement): void
  /** Receipts kept on this device, newest first. */
  receipts(): Promise<Receipt[]>
}

/** rest.ts as a module. */
export interface RestModule {
  /** `adopt` makes these letters the choice on this page. */
  startRest(config: LoaderConfig, decide: (wanted: Wanted, action: ActionLetter) => void, adopt: (letters: string) => void): Rest
}
