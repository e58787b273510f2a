// A key binding: who holds a record's key lets another key into the record, for example after a browser lost its
// own. It travels beside the first event of the new key, as a compact JWS of its own typ:
//
//   {"schema_version":"1","aud":{"site":"shop"},"record_id":"…","new_kid":"…","event_time":"2026-11-22T10:15:30.123Z"}
import * as v from 'valibot'
import { fromBase64url } from './bytes.ts'
import { SiteId } from './event.ts'
import { type CheckSignature, type EventSigner, type ParsedJws, parseCompact, signCompact, verifySignature } from './signature.ts'
import { formatTime, isTime } from './time.ts'
import { validate } from './validate.ts'
import { writeJson } from './write-json.ts'

/** The `typ` of a key binding. */
export const KEY_BINDING_TYP = 'key-binding+jws'

const bytesText = (length: number) => v.pipe(v.string('A text is expected.'),
  v.check((value) => fromBase64url(value)?.length === length, `Not ${length} bytes as base64url without padding.`))

/** The payload: all members present, no others. */
export const KeyBinding = v.strictObject({
  schema_version: v.literal('1', 'The schema version is "1".'),
  aud: v.strictObject({ site: SiteId }),
  record_id: bytesText(16),
  /** RFC 7638 thumbprint of the key that is let in. */
  new_kid: bytesText(32),
  event_time: v.pipe(v.string('A text is expected.'), v.check(isTime, 'Not RFC 3339 in UTC with three decimals.')),
})
export type KeyBinding = v.InferOutput<typeof KeyBinding>

/** Signs a binding with the old key of the record, or with the service's. `timeMs` is now, by the signer's clock. */
export async function signKeyBinding(
  { site, recordId, newKid, timeMs }: { site: string; recordId: string; newKid: string; timeMs: number }, signer: EventSigner,
): Promise<string> {
  const payload: KeyBinding = { schema_version: '1', aud: { site }, record_id: recordId, new_kid: newKid, event_time: formatTime(timeMs) }
  return signCompact(writeJson(payload), signer, KEY_BINDING_TYP)
}

/** A binding that was read: `kid` signed it. Whether that key may speak for the record is not checked here. */
export interface ReadKeyBinding {
  jws: string
  kid: string
  binding: KeyBinding
}

/** Reads a binding and checks form and signature. Throws a Refusal. */
export async function readKeyBinding(jws: string, check?: CheckSignature): Promise<ReadKeyBinding> {
  const { binding, parsed } = openKeyBinding(jws)
  await verifySignature(parsed, check)
  return { jws, kid: parsed.kid, binding }
}

/** Reads a binding and checks everything but the signature. Throws a Refusal. */
export function openKeyBinding(jws: string): { binding: KeyBinding; parsed: ParsedJws } {
  const parsed = parseCompact(jws, KEY_BINDING_TYP)
  return { binding: validate(KeyBinding, parsed.payload), parsed }
}

/** Whether a binding lets this key into this record of this site. */
export function isBindingOf({ binding }: Pick<ReadKeyBinding, 'binding'>, site: string, recordId: string, kid: string): boolean {
  return binding.aud.site === site && binding.record_id === recordId && binding.new_kid === kid
}
