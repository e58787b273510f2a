// The shop as its visitor sees it, and what the browser did meanwhile.
import type { BrowserContext, Locator, Page, Request } from 'playwright'
import { hashEvent, readEvent, type ReadEvent } from '../../core/event.ts'
import type { Stage } from './stage.ts'

/** A page object over one page of the shop. */
export class ShopPage {
  readonly requests: Request[] = []
  readonly page: Page
  readonly stage: Stage

  constructor(page: Page, stage: Stage) {
    this.page = page
    this.stage = stage
    page.on('request', (request) => this.requests.push(request))
  }

  get banner(): Locator {
    return this.page.locator('sayso-banner')
  }

  button(action: 'accept-all' | 'reject-all' | 'save' | 'close' | 'choose'): Locator {
    return this.banner.locator(`[data-sayso-action="${action}"]`)
  }

  box(purposeId: string): Locator {
    return this.banner.locator(`input[type=checkbox][name="${purposeId}"]`)
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(this.stage.shopUrl + path)
  }

  async openWithBanner(path = '/'): Promise<void> {
    await this.open(path)
    await this.button('reject-all').waitFor()
  }

  async reopen(): Promise<void> {
    await this.page.locator('[data-sayso-open]').first().click()
    await this.button('save').waitFor()
  }

  /** Ticks boxes of the newsletter form and sends it. */
  async subscribe(email: string, purposeIds: string[]): Promise<void> {
    for (const id of purposeIds) await this.page.locator(`[data-sayso-opt-in] input[type=checkbox][data-purpose="${id}"], [data-sayso-opt-in] input[type=checkbox][name="${id}"]`).check()
    await this.page.locator('form input[type=email]').fill(email)
    await this.page.locator('form input[type=email]').press('Enter')
  }

  choices(): Promise<Record<string, boolean>> {
    return this.page.evaluate(() => (window as unknown as { sayso: { choices(): Record<string, boolean> } }).sayso.choices())
  }

  async receiptCount(): Promise<number> {
    return this.page.evaluate(async () => (await (window as unknown as { sayso: { receipts(): Promise<unknown[]> } }).sayso.receipts()).length)
  }

  /** Events that this page sent, read as the service reads them, each once. */
  async sentEvents(): Promise<(ReadEvent & { contact?: { email: string } })[]> {
    const seen = new Map<string, ReadEvent & { contact?: { email: string } }>()
    for (const request of this.requests) {
      if (request.method() !== 'POST' || !request.url().endsWith('/events')) continue
      const { events } = JSON.parse(request.postData() ?? '{}') as { events: { jws: string; contact?: { email: string } }[] }
      for (const { jws, contact } of events) seen.set(hashEvent(jws), { ...(await readEvent(jws)), contact })
    }
    return [...seen.values()]
  }
}

/** Everything that a browser keeps for the shop's origin. */
export async function readStorage(context: BrowserContext, page: Page): Promise<{ cookies: string[]; local: string[]; session: string[]; databases: string[] }> {
  const [local, session, databases] = await page.evaluate(async () => [
    Object.keys(localStorage), Object.keys(sessionStorage), (await indexedDB.databases()).map(({ name }) => name ?? ''),
  ] as const)
  return { cookies: (await context.cookies(page.url())).map(({ name }) => name).sort(), local: [...local], session: [...session], databases: [...databases] }
}
