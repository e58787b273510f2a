// This device's receipts, newest first, each as a file to keep and as a page to print.
import { fromBase64url, fromUtf8 } from '../../core/bytes.ts'
import type { ConsentEvent } from '../../core/event.ts'
import type { Receipt } from '../../core/receipt.ts'
import type { Words } from '../../ui/words.ts'

/** The event in a receipt, unchecked: these are the device's own. */
function peekEvent(receipt: Receipt): ConsentEvent {
  return JSON.parse(fromUtf8(fromBase64url(receipt.event.split('.')[1]!)!)!) as ConsentEvent
}

/** Saves a receipt as a JSON file. */
function download(receipt: Receipt, eventId: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: 'application/json' }))
  link.download = `receipt-${eventId}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}

/** The list of receipts. `base` is the service, which has each as a page. */
export function ReceiptList({ receipts, words, language, base }: { receipts: Receipt[]; words: Words; language: string; base: string }) {
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' })
  return (
    <section class="receipts">
      <h3>{words.receipts}</h3>
      {receipts.length === 0 && <p>{words.no_receipts}</p>}
      <ul role="list">
        {receipts.map((receipt) => {
          const event = peekEvent(receipt)
          return (
            <li key={event.event_id}>
              <strong>{time.format(new Date(event.event_time))}</strong>
              <ul>
                {event.decisions.map(({ purpose_id, event_state, statement_text }) => <li key={purpose_id}>{event_state !== 'expired' && words[event_state]}: {statement_text}</li>)}
              </ul>
              <button type="button" onClick={() => download(receipt, event.event_id)}>{words.download_receipt}</button>
              {' '}<a href={`${base}/v1/events/${event.event_id}/receipt?format=html`} target="_blank" rel="noopener" title={words.opens_in_new_tab}>{words.receipt_page}</a>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
