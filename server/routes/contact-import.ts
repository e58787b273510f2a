// For the site's operators: contact lists in and out as CSV, and suppression lists in.
import { refuse } from '../../core/refusal.ts'
import { readMediaType } from '../body.ts'
import { importContacts, writeCell } from '../contact-import.ts'
import { readEmail } from '../email-address.ts'
import type { Preferences } from '../preference.ts'
import { addOperatorRules, OPERATOR_HEADERS } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import type { Contact } from '../store.ts'
import { streamText } from '../stream-text.ts'
import { readSuppressionEntry, type SuppressionEntry } from '../suppression.ts'

const PAGE = 1000
const LINE_LIMIT = 1000
const NDJSON = { ...OPERATOR_HEADERS, 'content-type': 'application/x-ndjson; charset=utf-8' }

function requireBody(request: Request, types: readonly string[]): AsyncIterable<Uint8Array> {
  if (!types.includes(readMediaType(request))) refuse('', 'media_type', `${types.join(' or ')} is expected.`)
  return (request.body ?? new Blob([]).stream()) as unknown as AsyncIterable<Uint8Array>
}

/** Text by lines, none of them kept. */
async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r?\n/)
    rest = lines.pop()!
    if (rest.length > LINE_LIMIT) refuse('', 'line', `A line is longer than ${LINE_LIMIT} characters.`)
    yield* lines
  }
  yield rest + decoder.decode()
}

function writeContact({ email, language, source, hasContract, mailBlock, purge, createdAt, recordId }: Contact): string {
  return `${[email, language, source ?? '', hasContract ? 'yes' : 'no', mailBlock ?? '', purge ?? '', createdAt, recordId].map(writeCell).join(',')}\r\n`
}

/** Adds the routes. */
export function addContactImportRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, suppression, parseCsv } = service
  addOperatorRules(app, 'contact-list', service, (method) => (method === 'GET' ? 'contacts:export' : 'contacts:write'))
  addOperatorRules(app, 'suppressions', service, () => 'contacts:write')

  // ?dry_run=1 writes nothing. ?purposes=a,b: what the list claims agreements for. ?ask=0: no mails. ?source=words
  app.post('/v1/sites/:site/contact-list', async (c) => {
    if (!parseCsv) return refuse('', 'unsupported', 'This service reads no CSV.')
    const results = importContacts(service, preferences, c.var.site, parseCsv(requireBody(c.req.raw, ['text/csv'])), {
      isDryRun: c.req.query('dry_run') === '1', isAsking: c.req.query('ask') !== '0',
      purposes: (c.req.query('purposes') ?? '').split(',').filter((id) => id !== ''), source: c.req.query('source')?.trim().slice(0, 200) || null,
    })
    // The first result before the answer starts, so that a list that is none is refused like any other input.
    const first = await results.next()
    async function* lines(): AsyncGenerator<string> {
      const totals: Record<string, number> = {}
      for (let next = first; !next.done; next = await results.next()) {
        totals[next.value.outcome] = (totals[next.value.outcome] ?? 0) + 1
        yield `${JSON.stringify(next.value)}\n`
      }
      yield `${JSON.stringify({ end: true, totals })}\n`
    }
    // What goes wrong on the way is the last line: the head of the answer is long gone.
    return streamText(lines(), NDJSON)
  })

  app.get('/v1/sites/:site/contact-list', (c) => {
    const { site } = c.var.site
    async function* lines(): AsyncGenerator<string> {
      yield 'email,language,source,has_contract,mail_block,purge,created_at,record_id\r\n'
      for (let after = ''; ;) {
        const contacts = await store.listContacts(site, { after, limit: PAGE })
        yield contacts.map(writeContact).join('')
        if (contacts.length < PAGE) return
        after = contacts.at(-1)!.id
      }
    }
    return streamText(lines(), { ...OPERATOR_HEADERS, 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="contacts-${site}.csv"` })
  })

  // One a line: an address, or its SHA-256 or MD5 in hex. Only keyed hashes are kept.
  app.post('/v1/sites/:site/suppressions', async (c) => {
    const { site } = c.var.site
    let [batch, added, line]: [SuppressionEntry[], number, number] = [[], 0, 0]
    const invalid: number[] = []
    const flush = async () => {
      await suppression.add(site, batch)
      added += batch.length
      batch = []
    }
    for await (const text of readLines(requireBody(c.req.raw, ['text/plain', 'text/csv']))) {
      line += 1
      if (text.trim() === '' || (line === 1 && /^(?:e-?mail(?: ?address)?|hash|sha-?256|md5)$/i.test(text.trim()))) continue
      const entry = readSuppressionEntry(text.replace(/^"|"$/g, ''), readEmail)
      if (entry) batch.push(entry)
      else if (invalid.length < 100) invalid.push(line)
      if (batch.length === PAGE) await flush()
    }
    await flush()
    return Response.json({ added, invalid_lines: invalid }, { headers: OPERATOR_HEADERS })
  })
}
