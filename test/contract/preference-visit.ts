// A person in front of the preference centre, with a browser that has cookies or none: opens a link, reads the
// page, ticks boxes, presses buttons.
import { expect } from 'vitest'
import type { SentMail } from '../../api-mock/service.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice } from '../fixtures/site.ts'
import { ADMIN_TOKEN, postBatch, type ServiceStage } from './service-stage.ts'

/** What a browser sends along with a form of our own page. */
export const OWN_FORM = { origin: 'null', 'sec-fetch-site': 'same-origin' }

const unescape = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>')

/** The preference centre as one browser shows it. */
export class PreferenceVisit {
  readonly stage: ServiceStage
  readonly hasCookies: boolean
  cookie: string | null = null
  html = ''
  status = 0

  constructor(stage: ServiceStage, { hasCookies = true } = {}) {
    this.stage = stage
    this.hasCookies = hasCookies
  }

  async #load(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const headers = { accept: 'text/html', ...init.headers, ...(this.cookie !== null && this.hasCookies ? { cookie: this.cookie } : {}) }
    const response = await this.stage.send(path, { ...init, headers })
    const set = response.headers.getSetCookie()[0]
    if (set !== undefined) this.cookie = set.split(';')[0]!
    const location = response.headers.get('location')
    if (response.status === 303 && location !== null) return this.#load(location, { headers: init.headers?.['accept-language'] ? { 'accept-language': init.headers['accept-language'] } : {} })
    this.html = await response.text()
    this.status = response.status
    return response
  }

  /** Opens a link, or any page of the service, and follows where it leads. */
  async open(url: string, headers: Record<string, string> = {}): Promise<this> {
    await this.#load(url, { headers })
    return this
  }

  /** Values of a hidden field, in page order. */
  field(name: string): string | undefined {
    return new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(this.html)?.[1]
  }

  /** Where the n-th form posts to. */
  action(index = 0): string {
    return unescape([...this.html.matchAll(/<form[^>]*action="([^"]*)"/g)][index]![1]!)
  }

  /** Ids whose box is ticked. */
  get ticked(): string[] {
    return [...this.html.matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].filter(([input]) => /\schecked\b/.test(input)).map(([input]) => /value="([^"]*)"/.exec(input)![1]!)
  }

  /** Posts fields with the page's own hidden ones. */
  async post(fields: [string, string][], { headers = OWN_FORM as Record<string, string>, action = this.action() } = {}): Promise<Response> {
    const hidden = ['csrf', 'h', 'lang'].flatMap((name): [string, string][] => {
      const value = this.field(name)
      return value === undefined || fields.some(([given]) => given === name) ? [] : [[name, value]]
    })
    return this.#load(action, { method: 'POST', headers, body: new URLSearchParams([...hidden, ...fields]) as unknown as string })
  }

  /** Presses the button under the boxes, with exactly these ticked. */
  save(ticked: string[], actionId = 'save'): Promise<Response> {
    return this.post([...ticked.map((id): [string, string] => ['purpose', id]), ['action_id', actionId]])
  }

  /** Presses "Unsubscribe from all". */
  unsubscribeAll(): Promise<Response> {
    return this.post([['action_id', 'unsubscribe_all']])
  }
}

/** The link of a kind in a mail. */
export function linkIn(mail: SentMail | undefined, kind: 'p' | 'u'): string {
  return new RegExp(`https?://[^\\s/]+/${kind}/[\\w-]{43}`).exec(kind === 'u' ? mail!.headers['List-Unsubscribe']! : mail!.text)![0]
}

/** Somebody types an address into the shop's form and ticks boxes; the confirmation mail. */
export async function optIn(stage: ServiceStage, email = 'ada@example.org', ids = ['newsletter']): Promise<SentMail> {
  const device = await createDevice()
  const jws = await device.decide(Object.fromEntries(ids.map((id) => [id, 'given' as const])), { notice: createNotice('contact') })
  const response = await postBatch(stage, [{ jws, contact: { email } }])
  expect(((await response.json()) as { results: { status: number }[] }).results[0]!.status).toBe(201)
  await stage.app.settle()
  return stage.mails.at(-1)!
}

/** The same, confirmed: what a mail to a subscriber starts from. */
export async function subscribe(stage: ServiceStage, email = 'ada@example.org', ids = ['newsletter']): Promise<{ confirmation: SentMail; visit: PreferenceVisit }> {
  const confirmation = await optIn(stage, email, ids)
  const visit = await new PreferenceVisit(stage).open(linkIn(confirmation, 'p'))
  await visit.save(ids, 'confirm')
  await stage.app.settle()
  stage.clock.nowMs += 60_000
  return { confirmation, visit }
}

/** Asks for a link as the shop's page would; the mail, if one came. */
export async function askForLink(stage: ServiceStage, email = 'ada@example.org'): Promise<SentMail | undefined> {
  const before = stage.mails.length
  const response = await stage.send('/v1/sites/shop/links', { method: 'POST', body: JSON.stringify({ email }), headers: { 'content-type': 'application/json' } })
  expect(response.status).toBe(202)
  await stage.app.settle()
  return stage.mails[before]
}

/** Calls an operator's route. */
export function callAsOperator(stage: ServiceStage, path: string, body?: unknown, token: string | null = ADMIN_TOKEN): Promise<Response> {
  return stage.send(path, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  })
}

/** What holds for the person behind an address: state by purpose, from the record's export. */
export async function statesOf(stage: ServiceStage, email = 'ada@example.org'): Promise<Record<string, string>> {
  const contact = await stage.store.findContactByEmail('shop', email)
  if (!contact || (await stage.store.readRecord('shop', contact.recordId)).length === 0) return {}
  const text = await (await callAsOperator(stage, `/v1/records/${contact.recordId}/export`)).text()
  return (JSON.parse(text.split('\n')[0]!) as { claimed_state: { purposes: Record<string, string> } }).claimed_state.purposes
}
