// The second layer: everything in detail, with the same three buttons, and the receipts to keep.
import { within } from '@testing-library/preact'
import { beforeEach, expect, test } from 'vitest'
import type { Receipt } from '../../core/receipt.ts'
import { notices } from './fixtures/notice.ts'
import { SmallService } from './fixtures/small-service.ts'
import { startFresh, until, type Visit, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

const panelOf = (page: Visit) => page.banner!.shadowRoot!.querySelector<HTMLElement>('.panel')

async function openPanel(page: Visit): Promise<HTMLElement> {
  page.button('choose').click()
  return until(() => panelOf(page))
}

test('it shows the whole notice, purpose by purpose, and keeps Reject all beside Accept all', async () => {
  const page = await visit()
  const panel = await openPanel(page)
  const { findByText, getByText } = within(panel)
  await findByText(notices.en.device.collected)
  for (const { statement_text } of notices.en.device.purposes) getByText(statement_text)
  getByText(notices.en.device.complaint.authority)
  for (const action of ['reject-all', 'save', 'accept-all'] as const) {
    const { bottom, width } = page.button(action).getBoundingClientRect()
    expect(width).toBeGreaterThan(0)
    expect(bottom).toBeLessThanOrEqual(page.window.innerHeight)
  }
})

test('a second press closes it', async () => {
  const page = await visit()
  await openPanel(page)
  page.button('choose').click()
  await until(() => !panelOf(page))
})

test('where the notice does not come it says so, and the choice can be made all the same', async () => {
  const service = new SmallService()
  service.intercept = (url) => url.includes('/notices/') ? new Response('', { status: 503 }) : undefined
  const page = await visit({ service })
  await within(await openPanel(page)).findByText(/cannot be loaded right now/)
  page.button('reject-all').click()
  expect(page.banner).toBeNull()
})

test('receipts are listed with what they say, and each can be saved as a file', async () => {
  const page = await visit()
  page.button('accept-all').click()
  await until(() => page.service.taken.length === 1)
  await until(async () => (await page.sayso.receipts()).length === 1)
  await page.reopen()
  const { findByRole, getByText } = within(await openPanel(page))
  const saved: Promise<string>[] = []
  page.window.URL.createObjectURL = (blob: Blob) => {
    saved.push(blob.text())
    return 'blob:none'
  }
  const button = await findByRole('button', { name: 'Download receipt' })
  getByText('Allowed: Play videos from YouTube on product pages.')
  button.click()
  expect((JSON.parse(await saved[0]!) as Receipt).format).toBe('sayso-receipt/1')
})
