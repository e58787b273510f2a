// The key that signs on this device: ECDSA P-256, never extractable, made at the first decision.
import type { ConsentEvent } from '../core/event.ts'
import { createEventSigner, type EventSigner, generateEventKeys } from '../core/signature.ts'
import { createMemoryStorage, type DeviceStorage } from './storage.ts'

/** A signer, and what its signature is worth: `ephemeral` where the key ends with the page. */
export interface DeviceSigner {
  signer: EventSigner
  attestation: ConsentEvent['attestation']
}

async function keepKeys(storage: DeviceStorage, slot = 'key'): Promise<CryptoKeyPair> {
  const known = await storage.read<CryptoKeyPair>(slot)
  if (known) return known
  const made = await generateEventKeys()
  return storage.change<CryptoKeyPair>(slot, (old) => old ?? made)
}

/** This device's signer, its key kept in `slot`; undefined where pages cannot sign, as on plain http, or where the browser makes no keys. */
export async function findDeviceSigner(storage: DeviceStorage, slot?: string): Promise<DeviceSigner | undefined> {
  if (!crypto.subtle) return undefined
  // Some browsers have an IndexedDB that takes no keys.
  const keys = await keepKeys(storage, slot).catch(() => undefined)
  const isKept = keys !== undefined && storage.isDurable
  const usable = keys ?? await keepKeys(createMemoryStorage()).catch(() => undefined)
  return usable && { signer: await createEventSigner(usable), attestation: isKept ? 'device' : 'ephemeral' }
}
