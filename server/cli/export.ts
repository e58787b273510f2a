// sayso export: everything an auditor needs of a site, of one record or of the accesses to a site, in one file. It is recorded as an
// access before anything is written.
import { createWriteStream } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { exportAccesses, exportRecord, exportSite } from '../export.ts'
import { exportRecordJsonLd } from '../export-jsonld.ts'
import { openData } from '../node/open-data.ts'
import { findBaseUrl } from './base-url.ts'
import { recordCommand } from './command-access.ts'
import { type Command, type Io, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

function writeTo(out: Io['out']): Writable {
  return new Writable({
    decodeStrings: false,
    write(piece: string, _encoding, done) {
      out(piece)
      done()
    },
  })
}

/** `sayso export --site S [--record ID | --accesses] [--cosigned N] [--format ndjson|jsonld] [--out FILE]`; only a record can be JSON-LD. */
export const exportLog: Command = async (args, io) => {
  const { site, record, accesses, out, cosigned, format } = parseArgs({
    args,
    options: {
      cosigned: { type: 'string' }, site: { type: 'string' }, record: { type: 'string' }, accesses: { type: 'boolean', default: false }, out: { type: 'string' }, format: { type: 'string', default: 'ndjson' },
    },
  }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  if (accesses && record !== undefined) throw new UsageError('Either one record or the accesses to the site: --record ID or --accesses.')
  if (cosigned !== undefined && !/^[1-9]\d{0,3}$/.test(cosigned)) throw new UsageError('--cosigned is the number of witnesses, at least 1.')
  if (format !== 'ndjson' && format !== 'jsonld') throw new UsageError('The format is ndjson or jsonld.')
  if (format === 'jsonld' && record === undefined) throw new UsageError('JSON-LD is written of one record: --record ID.')
  const environment = readEnvironment(io.env)
  const baseUrl = await findBaseUrl(environment)
  const { store, ledger } = await openData(environment, baseUrl)
  try {
    const isKnown = (await store.findSite(site)) !== undefined && (record === undefined || (await store.findRecordSite(record)) === site)
    if (!isKnown) {
      io.err(record === undefined ? `${site}: no site of this name is published in ${environment.dataDir}.\n` : `${record}: ${site} has no such record.\n`)
      return 1
    }
    const action = accesses ? 'accesses:read' : record === undefined ? 'site:export' : 'records:export'
    await recordCommand(ledger, { site, action, route: 'sayso export', subject: record === undefined ? null : { record_id: record } })
    const source = { store, ledger, cosigned: cosigned === undefined ? undefined : Number(cosigned) }
    const jsonLd = format === 'jsonld' ? await exportRecordJsonLd(site, record!, { store, ledger, baseUrl }) : undefined
    if (format === 'jsonld' && !jsonLd) {
      io.err(`${record}: nothing is left of this record but its leaves.\n`)
      return 1
    }
    const pieces = accesses ? exportAccesses(site, source)
      : record === undefined ? exportSite(site, source)
        : jsonLd ? [`${JSON.stringify(jsonLd, null, 2)}\n`]
          : exportRecord(site, record, Date.now(), source)
    await pipeline(Readable.from(pieces), out === undefined ? writeTo(io.out) : createWriteStream(out))
    return 0
  } finally {
    await store.close()
  }
}
