// sayso site services [FILE]: the services that Sayso knows; with a site file, what the notices must say of the services
// that the site lists and do not: who receives the data, and what is left on a device.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fromUtf8 } from '../../core/bytes.ts'
import { parseJson } from '../../core/json.ts'
import { Refusal, refuse } from '../../core/refusal.ts'
import { knownServices, listServices } from '../../core/services.ts'
import { findNotice, parseSite } from '../../core/site.ts'
import { type Command, describeRefusal, UsageError } from './command.ts'

/** `sayso site services [FILE]`; exit code 1 where a notice lacks something. */
export const listSiteServices: Command = async (args, io) => {
  const [path, ...more] = parseArgs({ args, options: {}, allowPositionals: true }).positionals
  if (more.length > 0) throw new UsageError('Name one site file, or none.')
  if (path === undefined) {
    for (const { id, name, company, kind, hosts } of knownServices.values()) io.out(`${id}  ${name}, ${company} (${kind}): ${hosts.join(', ')}\n`)
    return 0
  }
  try {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => refuse('', 'file', `cannot be read (${error.code ?? 'unknown'})`))
    const site = parseSite(parseJson(fromUtf8(bytes) ?? refuse('', 'utf8', 'not valid UTF-8')))
    const purposes = findNotice(site, 'device', [])?.purposes ?? []
    let lacking = 0
    for (const { id, purpose, tags } of site.services ? listServices(site.services, '/services') : []) {
      const { recipients = [], tags: told = [] } = purposes.find((one) => one.id === purpose) ?? {}
      const company = knownServices.get(id)?.company
      const lacks = [...(company && !recipients.includes(company) ? [`the recipient “${company}”`] : []), ...tags.filter((tag) => !told.includes(tag)).map((tag) => `the tag “${tag}”`)]
      lacking += lacks.length
      io.out(`${id} under ${purpose}: ${lacks.length === 0 ? 'the notice says it all' : `the notice lacks ${lacks.join(', ')}`}\n`)
    }
    return lacking > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.err(describeRefusal(error, path))
    return 1
  }
}
