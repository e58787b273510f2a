// Reads a message that came back: a delivery failure for good (RFC 3464), a complaint (ARF, RFC 5965), or a mail that
// unsubscribes (RFC 2369), whose token is in the address it was sent to or in its subject.
import PostalMime, { type Attachment, type Email } from 'postal-mime'
import type { Bytes } from '../core/bytes.ts'

/** What a message is, and whom it is about. */
export type InboundMail = { kind: 'bounce' | 'complaint' | 'other'; addresses: string[] } | { kind: 'unsubscribe'; tokens: string[] }

const TOKEN = /(?:\+|\b)([\w-]{43})(?![\w-])/g

function textOf({ content }: Attachment): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content)
}

/** The fields of a report's parts: groups of `Name: value` lines with empty lines between, names in lower case. */
function readGroups(text: string): Map<string, string>[] {
  return text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n\s*\r?\n/).map((group) => new Map(group.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name.toLowerCase(), value!.trim()]]
  })))
}

// `rfc822; name@example.com`, `<name@example.com>`
function addressOf(field: string | undefined): string[] {
  const address = field?.replace(/^[\w-]+;/, '').replace(/[<>]/g, '').trim()
  return address ? [address] : []
}

/** Addresses that a delivery report gives up for good: status 5.x.x, action failed. */
function listFailed(report: Attachment): string[] {
  return readGroups(textOf(report)).flatMap((group) => (
    group.get('action')?.toLowerCase() === 'failed' && group.get('status')?.startsWith('5.') ? addressOf(group.get('final-recipient') ?? group.get('original-recipient')) : []
  ))
}

function listComplaining(report: Attachment): string[] {
  return readGroups(textOf(report)).flatMap((group) => addressOf(group.get('original-rcpt-to')))
}

function listTokens({ to, deliveredTo, subject }: Email): string[] {
  const places = [...(to ?? []).map(({ address }) => address ?? ''), deliveredTo ?? '', subject ?? '']
  return places.flatMap((place) => [...place.matchAll(TOKEN)].map(([, token]) => token!))
}

/** Reads a message as it arrived. What is neither of these is `other`, about nobody. */
export async function readInboundMail(raw: Bytes): Promise<InboundMail> {
  const mail = await PostalMime.parse(raw, { forceRfc822Attachments: true })
  const find = (type: string) => mail.attachments.find(({ mimeType }) => mimeType === type)
  const [complaint, failure] = [find('message/feedback-report'), find('message/delivery-status')]
  if (complaint) return { kind: 'complaint', addresses: listComplaining(complaint) }
  if (failure) return { kind: 'bounce', addresses: listFailed(failure) }
  const tokens = listTokens(mail)
  return tokens.length > 0 ? { kind: 'unsubscribe', tokens } : { kind: 'other', addresses: [] }
}
