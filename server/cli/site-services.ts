// sayso site services [FILE [--purposes]]: the services that Sayso knows; with a site file, what the notices must say of the
// services that the site lists and do not: who receives the data, and what is left on a device; or purposes that say it.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fromUtf8 } from '../../core/bytes.ts'
import { parseJson } from '../../core/json.ts'
import { Refusal, refuse } from '../../core/refusal.ts'
import type { Notice } from '../../core/notice.ts'
import { knownServices, listServices, type SiteService } from '../../core/services.ts'
import { findNotice, parseSite, Site } from '../../core/site.ts'
import { validate } from '../../core/validate.ts'
import { type Command, describeRefusal, UsageError } from './command.ts'

type Purpose = Notice['purposes'][number]

/** What the notice must say of a service: who receives the data, by the name that is known, and the names it leaves. */
const toFacts = ({ id, name, tags }: SiteService) => ({ recipients: [knownServices.get(id)?.company ?? name ?? []].flat(), tags })

const unite = (...lists: readonly (readonly string[])[]) => [...new Set(lists.flat())]

/** The purposes that the listed services stand under, in the notice's words where it has them, with recipients and tags filled in. */
function fillPurposes(services: readonly SiteService[], told: readonly Purpose[]): Purpose[] {
  return unite(services.map(({ purpose }) => purpose)).map((id) => {
    const facts = services.filter(({ purpose }) => purpose === id).map(toFacts)
    // Left empty is what only the site can say; it cannot be published before it is filled in.
    const purpose = told.find((one) => one.id === id) ?? { id, scope: 'device', statement_text: '', legal_basis: 'consent', data_categories: [], recipients: [], retention: '', tags: [] }
    return { ...purpose, recipients: unite(purpose.recipients, ...facts.map(({ recipients }) => recipients)), tags: unite(purpose.tags, ...facts.map(({ tags }) => tags)) }
  })
}

/** `sayso site services [FILE [--purposes]]`; exit code 1 where a notice lacks something. */
export const listSiteServices: Command = async (args, io) => {
  const { positionals: [path, ...more], values: { purposes: isFilling } } = parseArgs({ args, options: { purposes: { type: 'boolean' } }, allowPositionals: true })
  if (more.length > 0) throw new UsageError('Name one site file, or none.')
  if (path === undefined) {
    if (isFilling) throw new UsageError('Name the site file whose services are meant.')
    for (const { id, name, company, kind, hosts } of knownServices.values()) io.out(`${id}  ${name}, ${company} (${kind}): ${hosts.join(', ')}\n`)
    return 0
  }
  try {
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => refuse('', 'file', `cannot be read (${error.code ?? 'unknown'})`))
    const value = parseJson(fromUtf8(bytes) ?? refuse('', 'utf8', 'not valid UTF-8'))
    // Purposes are wanted for services that no notice speaks of yet, for which the site could not be published.
    const site = isFilling ? validate(Site, value) : parseSite(value)
    const told = findNotice(site, 'device', [])?.purposes ?? []
    const services = site.services ? listServices(site.services, '/services') : []
    if (isFilling) {
      io.out(`${JSON.stringify(fillPurposes(services, told), null, 2)}\n`)
      return 0
    }
    let lacking = 0
    for (const service of services) {
      const { recipients = [], tags = [] } = told.find(({ id }) => id === service.purpose) ?? {}
      const facts = toFacts(service)
      const lacks = [...facts.recipients.filter((one) => !recipients.includes(one)).map((one) => `the recipient “${one}”`), ...facts.tags.filter((tag) => !tags.includes(tag)).map((tag) => `the tag “${tag}”`)]
      lacking += lacks.length
      io.out(`${service.id} under ${service.purpose}: ${lacks.length === 0 ? 'the notice says it all' : `the notice lacks ${lacks.join(', ')}`}\n`)
    }
    return lacking > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.err(describeRefusal(error, path))
    return 1
  }
}
