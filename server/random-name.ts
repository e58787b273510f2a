// Names for what the service keeps: contacts, waiting mails.
import { type Bytes, toBase64url } from '../core/bytes.ts'

/** 16 random bytes as base64url: 22 characters. */
export function createRandomName(random: (length: number) => Bytes): string {
  return toBase64url(random(16))
}
