// Compact JWS (RFC 7515) of one kind only: typ and alg are pinned, the public key travels in the header,
// nothing is fetched. ECDSA signatures are malleable, so a JWS is never identified by its signature.
import { type Bytes, fromBase64url, fromUtf8, toBase64url, utf8 } from './bytes.ts'
import { hashText } from './hash.ts'
import { type Json, parseJson } from './json.ts'
import { refuse } from './refusal.ts'
import { writeJson } from './write-json.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const

/** The `typ` of a consent event. */
export const EVENT_TYP = 'consent-event+jws'

/** An ECDSA P-256 public key, these members only (RFC 7517, RFC 7518 section 6.2). */
export interface PublicJwk {
  crv: 'P-256'
  kty: 'EC'
  x: string
  y: string
}

/** What signs events. */
export interface EventSigner {
  publicJwk: PublicJwk
  /** ECDSA P-256 with SHA-256: 64 bytes, r and s (RFC 7518 section 3.4). */
  sign(bytes: Bytes): Promise<Bytes>
}

/** A JWS taken apart, its signature not yet checked. */
export interface ParsedJws {
  jwk: PublicJwk
  kid: string
  payload: Json
  /** The text that `payload` was read from: JSON.parse gives it again. */
  payloadText: string
  /** The second part as it came: two events are identical where this is. */
  payloadPart: string
  /** The first two parts as they came, ASCII only: what is signed. */
  signingInput: string
  signature: Bytes
}

/** RFC 7638 thumbprint of a key: base64url SHA-256 of its canonical JSON. */
export function computeThumbprint(jwk: PublicJwk): string {
  // In this order and of these texts it is canonical already.
  return hashText(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }))
}

/** A signer over a WebCrypto key pair; the private key may be non-extractable. */
export async function createEventSigner(keys: CryptoKeyPair): Promise<EventSigner> {
  const { x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return {
    publicJwk: { crv: 'P-256', kty: 'EC', x: x!, y: y! },
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(SIGNATURE, keys.privateKey, bytes)),
  }
}

/** A new P-256 key pair. The device's is never extractable. */
export async function generateEventKeys(isExtractable = false): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, isExtractable, ['sign', 'verify'])
}

/** Signs a payload text as compact JWS of this `typ`. */
export async function signCompact(payload: string, signer: EventSigner, typ = EVENT_TYP): Promise<string> {
  const header = writeJson({ typ, alg: 'ES256', kid: computeThumbprint(signer.publicJwk), jwk: signer.publicJwk })
  const input = `${toBase64url(utf8(header))}.${toBase64url(utf8(payload))}`
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`
}

function readPart(part: string, pointer: string): { value: Json; text: string } {
  const bytes = fromBase64url(part)
  if (!bytes) return refuse(pointer, 'base64url', 'Not base64url without padding.')
  const text = fromUtf8(bytes)
  if (text === undefined) return refuse(pointer, 'utf8', 'Not valid UTF-8.')
  return { value: parseJson(text), text }
}

function isMembers(value: Json | undefined, names: string): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).sort().join() === names
}

/** Takes a compact JWS of this `typ` apart and checks everything but the signature. Throws a Refusal. */
export function parseCompact(jws: string, typ = EVENT_TYP): ParsedJws {
  const [headerPart, payloadPart, signaturePart, ...more] = jws.split('.', 4)
  if (!headerPart || !payloadPart || !signaturePart || more.length > 0) return refuse('', 'jws', 'Not a compact JWS: three parts with a dot between are expected.')
  const { jwk, kid } = readHeader(headerPart, typ)
  const signature = fromBase64url(signaturePart)
  if (signature?.length !== 64) return refuse('/signature', 'signature', 'An ES256 signature has 64 bytes.')
  const { value: payload, text: payloadText } = readPart(payloadPart, '')
  return { jwk, kid, payload, payloadText, payloadPart, signingInput: jws.slice(0, jws.lastIndexOf('.')), signature }
}

/** 32 bytes as base64url; the last character has two bits for which there is no byte. */
const TEXT_OF_32 = '[\\w-]{42}[AEIMQUYcgkosw048]'

/** A header as `signCompact` writes it, which is nearly every one. */
const HEADER = new RegExp(`^\\{"typ":"([\\w+-]+)","alg":"ES256","kid":"(${TEXT_OF_32})","jwk":\\{"crv":"P-256","kty":"EC","x":"(${TEXT_OF_32})","y":"(${TEXT_OF_32})"\\}\\}$`)

function readHeader(part: string, typ: string): Pick<ParsedJws, 'jwk' | 'kid'> {
  return readPlainHeader(part, typ) ?? readAnyHeader(part, typ)
}

/** Undefined for every header, right or wrong, that is not spelt like ours. */
function readPlainHeader(part: string, typ: string): Pick<ParsedJws, 'jwk' | 'kid'> | undefined {
  const bytes = fromBase64url(part)
  const [, itsTyp, kid, x, y] = HEADER.exec((bytes && fromUtf8(bytes)) ?? '') ?? []
  if (itsTyp !== typ || kid === undefined || x === undefined || y === undefined) return undefined
  const jwk: PublicJwk = { crv: 'P-256', kty: 'EC', x, y }
  return kid === computeThumbprint(jwk) ? { jwk, kid } : undefined
}

function readAnyHeader(part: string, typ: string): Pick<ParsedJws, 'jwk' | 'kid'> {
  const { value: header } = readPart(part, '/header')
  // Exactly these members: jku, x5u, crit, b64 and every other way to change the meaning are out by that.
  if (!isMembers(header, 'alg,jwk,kid,typ')) return refuse('/header', 'header', 'The header has exactly typ, alg, kid and jwk.')
  if (header.typ !== typ) return refuse('/header/typ', 'typ', `The typ is “${typ}”.`)
  if (header.alg !== 'ES256') return refuse('/header/alg', 'alg', 'The alg is “ES256”.')
  const jwk = header.jwk
  if (!isMembers(jwk, 'crv,kty,x,y') || jwk.kty !== 'EC' || jwk.crv !== 'P-256'
    || [jwk.x, jwk.y].some((c) => typeof c !== 'string' || fromBase64url(c)?.length !== 32)) {
    return refuse('/header/jwk', 'jwk', 'The jwk is a P-256 public key with exactly kty, crv, x and y.')
  }
  const publicJwk: PublicJwk = { crv: 'P-256', kty: 'EC', x: jwk.x as string, y: jwk.y as string }
  const kid = computeThumbprint(publicJwk)
  if (header.kid !== kid) return refuse('/header/kid', 'kid', 'The kid is not the thumbprint (RFC 7638) of the jwk.')
  return { jwk: publicJwk, kid }
}

/**
 * Checks an ECDSA P-256 signature with SHA-256: 64 bytes, r and s. `off-curve`: the key is not a point of the
 * curve. Wherever one is passed in, it stands for `checkSignature`, and finds exactly the same.
 */
export type CheckSignature = (jws: Pick<ParsedJws, 'jwk' | 'signature' | 'signingInput'>) => SignatureVerdict | Promise<SignatureVerdict>
export type SignatureVerdict = 'valid' | 'invalid' | 'off-curve'

/** Checks with WebCrypto, which is everywhere. */
export const checkSignature: CheckSignature = async ({ jwk, signature, signingInput }) => {
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('jwk', { ...jwk }, ALGORITHM, true, ['verify'])
  } catch {
    return 'off-curve'
  }
  return (await crypto.subtle.verify(SIGNATURE, key, signature, utf8(signingInput))) ? 'valid' : 'invalid'
}

/** Requires a valid signature of a JWS that was taken apart. Throws a Refusal. */
export async function verifySignature(jws: ParsedJws, check: CheckSignature = checkSignature): Promise<void> {
  const verdict = await check(jws)
  if (verdict === 'off-curve') refuse('/header/jwk', 'jwk', 'The jwk is not a point on the curve P-256.')
  if (verdict === 'invalid') refuse('/signature', 'signature', 'The signature does not belong to this content and key.')
}
