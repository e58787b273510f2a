// window.sayso: what a page's own scripts may ask for. The names are fixed; sites build on them.
import type { Receipt } from '../core/receipt.ts'
import type { Decision } from '../core/event.ts'

/** What `sayso:change` carries: the decisions just taken. */
export interface ChangeDetail {
  decisions: Pick<Decision, 'purpose_id' | 'event_state'>[]
}

/** The API. All of it may be called at any time; nothing of it grants without `true` being passed. */
export interface Sayso {
  /** Resolves once the remembered choice is applied. */
  ready: Promise<void>
  /** Every device purpose that people are asked about: true where it is granted. */
  choices(): Record<string, boolean>
  /** Whether this purpose is granted. False for unknown ones. */
  allowed(purposeId: string): boolean
  /** Shows the banner with the choice as it stands. */
  open(): void
  /** Decides about these purposes on the person's behalf; recorded with the channel `api`. Unknown ids are ignored. */
  set(decisions: Record<string, boolean>): void
  /** Takes back one purpose, or all that are granted. */
  withdraw(purposeId?: string): void
  /** The receipts kept on this device, newest first. */
  receipts(): Promise<Receipt[]>
  /** Listens to `ready` or `change`; the returned function ends that. */
  on(type: 'ready' | 'change', listener: (detail: ChangeDetail | null) => void): () => void
}

declare global {
  interface Window {
    sayso?: Sayso
  }
}
