// sayso erase: a record, or a contact with everything that names them. The log keeps its leaves and says so.
import { parseArgs } from 'node:util'
import { openData } from '../node/open-data.ts'
import { createSuppression, suppressErased } from '../suppression.ts'
import { findBaseUrl } from './base-url.ts'
import { type Command, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

/** `sayso erase --site S (--record ID | --contact EMAIL)` */
export const erase: Command = async (args, io) => {
  const { site, record, contact: email } = parseArgs({
    args, options: { site: { type: 'string' }, record: { type: 'string' }, contact: { type: 'string' } },
  }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  if ((record === undefined) === (email === undefined)) throw new UsageError('Name what to erase: --record ID or --contact EMAIL.')
  const environment = readEnvironment(io.env)
  const { store, signer, ledger } = await openData(environment, await findBaseUrl(environment))
  try {
    const contact = email === undefined ? await store.findContactByRecord(record!) : await store.findContactByEmail(site, email)
    const isKnown = contact?.site === site || (record !== undefined && (await store.findRecordSite(record)) === site)
    if (!isKnown) {
      io.err(`${site} has no such ${email === undefined ? 'record' : 'contact'}.\n`)
      return 1
    }
    const isSuppressed = contact !== undefined && (await suppressErased(createSuppression({ store, signer }), site, contact.email))
    const erased = await ledger.erase(site, contact ? { contactId: contact.id } : { recordId: record! })
    const isClear = await store.scrub()
    io.out(`Erased: ${erased} ${erased === 1 ? 'event' : 'events'}${contact ? `, and everything kept about the contact${isSuppressed ? ', whose address cannot be imported again' : ''}` : ''}. The log has ${erased === 1 ? 'a leaf that says' : 'leaves that say'} so.\n`)
    if (!isClear) io.err('The database is being read elsewhere: copies stay in its write-ahead log until the next erasure or until the service restarts.\n')
    io.out('Not erased, because Sayso does not have them in hand: backups, mails that were sent, exports and receipts that others hold.\n')
    return 0
  } finally {
    await store.close()
  }
}
