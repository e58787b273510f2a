// Names for what the service keeps: contacts, waiting mails, mailings, tokens.
import { type Bytes, toBase64url } from '../core/bytes.ts'

/** 16 random bytes as base64url: 22 characters. None starts with a hyphen: a command line would take it for an option. */
export function createRandomName(random: (length: number) => Bytes): string {
  for (;;) {
    const name = toBase64url(random(16))
    if (!name.startsWith('-')) return name
  }
}
