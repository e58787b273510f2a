// sayso export: everything an auditor needs of a site or of one record, in one file.
import { createWriteStream } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { exportRecord, exportSite } from '../export.ts'
import { openData } from '../node/open-data.ts'
import { baseUrlOf } from './base-url.ts'
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

/** `sayso export --site S [--record ID] [--cosigned N] [--out FILE]` */
export const exportLog: Command = async (args, io) => {
  const { site, record, out, cosigned } = parseArgs({
    args, options: { cosigned: { type: 'string' }, site: { type: 'string' }, record: { type: 'string' }, out: { type: 'string' } },
  }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  if (cosigned !== undefined && !/^[1-9]\d{0,3}$/.test(cosigned)) throw new UsageError('--cosigned is the number of witnesses, at least 1.')
  const environment = readEnvironment(io.env)
  const { store, ledger } = await openData(environment.dataDir, baseUrlOf(environment), environment.keys)
  try {
    const isKnown = (await store.findSite(site)) !== undefined && (record === undefined || (await store.findRecordSite(record)) === site)
    if (!isKnown) {
      io.err(record === undefined ? `${site}: no site of this name is published in ${environment.dataDir}.\n` : `${record}: ${site} has no such record.\n`)
      return 1
    }
    const source = { store, ledger, cosigned: cosigned === undefined ? undefined : Number(cosigned) }
    const pieces = record === undefined ? exportSite(site, source) : exportRecord(site, record, Date.now(), source)
    await pipeline(Readable.from(pieces), out === undefined ? writeTo(io.out) : createWriteStream(out))
    return 0
  } finally {
    await store.close()
  }
}
