// Bytes and their spellings: UTF-8, base64url without padding (RFC 4648 section 5, one spelling only),
// standard base64 for signed notes. Every decoder refuses what the encoder would not have written.

/** Bytes backed by a plain ArrayBuffer, which is what WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes
}

/** Text of UTF-8 bytes; undefined where they are not valid UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** One array out of several. */
export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Whether two arrays hold the same bytes. Not constant in time: for public values only. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

let encode = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** From now on bytes are written as standard base64 with this in this thread. */
export function setBase64Encoder(faster: (bytes: Uint8Array) => string): void {
  encode = faster
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return encode(bytes)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const STANDARD = valuesOf(`${ALPHABET}+/`)
const URL_SAFE = valuesOf(`${ALPHABET}-_`)

/** The value of each character, by its code; -1 for those that are not in the alphabet. */
function valuesOf(alphabet: string): Int8Array {
  return Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)))
}

// atob is forgiving (white space, missing padding, stray bits in the last character), and slow from text to bytes.
function decode(text: string, values: Int8Array): Bytes | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  const valueAt = (i: number) => values[text.charCodeAt(i)] ?? -1
  let [i, at] = [0, 0]
  for (; i + 4 <= text.length; i += 4) {
    // A character that is not in the alphabet makes the whole negative.
    const bits = (valueAt(i) << 18) | (valueAt(i + 1) << 12) | (valueAt(i + 2) << 6) | valueAt(i + 3)
    if (bits < 0) return undefined
    bytes[at++] = bits >> 16
    bytes[at++] = bits >> 8
    bytes[at++] = bits
  }
  if (i === text.length) return bytes
  if (text.length - i === 1) return undefined
  const isTwo = text.length - i === 2
  const bits = (valueAt(i) << 12) | (valueAt(i + 1) << 6) | (isTwo ? 0 : valueAt(i + 2))
  // Bits for which there is no byte must not be set.
  if (bits < 0 || (bits & (isTwo ? 0x3ff : 3)) !== 0) return undefined
  bytes[at++] = bits >> 10
  if (!isTwo) bytes[at] = bits >> 2
  return bytes
}

/** Bytes of standard base64; undefined for any other spelling (missing padding, white space, stray bits). */
export function fromBase64(text: string): Bytes | undefined {
  return text.length % 4 === 0 ? decode(text.replace(/={1,2}$/, ''), STANDARD) : undefined
}

/** base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** One way to decode base64url: exactly as `fromBase64url` does. */
export type DecodeBase64url = (text: string) => Bytes | undefined

/** Shorter texts are decoded here before a machine's own decoder is called. */
const SHORT_CHARACTERS = 128

let decodeLong: DecodeBase64url = (text) => decode(text, URL_SAFE)

/** From now on long texts are decoded with this in this thread. */
export function setBase64urlDecoder(faster: DecodeBase64url): void {
  decodeLong = faster
}

/** Bytes of base64url without padding; undefined for any other spelling. */
export function fromBase64url(text: string): Bytes | undefined {
  return text.length < SHORT_CHARACTERS ? decode(text, URL_SAFE) : decodeLong(text)
}
