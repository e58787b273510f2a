// Private keys from SAYSO_KEYS, for machines whose disk does not last or that keep secrets elsewhere:
//
//   SAYSO_KEYS={"shop.log":{"kty":"OKP","crv":"Ed25519","x":"…","d":"…"},"shop.events":{"kty":"EC","crv":"P-256",…}}
//
// Where it is set no key is ever written to the disk. What is wrong with it is said without any of its text.
import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import { fromBase64url } from '../../core/bytes.ts'
import { type Json, parseJson } from '../../core/json.ts'
import { type FieldError, pointerSegment, Refusal, refuse } from '../../core/refusal.ts'
import { type KeyKind, kindOfKey, type KeyStore, SUPPRESSION_KEY } from '../signer.ts'

/** Private keys as JWK text by name. */
export type EnvironmentKeys = ReadonlyMap<string, string>

const CURVES: Record<KeyKind, { kty: string; crv: string; name: string }> = {
  log: { kty: 'OKP', crv: 'Ed25519', name: 'an Ed25519 key' },
  events: { kty: 'EC', crv: 'P-256', name: 'a P-256 key' },
}

function isPrivateKey(value: Json, kind: KeyKind): boolean {
  const { kty, crv } = CURVES[kind]
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value.kty !== kty || value.crv !== crv) return false
  try {
    const publicHalf = createPublicKey(createPrivateKey({ key: value as JsonWebKey, format: 'jwk' })).export({ format: 'jwk' })
    // A public half that belongs to another key would sign what nobody can check.
    return publicHalf.x === value.x && (kind === 'log' || publicHalf.y === value.y)
  } catch {
    return false
  }
}

/** 32 bytes as a symmetric JWK. */
function isSecret(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value.kty === 'oct' && typeof value.k === 'string' && fromBase64url(value.k)?.length === 32
}

function parseObject(text: string): { [name: string]: Json } {
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    return refuse('SAYSO_KEYS', 'environment', 'Not JSON: an object of private keys by name is expected.')
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : refuse('SAYSO_KEYS', 'environment', 'An object of private keys by name is expected.')
}

/** Reads SAYSO_KEYS. Throws a Refusal that names every key at fault. */
export function parseEnvironmentKeys(text: string): EnvironmentKeys {
  const errors: FieldError[] = []
  const keys = new Map<string, string>()
  for (const [name, value] of Object.entries(parseObject(text))) {
    const pointer = `SAYSO_KEYS${pointerSegment(name.slice(0, 100))}`
    const kind = kindOfKey(name)
    if (name === SUPPRESSION_KEY) {
      if (isSecret(value)) keys.set(name, JSON.stringify(value))
      else errors.push({ pointer, code: 'environment', detail: 'Not a secret of 32 bytes as symmetric JWK.' })
    } else if (!kind) errors.push({ pointer, code: 'environment', detail: `A key is named {site}.log or {site}.events, its successors {site}.log.2 and so on; the secret of suppression lists is named ${SUPPRESSION_KEY}.` })
    else if (!isPrivateKey(value, kind)) errors.push({ pointer, code: 'environment', detail: `Not ${CURVES[kind].name} as private JWK whose public half belongs to it.` })
    else keys.set(name, JSON.stringify(value))
  }
  if (errors.length > 0) throw new Refusal(errors)
  return keys
}

/** Exactly these keys; where another is needed, a Refusal says how to make it. */
export function createEnvironmentKeyStore(keys: EnvironmentKeys): KeyStore {
  return {
    find: async (name) => keys.get(name),
    list: async () => [...keys.keys()],
    async add(name) {
      refuse('SAYSO_KEYS', 'key_missing', `There is no key “${name}”. Make one with “sayso key new --kind ${kindOfKey(name) ?? name}”, add it under this name, and restart every service.`)
    },
  }
}
