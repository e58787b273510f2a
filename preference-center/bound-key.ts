// The key with which this browser signs in one contact's record, and the service's word that it may. A key for each
// record, so that two records are not joined by having been opened in one browser. Made at a press and not before.
import { computeThumbprint, type EventSigner } from '../core/signature.ts'
import { findDeviceSigner } from '../ui/device-key.ts'
import { openStorage } from '../ui/storage.ts'

/** Of its own, where a site's widget and these pages share an origin. */
const STORAGE = 'sayso-pages'

/** A key, and the key binding that lets it into the record. */
export interface BoundKey {
  signer: EventSigner
  keyBinding: string
}

/** Asks the service for a binding, with what proves that the form is ours. */
async function askForBinding(form: HTMLFormElement, recordId: string, kid: string): Promise<string | undefined> {
  const fields = new FormData(form)
  const body = new URLSearchParams({ record_id: recordId, new_kid: kid })
  for (const name of ['csrf', 'h']) if (fields.has(name)) body.set(name, String(fields.get(name)))
  const response = await fetch('/p/key-bindings', { method: 'POST', body, headers: { accept: 'application/json' } })
  if (response.status !== 201) return undefined
  return ((await response.json()) as { key_binding: string }).key_binding
}

/** This browser's key for a record; undefined where it can keep none, or the service binds none. */
export async function openBoundKey(form: HTMLFormElement, recordId: string): Promise<BoundKey | undefined> {
  const storage = await openStorage(STORAGE)
  if (!storage.isDurable) return undefined
  const device = await findDeviceSigner(storage, `key ${recordId}`)
  if (device?.attestation !== 'device') return undefined
  const kid = computeThumbprint(device.signer.publicJwk)
  const slot = `binding ${recordId} ${kid}`
  const kept = await storage.read<string>(slot)
  const keyBinding = kept ?? await askForBinding(form, recordId, kid)
  if (keyBinding === undefined) return undefined
  if (kept === undefined) await storage.change<string>(slot, () => keyBinding)
  return { signer: device.signer, keyBinding }
}
