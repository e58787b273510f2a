// The opt-in block inside a site's own form: nothing ticked, and an event for what was, without a hand on the form.
import { beforeEach, describe, expect, test } from 'vitest'
import { parseBuild } from '../../core/build.ts'
import type { ConsentEvent } from '../../core/event.ts'
import { hashJson } from '../../core/hash.ts'
import { notices } from './fixtures/notice.ts'
import { SmallService } from './fixtures/small-service.ts'
import { readCookie, readStored, startFresh, until, type Visit, visit, type VisitOptions } from './fixtures/visit.ts'

beforeEach(startFresh)

const FORM = (purposes = 'newsletter offers', field = '<input type="email" name="email">') =>
  `<form action="/test/widget/fixtures/page.html?sent">${field}<div data-sayso-opt-in="${purposes}"></div><button>Subscribe</button></form>`

const block = (page: Visit) => page.document.querySelector('[data-sayso-opt-in] > div')?.shadowRoot ?? null
const boxes = (page: Visit) => [...block(page)!.querySelectorAll<HTMLInputElement>('input[type=checkbox]')]

async function visitForm(options: VisitOptions = {}): Promise<Visit> {
  const page = await visit({ html: FORM(), ...options })
  await until(() => block(page)?.querySelector('input'))
  return page
}

function fillIn(page: Visit, email: string, ids: string[]): void {
  page.document.querySelector<HTMLInputElement>('form input')!.value = email
  for (const box of boxes(page)) if (ids.includes(box.name)) box.click()
}

/** The page's own handling: sends nothing anywhere. */
function keepOnPage(page: Visit): Event[] {
  const heard: Event[] = []
  page.document.querySelector('form')!.addEventListener('submit', (event) => {
    event.preventDefault()
    heard.push(event)
  })
  return heard
}

const press = (page: Visit) => page.document.querySelector<HTMLButtonElement>('form > button')!.click()

test('it shows a box for each purpose, none ticked, who asks, who gets the address, how long, how to withdraw', async () => {
  const page = await visitForm()
  expect(boxes(page).map(({ name, checked }) => [name, checked])).toEqual([['newsletter', false], ['offers', false]])
  const { controller, withdrawal, purposes } = notices.en.contact
  for (const part of [controller.name, withdrawal, ...purposes.flatMap((purpose) => [purpose.statement_text, ...purpose.recipients, purpose.retention])]) {
    expect(block(page)!.textContent).toContain(part)
  }
  expect(block(page)!.querySelector('a')!.href).toContain(`/notices/${hashJson(notices.en.contact)}`)
})

test('what is ticked becomes an event of its own record; the address travels beside it; the form is left alone', async () => {
  const page = await visitForm()
  page.button('reject-all').click()
  await until(() => page.service.taken.length === 1)
  const heard = keepOnPage(page)
  fillIn(page, 'mara@example.org', ['newsletter'])
  press(page)
  expect(heard).toHaveLength(1)
  const { event, contact } = await until(() => page.service.taken[1])
  expect(contact).toBe('mara@example.org')
  expect(JSON.stringify(event)).not.toContain('mara')
  expect(event).toMatchObject({ source: { channel: 'opt-in', action: 'Subscribe' }, validity_duration: 'P24M', prev_event_hash: null })
  expect(event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['newsletter', 'given']])
  expect(event.record_id).not.toBe(page.service.taken[0]!.event.record_id)
  expect((event as ConsentEvent).attestation).toBe('device')
  await until(() => page.window.localStorage.length === 0)
})

test('the event says which boxes the form showed, ticked or not, in the notice’s order', async () => {
  const html = '<form action="?sent"><input type="email" name="email"><div data-sayso-opt-in="offers"></div><div data-sayso-opt-in="newsletter"></div><button>Subscribe</button></form>'
    + '<form id="other"><div data-sayso-opt-in="newsletter"></div></form>'
  const page = await visitForm({ html })
  keepOnPage(page)
  fillIn(page, 'mara@example.org', ['offers'])
  press(page)
  const { event } = await until(() => page.service.taken[0])
  expect(parseBuild(event.source.build!)).toEqual({ build: page.service.configs.en!.build, shown: ['newsletter', 'offers'] })
  expect(event.decisions.map(({ purpose_id }) => purpose_id)).toEqual(['offers'])
})

test('a form with one box says so', async () => {
  const page = await visitForm({ html: FORM('offers') })
  keepOnPage(page)
  fillIn(page, 'mara@example.org', ['offers'])
  press(page)
  expect((await until(() => page.service.taken[0])).event.source.build).toMatch(/^[^#]+#offers$/)
})

describe('no event', () => {
  test.each([['nothing is ticked', 'mara@example.org', []], ['there is no address', '', ['newsletter']]])('where %s', async (_, email, ids) => {
    const page = await visitForm()
    const heard = keepOnPage(page)
    fillIn(page, email, ids)
    press(page)
    expect(heard).toHaveLength(1)
    expect(page.window.localStorage.length).toBe(0)
    page.sayso.set({ video: false })
    await until(() => page.service.taken[0])
    expect(page.service.taken[0]!.event.source.channel).toBe('api')
  })

  test('where the form is reset before', async () => {
    const page = await visitForm()
    fillIn(page, 'mara@example.org', ['newsletter', 'offers'])
    page.document.querySelector('form')!.reset()
    await until(() => boxes(page).every((box) => !box.checked))
  })
})

test('a field that is only named email will do', async () => {
  const page = await visitForm({ html: FORM('offers', '<input name="email">') })
  expect(boxes(page).map(({ name }) => name)).toEqual(['offers'])
  keepOnPage(page)
  fillIn(page, 'mara@example.org', ['offers'])
  press(page)
  await until(() => page.service.taken[0])
})

test('a form that leaves the page loses nothing: the next page sends it', async () => {
  const page = await visitForm()
  page.service.intercept = (url) => { if (url.endsWith('/events')) throw new TypeError('the page is going'); return undefined }
  fillIn(page, 'mara@example.org', ['newsletter'])
  press(page)
  expect(document.cookie).toContain('.-')
  await until(() => page.window.location.search.includes('email='))
  page.leave()
  const next = await visit()
  const { contact, event } = await until(() => next.service.taken[0])
  expect(contact).toBe('mara@example.org')
  expect(event.decisions[0]!.purpose_id).toBe('newsletter')
})

test('a form that leaves the page while a decision is being sent is found by the next page, though the decision was all that the outbox had', async () => {
  const first = await visitForm()
  keepOnPage(first)
  fillIn(first, 'mara@example.org', ['newsletter'])
  press(first)
  const submitted = localStorage.getItem('sayso')!
  await until(() => first.service.taken.length === 1 && localStorage.length === 0)
  await startFresh()

  const page = await visit()
  page.service.intercept = (url) => {
    // As the submit leaves it at this moment; the page goes before the outbox has it.
    if (url.endsWith('/events')) localStorage.setItem('sayso', submitted)
    return undefined
  }
  page.button('reject-all').click()
  await until(async () => (await page.sayso.receipts()).length === 1 && (await readStored<unknown[]>('outbox')).length === 0)
  page.leave()
  const next = await visit({ isBannerDue: false })
  expect((await until(() => next.service.taken[0])).contact).toBe('mara@example.org')
  await until(() => localStorage.length === 0 && readCookie()?.flag === '')
})

test('a page’s own listener that ends the event does not hide the submit from us', async () => {
  const page = await visitForm()
  page.document.addEventListener('submit', (event) => {
    event.preventDefault()
    event.stopImmediatePropagation()
  }, true)
  fillIn(page, 'mara@example.org', ['newsletter'])
  press(page)
  await until(() => page.service.taken[0])
})

test('a form that comes later gets its block, too', async () => {
  const page = await visit()
  page.document.body.append(page.document.createRange().createContextualFragment(FORM('newsletter')))
  await until(() => block(page)?.querySelector('input'))
})

test('where the notice cannot be had or is another one, there is no block and the form works', async () => {
  const service = new SmallService()
  service.intercept = (url) => url.includes(hashJson(notices.en.contact)) ? Response.json({ ...notices.en.contact, why: 'Other words.' }) : undefined
  const page = await visit({ service, html: FORM() })
  await until(() => page.consoleLines.some((line) => line.includes('opt-in block')))
  expect(block(page)).toBeNull()
  const heard = keepOnPage(page)
  press(page)
  expect(heard).toHaveLength(1)
})
