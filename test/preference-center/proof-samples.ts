// A receipt, an export and their log's key, made by the very service, and what a forger would do to them.
import { createDevice } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice } from '../fixtures/site.ts'
import { writeAccess } from '../../core/access.ts'
import { createRandomId } from '../../core/event.ts'
import type { Receipt } from '../../core/receipt.ts'
import { exportAccesses, exportRecord, exportSite } from '../../server/export.ts'

export interface ProofSamples {
  fixture: LedgerFixture
  vkey: string
  receipt: Receipt
  receiptText: string
  /** Of an event that the service attested. */
  attestedReceiptText: string
  siteExport: string
  recordExport: string
  /** Of the receipt's record. */
  recordId: string
  /** Of the log of accesses, with its own key. */
  accessExport: string
  accessVkey: string
}

async function join(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

export async function createProofSamples(): Promise<ProofSamples> {
  const fixture = await createLedgerFixture()
  const device = await createDevice()
  const [result] = await fixture.record(await device.decide({ analytics: 'given', video: 'refused' }))
  await fixture.record(await device.decide({ analytics: 'withdrawn' }, { timeMs: Date.parse('2026-11-22T10:00:02.000Z') }))
  const other = await createDevice()
  await fixture.record(await other.sign(other.draft({ advertising: 'given' }), 'ephemeral'))
  const read = await fixture.ledger.attest((await createDevice()).draft({ newsletter: 'given' }, {
    notice: createNotice('contact'), source: { channel: 'preference-center', action: 'Save', url: 'https://consent.example/p/open', build: null },
  }), 'shop')
  const [attested] = await fixture.ledger.record('shop', [{ read }])
  if (!result || !('receipt' in result) || !attested || !('receipt' in attested)) throw new Error('nothing was recorded')
  await fixture.ledger.recordAccesses('shop', [writeAccess({
    site: 'shop', operator: { kind: 'token', id: 'n4', name: 'Newsletter tool' }, action: 'contacts:export', route: 'GET /v1/sites/{site}/contact-list', status: 200, subject: null,
  }, { timeMs: fixture.clock.nowMs, salt: createRandomId() })])
  return {
    fixture, accessExport: await join(exportAccesses('shop', fixture)), accessVkey: (await fixture.ledger.vkeys('shop.access'))[0]!, recordId: device.recordId, receipt: result.receipt, receiptText: JSON.stringify(result.receipt, null, 2),
    attestedReceiptText: JSON.stringify(attested.receipt),
    vkey: (await fixture.ledger.vkeys('shop'))[0]!,
    siteExport: await join(exportSite('shop', fixture)),
    recordExport: await join(exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture)),
  }
}

/** The same JWS with a changed payload: what somebody does who edits a file. */
export function tamperEvent(jws: string, change: (event: { decisions: { event_state: string; statement_text: string }[] }) => void): string {
  const [header, payload, signature] = jws.split('.')
  const event = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload!.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)))) as Parameters<typeof change>[0]
  change(event)
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(event)))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return [header, text, signature].join('.')
}
