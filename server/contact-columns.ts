// Which column of a contact list means what: ours, and those of the files that Mailchimp, HubSpot, listmonk and Mautic
// write. Names are compared without case, white space, `_` and `-`.
import { readEmail } from './email-address.ts'

/** What a line says about a person. */
export interface ContactLine {
  email: string
  language: string | null
  source: string | null
  hasContract: boolean
  /** `subscribed`: somebody noted an agreement. `unsubscribed`: a no. `bounced`: mails came back. null: nothing is said. */
  status: 'subscribed' | 'unsubscribed' | 'bounced' | null
  /** When that was, milliseconds since 1970; null where the line does not say. */
  timeMs: number | null
}

type Meaning = 'email' | 'language' | 'source' | 'contract' | 'status' | 'optInTime' | 'optOutTime' | 'cleanTime' | 'optOutFlag' | 'changeTime'

const NAMES: Record<Meaning, readonly string[]> = {
  email: ['email', 'emailaddress', 'mail', 'mailaddress', 'subscriberemail', 'workemail', 'emailadresse', 'adresseemail', 'correoelectronico'],
  language: ['language', 'lang', 'locale', 'preferredlanguage', 'preferredlocale', 'hslanguage', 'sprache', 'langue'],
  source: ['source', 'addresssource', 'optinsource', 'originalsource', 'leadsource', 'signupsource'],
  contract: ['hascontract', 'contract', 'customer', 'iscustomer'],
  status: ['status', 'subscriptionstatus', 'emailstatus', 'memberstatus', 'marketingstatus', 'emailmarketingstatus'],
  optInTime: ['optintime', 'confirmtime', 'consenttime', 'consentdate', 'optindate', 'subscribedat', 'subscribeddate'],
  optOutTime: ['unsubtime', 'unsubscribedat', 'unsubscribeddate', 'optouttime', 'optoutdate'],
  cleanTime: ['cleantime', 'bouncedat', 'bouncedate'],
  optOutFlag: ['unsubscribed', 'unsubscribedfromallemail', 'optedout', 'optout', 'donotcontact', 'donotemail', 'doemail'],
  changeTime: ['lastchanged', 'updatedat', 'createdat', 'createdate'],
}

const YES = /^(?:true|yes|y|1|ja|oui|si|sí|x)$/i
const STATUSES: readonly (readonly [RegExp, NonNullable<ContactLine['status']>])[] = [
  [/^(?:bounced?|cleaned|hard ?bounced?|invalid)$/i, 'bounced'],
  [/^(?:unsubscribed?|opted[ -]?out|opt[ -]?out|blocklisted|blacklisted|complained|spam|suppressed|withdrawn|refused|non[ -]?subscribed)$/i, 'unsubscribed'],
  [/^(?:subscribed?|opted[ -]?in|opt[ -]?in|enabled|active|confirmed|granted|given)$/i, 'subscribed'],
]

const fold = (name: string) => name.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Where each meaning stands in a line; the first column of several wins. */
export type Columns = Partial<Record<Meaning, number>>

/** Reads the first line; undefined where no column holds addresses. */
export function readColumns(header: readonly string[]): Columns | undefined {
  const columns: Columns = {}
  for (const [i, name] of header.entries()) {
    for (const [meaning, names] of Object.entries(NAMES) as [Meaning, readonly string[]][]) {
      if (names.includes(fold(name))) columns[meaning] ??= i
    }
  }
  return columns.email === undefined ? undefined : columns
}

// What the tools write: `2024-03-01 12:30:00`, `2024-03-01T12:30:00Z`, `2024-03-01`. Without a zone it is UTC.
function readTime(text: string): number | null {
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?/.exec(text.trim())
  if (!iso) return null
  const timeMs = Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`)
  return Number.isNaN(timeMs) ? null : timeMs
}

/** Reads a line; undefined where its address is none. */
export function readContactLine(columns: Columns, fields: readonly string[]): ContactLine | undefined {
  const read = (meaning: Meaning) => (columns[meaning] === undefined ? '' : (fields[columns[meaning]] ?? '').trim())
  const email = readEmail(read('email'))
  if (email === undefined) return undefined
  const [out, clean] = [read('optOutTime'), read('cleanTime')]
  const named = STATUSES.find(([pattern]) => pattern.test(read('status')))?.[1]
  // What speaks against writing wins.
  const status = clean !== '' || named === 'bounced' ? 'bounced'
    : out !== '' || YES.test(read('optOutFlag')) || named === 'unsubscribed' ? 'unsubscribed'
      : named ?? (read('optInTime') === '' ? null : 'subscribed')
  const time = status === 'unsubscribed' ? out : status === 'bounced' ? clean : read('optInTime')
  return {
    email, status, language: read('language') || null, source: read('source').slice(0, 200) || null, hasContract: YES.test(read('contract')),
    timeMs: readTime(time) ?? readTime(read('changeTime')),
  }
}
