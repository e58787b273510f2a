// The outside services that sites use most, as data: who they are, which hosts they load from, what they leave on a
// device, and how each is told to stop. A site says which it has and under which purpose each stands.
import * as v from 'valibot'
import { Line, PurposeId } from './purpose.ts'
import { refuse } from './refusal.ts'
import known from './services.json' with { type: 'json' }

/** What a service is for, as a suggestion: the notice decides. */
export const KINDS = ['analytics', 'advertising', 'embed', 'functional', 'payment'] as const

const Id = v.pipe(v.string('A text is expected.'), v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'A service id is written like “google-analytics”.'))
/** A host, and where it serves several services the beginning of a path. */
const Host = v.pipe(v.string('A text is expected.'), v.regex(/^(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/[\w./-]*)?$/, 'A host is written like “cdn.example.com” or “cdn.example.com/path”.'))
const Hosts = v.pipe(v.array(Host, 'A list of hosts is expected.'), v.minLength(1, 'At least one host is needed.'), v.maxLength(50, 'More than 50 hosts.'))
const Tags = v.pipe(v.array(Line, 'A list of names is expected.'), v.maxLength(100, 'More than 100 names.'))

/** How a service is told to stop; see widget/extras/stop.ts. */
export const STOPS = ['ga-disable', 'fbq', 'ttq', 'clarity', 'paq', 'hsq', 'intercom'] as const

/** One service. */
export const KnownService = v.strictObject({
  id: Id,
  name: Line,
  /** Who receives the data, as a notice would name it. */
  company: Line,
  kind: v.picklist(KINDS, `The kind is one of ${KINDS.join(', ')}.`),
  hosts: Hosts,
  /** Names of its cookies and storage keys; `*` stands for any characters. */
  tags: Tags,
  stop: v.optional(v.picklist(STOPS, `It is stopped by one of ${STOPS.join(', ')}.`)),
})
export type KnownService = v.InferOutput<typeof KnownService>

/** The services that Sayso knows, by id. */
export const knownServices: ReadonlyMap<string, KnownService> = new Map((known as KnownService[]).map((service) => [service.id, service]))

/** The services of a site: known ones by id, others with their hosts. */
export const Services = v.strictObject({
  /** Blocks by host what is not parked by hand; the tag then stands first in the head and is not async. */
  automatic: v.boolean('True or false is expected.'),
  list: v.pipe(v.array(v.strictObject({ id: Id, purpose: PurposeId, name: v.optional(Line), hosts: v.optional(Hosts), tags: v.optional(Tags) }), 'A list of services is expected.'),
    v.maxLength(200, 'More than 200 services.')),
})
export type Services = v.InferOutput<typeof Services>

/** A service of a site with what is known of it. */
export interface SiteService {
  id: string
  purpose: string
  /** As people know it; undefined where nobody said. */
  name: string | undefined
  hosts: readonly string[]
  tags: readonly string[]
  stop: KnownService['stop']
}

/** The services of a site, what Sayso knows filled in. `pointer` is where they stand. Throws a Refusal. */
export function listServices({ list }: Services, pointer: string): SiteService[] {
  return list.map(({ id, purpose, name, hosts, tags }, i) => {
    const service = knownServices.get(id)
    if (!service && !hosts) refuse(`${pointer}/list/${i}/hosts`, 'unknown_service', `“${id}” is not a service that Sayso knows, so its hosts are needed.`)
    return { id, purpose, name: name ?? service?.name, hosts: hosts ?? service!.hosts, tags: tags ?? service?.tags ?? [], stop: service?.stop }
  })
}
