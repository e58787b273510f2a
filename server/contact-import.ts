// Takes a contact list over: line by line, in bounded memory, and first as a dry run that says of each line what would
// happen. An agreement that a list claims does not count until its owner confirms it; a no counts at once; nobody on the
// suppression list comes back; and no line overrules what a person decided here later.
import { listAsked } from '../core/choice.ts'
import type { Notice } from '../core/notice.ts'
import { refuse } from '../core/refusal.ts'
import { findNotice, type Site } from '../core/site.ts'
import type { LineResult } from './answers/contacts.ts'
import { askContacts } from './asking.ts'
import { type Columns, type ContactLine, readColumns, readContactLine } from './contact-columns.ts'
import { createContact } from './contact.ts'
import { foldEmail } from './fold-email.ts'
import type { Note, Preferences, Situation } from './preference.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'
import { pickSiteLanguage } from './widget-config.ts'

/** A line of a CSV file. */
export interface CsvRow {
  /** From 1, the header included. */
  line: number
  fields: string[]
}

/** Reads CSV (RFC 4180) from bytes; `,`, `;` or tab between the fields. Throws a Refusal for what is none. */
export type ParseCsv = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<CsvRow>

/** How to import. */
export interface ImportOptions {
  isDryRun: boolean
  /** Whether new contacts are asked by mail. */
  isAsking: boolean
  /** Contact purposes that the list claims agreements for. */
  purposes: readonly string[]
  /** Where the addresses come from, for lines that do not say. */
  source: string | null
}

const BATCH = 500
const ACTION = { subscribed: 'Imported: subscribed', unsubscribed: 'Imported: unsubscribed' } as const

interface Line {
  row: CsvRow
  read: ContactLine | undefined
}

/** What is to be noted about a contact; null where they decided here already, or nothing is said. */
function chooseNote({ status, timeMs }: ContactLine, notice: Notice, purposes: readonly string[], { standings }: Situation, nowMs: number): Note | null {
  if (status !== 'subscribed' && status !== 'unsubscribed') return null
  const decidedMs = Math.min(timeMs ?? nowMs, nowMs)
  const decisions = listAsked(notice).flatMap(({ id }): Note['decisions'] => {
    const standing = standings.get(id)
    if (status === 'subscribed') return purposes.includes(id) && !standing ? [{ purpose_id: id, event_state: 'given' }] : []
    const isLater = !standing || timeMs === null || Date.parse(standing.since.event.event_time) < decidedMs
    return isLater && standing?.state !== 'refused' && standing?.state !== 'withdrawn' ? [{ purpose_id: id, event_state: 'refused' }] : []
  })
  return decisions.length === 0 ? null : { event_type: 'imported', text: ACTION[status], notice, decisions, timeMs: decidedMs }
}

/** Imports a list; a result for each line but the first, in order. Throws a Refusal where no column holds addresses. */
export async function* importContacts(service: Service, preferences: Preferences, site: Site, rows: AsyncIterable<CsvRow>, options: ImportOptions): AsyncGenerator<LineResult> {
  const { store, suppression, now } = service
  const notice = findNotice(site, 'contact', []) ?? refuse('', 'no_contact_notice', 'The site has no notice for contacts, so nobody can agree to anything.')
  const unknown = options.purposes.find((id) => !listAsked(notice).some((purpose) => purpose.id === id))
  if (unknown !== undefined) refuse('/purposes', 'unknown_purpose', `The site has no contact purpose “${unknown}”.`)
  // Folded, because that is what makes two addresses one; 40 bytes each.
  const seen = new Set<string>()

  const bare = ({ line }: CsvRow, outcome: LineResult['outcome'], detail?: string): LineResult => ({
    line, outcome, contact_id: null, recorded: null, asked: false, ...(detail === undefined ? {} : { detail }),
  })

  async function findOr(drafts: readonly Contact[]): Promise<Contact[]> {
    const known = new Map((await store.findContactsByEmail(site.site, drafts.map(({ email }) => email))).map((contact) => [foldEmail(contact.email), contact]))
    return drafts.map((draft) => known.get(foldEmail(draft.email)) ?? draft)
  }

  async function record(contact: Contact, read: ContactLine): Promise<LineResult['recorded']> {
    if (read.status === 'bounced') {
      if (!options.isDryRun) await store.updateContact(contact.id, { mailBlock: 'bounced' })
      return 'bounced'
    }
    if (read.status === null) return null
    const spoken = findNotice(site, 'contact', [contact.language])!
    const choose = (situation: Situation) => chooseNote(read, spoken, options.purposes, situation, now())
    const isNoted = options.isDryRun ? choose(await preferences.read({ contact, site })) !== null : (await preferences.note({ contact, site }, choose)) !== null
    if (!isNoted) return null
    return read.status === 'subscribed' ? 'unconfirmed' : 'refused'
  }

  async function take(batch: readonly Line[]): Promise<LineResult[]> {
    const results = new Map<CsvRow, LineResult>()
    const fresh = batch.filter(({ row, read }): boolean => {
      const slot = read && foldEmail(read.email)
      if (slot === undefined) results.set(row, bare(row, 'invalid', 'Not an e-mail address.'))
      else if (seen.has(slot)) results.set(row, bare(row, 'duplicate', 'This address stood further up.'))
      else seen.add(slot)
      return !results.has(row)
    }) as { row: CsvRow; read: ContactLine }[]
    const suppressed = await suppression.find(site.site, fresh.map(({ read }) => read.email))
    for (const { row, read } of fresh) if (suppressed.has(read.email)) results.set(row, bare(row, 'suppressed', 'On the suppression list; it is not imported.'))
    const open = fresh.filter(({ row }) => !results.has(row))
    const drafts = open.map(({ read }) => createContact(service, {
      site: site.site, email: read.email, language: pickSiteLanguage(site, read.language === null ? [] : [read.language]), source: read.source ?? options.source, hasContract: read.hasContract,
    }))
    const contacts = options.isDryRun
      ? await findOr(drafts)
      : await store.ensureContacts(drafts)
    const isNew = contacts.map(({ id }, i) => id === drafts[i]!.id)
    const recorded = await Promise.all(open.map(({ read }, i) => record(contacts[i]!, read)))
    // Who said no is not asked.
    const isAsked = open.map(({ read }, i) => options.isAsking && isNew[i]! && read.status !== 'unsubscribed' && read.status !== 'bounced')
    if (!options.isDryRun) await askContacts(service, site.site, contacts.filter((_, i) => isAsked[i]))
    for (const [i, { row }] of open.entries()) {
      results.set(row, {
        line: row.line, outcome: isNew[i] ? 'created' : 'known', contact_id: isNew[i] && options.isDryRun ? null : contacts[i]!.id, recorded: recorded[i]!, asked: isAsked[i]!,
      })
    }
    return batch.map(({ row }) => results.get(row)!)
  }

  let columns: Columns | undefined
  let batch: Line[] = []
  for await (const row of rows) {
    if (!columns) {
      columns = readColumns(row.fields) ?? refuse('/1', 'csv_header', 'The first line names no column with addresses, such as “email”.')
      continue
    }
    batch.push({ row, read: readContactLine(columns, row.fields) })
    if (batch.length === BATCH) {
      yield* await take(batch)
      batch = []
    }
  }
  if (!columns) refuse('', 'csv_empty', 'The file is empty.')
  if (batch.length > 0) yield* await take(batch)
}

/** A cell of a CSV file that no spreadsheet takes for a formula (OWASP, CSV injection), quoted. */
export function writeCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}
