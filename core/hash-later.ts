// The same hash as core/hash.ts, by WebCrypto where a page has it, so that most pages need not load one in JavaScript.
import { toBase64url, utf8 } from './bytes.ts'
import { canonicalize } from './jcs.ts'

/** base64url(SHA-256(JCS(value))), RFC 8785: 43 characters. Rejects with a Refusal for what is not JSON. */
export async function hashJsonLater(value: unknown): Promise<string> {
  const bytes = utf8(canonicalize(value))
  try {
    return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  } catch {
    // Plain http has no crypto.subtle, and some browsers have one that refuses.
    return (await import('./hash.ts')).hashJson(value)
  }
}
