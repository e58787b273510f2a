// What the loader and the modules that it loads later say to each other.
import type { ConsentEvent } from '../core/event.ts'
import type { WidgetConfig } from '../core/protocol.ts'
import type { Receipt } from '../core/receipt.ts'

/**
 * What was pressed, as one letter, since it also stands in the cookie: accept all, reject all, save, the button on a
 * placeholder (embed), window.sayso.set and .withdraw.
 */
export type ActionLetter = 'a' | 'r' | 's' | 'e' | 'i' | 'w'

/** A decision that somebody took, not yet signed. */
export interface Act {
  /** Hash of the notice that was shown. */
  noticeHash: string
  action: ActionLetter
  decisions: Pick<ConsentEvent['decisions'][number], 'purpose_id' | 'event_state'>[]
  /** Origin and path of the page; null where it is not known any more. */
  url: string | null
  timeMs: number
}

/** Hears what of the choice the service does not have yet: `-` the outbox holds something, empty: it has all. */
export type SetFlag = (flag: '' | '-') => void

/** record.ts, loaded once the banner stands. */
export interface RecordModule {
  /** Keeps, signs and sends. */
  record(config: WidgetConfig, act: Act, setFlag: SetFlag): Promise<void>
  /** Sends what is waiting. */
  flush(config: WidgetConfig, setFlag: SetFlag): Promise<void>
  /** Fetches the notice; false where the configuration's first layer is not what the notice says. */
  checkLayer(config: WidgetConfig): Promise<boolean>
  /** Receipts kept on this device, newest first. */
  listReceipts(config: WidgetConfig, setFlag: SetFlag): Promise<Receipt[]>
  /** Removes cookies and storage under these names, `*` for any characters. */
  removeTraces(tags: readonly string[]): void
}

/** panel.tsx, loaded when somebody wants to see more. */
export interface PanelModule {
  /** Opens the second layer in the banner's shadow tree, or closes it where it is open. */
  mountPanel(root: ShadowRoot, config: WidgetConfig, setFlag: SetFlag): void
}

/** opt-in.tsx, loaded where a page has a place for it. */
export interface OptInModule {
  /** Fills every place, those that come later too. */
  startOptIn(config: WidgetConfig, setFlag: SetFlag): Promise<void>
}

/** The modules by their name in WidgetConfig. */
export interface Parts {
  record: RecordModule
  panel: PanelModule
  'opt-in': OptInModule
}
