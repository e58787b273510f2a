// sayso key --site S: the keys that check the site's log, for whoever verifies. The current one first.
import { parseArgs } from 'node:util'
import { openData } from '../node/open-data.ts'
import { baseUrlOf } from './base-url.ts'
import { type Command, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

/** `sayso key --site S` */
export const printKeys: Command = async (args, io) => {
  const { site } = parseArgs({ args, options: { site: { type: 'string' } } }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  const environment = readEnvironment(io.env)
  const { store, ledger } = await openData(environment.dataDir, baseUrlOf(environment))
  try {
    if (!(await store.findSite(site))) {
      io.err(`${site}: no site of this name is published in ${environment.dataDir}.\n`)
      return 1
    }
    for (const vkey of await ledger.vkeys(site)) io.out(`${vkey}\n`)
    return 0
  } finally {
    await store.close()
  }
}
