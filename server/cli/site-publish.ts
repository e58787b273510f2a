// sayso site publish FILE: puts a site file in force, its notices in the log first; or says what is wrong with it.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fromUtf8 } from '../../core/bytes.ts'
import { parseJson } from '../../core/json.ts'
import { Refusal, refuse } from '../../core/refusal.ts'
import { listNotices } from '../../core/site.ts'
import { openData } from '../node/open-data.ts'
import { readSiteFile } from '../publish.ts'
import { type Command, describeRefusal, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'
import { findBaseUrl } from './base-url.ts'

/** `sayso site publish FILE` */
export const publishSiteFile: Command = async (args, io) => {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true })
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) throw new UsageError('Name one site file.')
  const environment = readEnvironment(io.env)
  let site
  try {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => refuse('', 'file', `cannot be read (${error.code ?? 'unknown'})`))
    site = readSiteFile(parseJson(fromUtf8(bytes) ?? refuse('', 'utf8', 'not valid UTF-8')))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.err(`${describeRefusal(error, path)}Nothing was published.\n`)
    return 1
  }
  const { store, ledger } = await openData(environment, await findBaseUrl(environment))
  try {
    const hashes = await ledger.publish(site)
    for (const [i, { language, purposes }] of listNotices(site).entries()) {
      io.out(`${hashes[i]}  ${language}  ${purposes.map((purpose) => purpose.id).join(', ')}\n`)
    }
    io.out(`${site.site} is published: ${hashes.length} notices are in the log of ${await ledger.origin(site.site)}.\n`)
  } finally {
    await store.close()
  }
  return 0
}
