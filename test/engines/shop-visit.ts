// A visit to the demo shop in any engine: what a person sees and does there, and what came of it.
import PostalMime from 'postal-mime'
import { expect } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { type VerifiedReceipt, verifyReceipt } from '../../core/receipt.ts'
import type { Stage } from '../e2e/stage.ts'
import { findAll, type Tab } from './tab.ts'

type Action = 'accept-all' | 'reject-all' | 'save' | 'close' | 'choose'
type Sayso = { sayso: { choices(): Record<string, boolean>; receipts(): Promise<unknown[]> } }

/** The optional purposes of the demo's banner, none allowed. */
export const NOTHING = { analytics: false, video: false, advertising: false }

const PATIENCE = { timeout: 15_000, interval: 100 }

/** Waits until something is so. */
export const eventually = <Value>(read: () => Value | Promise<Value>, message?: string) => expect.poll(read, { ...PATIENCE, message })

export const button = (action: Action) => `sayso-banner [data-sayso-action="${action}"]`
export const box = (purposeId: string) => `sayso-banner input[type=checkbox][name="${purposeId}"]`

/** A page object over one tab. */
export class ShopVisit {
  readonly tab: Tab
  readonly stage: Stage

  constructor(tab: Tab, stage: Stage) {
    this.tab = tab
    this.stage = stage
  }

  open(path = '/'): Promise<void> {
    return this.tab.open(this.stage.shopUrl + path)
  }

  async openWithBanner(path = '/'): Promise<void> {
    await this.open(path)
    await this.appears(button('reject-all'))
  }

  /** Runs a function inside the page and waits for its promise; values go in and out as JSON. */
  run<Result, Values extends unknown[]>(script: (...values: Values) => Result | Promise<Result>, ...values: Values): Promise<Result> {
    return this.tab.evaluate(`(${script})(...${JSON.stringify(values)})`)
  }

  /** What a function inside the page reads off each element that the selector names. */
  look<Result>(selector: string, read: (element: HTMLInputElement) => Result): Promise<Result[]> {
    return this.tab.evaluate(`(${findAll})(${JSON.stringify(selector)}).map(${read})`)
  }

  /** Whether an element takes up room on the page. */
  async sees(selector: string): Promise<boolean> {
    return (await this.look(selector, (element) => element.getClientRects().length > 0)).includes(true)
  }

  appears(selector: string): Promise<void> {
    return eventually(() => this.sees(selector), `${selector} appears`).toBe(true)
  }

  disappears(selector: string): Promise<void> {
    return eventually(() => this.sees(selector), `${selector} disappears`).toBe(false)
  }

  /** Presses a button of the banner, which decides something and ends it. */
  async decide(action: Action): Promise<void> {
    await this.tab.click(button(action))
    await this.disappears('sayso-banner')
  }

  /** Opens the banner again by the link that the shop has at the foot of each page. */
  async reopen(): Promise<void> {
    await this.tab.click('footer [data-sayso-open]')
    await this.appears(button('save'))
  }

  /** The names of the boxes that are ticked, in the banner or elsewhere. */
  async ticked(selector = 'sayso-banner input[type=checkbox]'): Promise<string[]> {
    return (await this.look(selector, ({ name, checked }) => checked ? [name] : [])).flat()
  }

  /** What is allowed; null where the widget is not there yet. */
  choices(): Promise<Record<string, boolean> | null> {
    return this.run(() => (window as unknown as Partial<Sayso>).sayso?.choices() ?? null)
  }

  /** The names of everything that the browser keeps for the shop. */
  stored(): Promise<string[]> {
    return this.run(async () => [
      ...document.cookie.split('; ').filter(Boolean).map((cookie) => cookie.split('=')[0]!),
      ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await indexedDB.databases()).map(({ name }) => name!),
    ])
  }

  /** The latest receipt on the device, checked against the log's key. */
  async latestReceipt(): Promise<VerifiedReceipt> {
    const keys = (await (await fetch(`${this.stage.serviceUrl}/log/shop/key`)).text()).trim().split('\n').map(parseNoteKey)
    const verified = await Promise.all((await this.receipts()).map((receipt) => verifyReceipt(receipt, keys)))
    return verified.sort((one, other) => other.index - one.index)[0]!
  }

  /** Waits until the device holds this many receipts; the latest of them, checked. */
  async awaitReceipts(count: number): Promise<VerifiedReceipt> {
    await eventually(async () => (await this.receipts()).length, 'receipts on the device').toBe(count)
    return this.latestReceipt()
  }

  private receipts(): Promise<unknown[]> {
    return this.run(() => (window as unknown as Sayso).sayso.receipts())
  }

  /** Waits for a mail to somebody, and returns the personal link in it. */
  async awaitLink(email: string): Promise<string> {
    const find = async () => (await this.stage.mails()).find(({ to }) => to.includes(email))
    await eventually(async () => (await find()) !== undefined, `a mail to ${email}`).toBe(true)
    const { text } = await PostalMime.parse((await find())!.raw)
    return /https?:\/\/\S+\/p\/[\w-]{43}/.exec(text ?? '')?.[0] ?? ''
  }
}
