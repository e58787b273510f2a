// Signs a choice on the device: the fields that go along with the form. Loaded at a press, and never needed: whatever
// is missing or goes wrong here, the form says it all and the service attests it.
import { createDraft, signEvent } from '../core/event.ts'
import { openBoundKey } from './bound-key.ts'
import { readShownChoice } from './shown-choice.ts'
import { readSigningContext } from './signing-context.ts'

/** Fields to add to the form with these boxes ticked; none where this browser cannot sign, or has nothing to. */
export async function signChoice(form: HTMLFormElement, submitter: HTMLElement | null, ticked: ReadonlySet<string>): Promise<Record<string, string>> {
  const context = readSigningContext(form.ownerDocument)
  if (!context || !crypto.subtle || !(submitter instanceof HTMLButtonElement)) return {}
  const timeMs = Date.now()
  const shown = await readShownChoice(form, { pressed: submitter, ticked, context })
  const key = shown && (await openBoundKey(form, context.record_id))
  if (!shown || !key) return {}
  const { notice, noticeHash, decisions, action } = shown
  const { record_id, pii_principal_id, aud, prev_event_hash, log_anchor } = context
  const draft = createDraft({
    timeMs, record_id, pii_principal_id, aud, event_type: 'explicit', decisions,
    notice_hash: noticeHash, language: notice.language, validity_duration: notice.validity_duration,
    source: { channel: 'preference-center', action, url: location.origin + location.pathname, build: null },
    prev_event_hash, log_anchor,
  })
  return { event: await signEvent(draft, 'device', key.signer), key_binding: key.keyBinding }
}
