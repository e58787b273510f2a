// What a test does with a browser, whichever it is and whichever WebDriver it speaks.

/** The elements of a page that a selector names; ` >>> ` in it leads into a shadow tree. Runs inside pages. */
export function findAll(selector: string): HTMLElement[] {
  return selector.split(' >>> ').reduce<(ParentNode | Element)[]>(
    (roots, part) => roots.flatMap((root) => [...((root as Element).shadowRoot ?? root).querySelectorAll(part)]), [document],
  ) as HTMLElement[]
}

export type KeyName = 'Tab' | 'Enter' | 'Escape'

/** One tab of a visitor who has never been here: nothing stored, and nothing shared with another visitor. */
export interface Tab {
  /** Resolves once the page has loaded. */
  open(url: string): Promise<void>
  back(): Promise<void>
  /** What an expression inside the page gives, its promise awaited, as JSON can carry it. */
  evaluate<Result>(expression: string): Promise<Result>
  /**
   * Presses an element with the pointer, as a person would: the browser scrolls to it, and refuses where something covers it.
   * Selectors are as in findAll.
   */
  click(selector: string): Promise<void>
  press(key: KeyName): Promise<void>
  type(selector: string, text: string): Promise<void>
  /** Makes the page this wide, or as narrow as this browser's window gets; returns the width in CSS pixels. */
  widen(width: number): Promise<number>
  close(): Promise<void>
}

/** A browser that is running. */
export interface RunningEngine {
  /** As the browser says it. */
  version: string
  visit(): Promise<Tab>
  stop(): Promise<void>
}
