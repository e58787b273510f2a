// The section of docs/benchmarks.md that `npm run bench:widget` writes: a table a profile, and how to read them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile, Visit } from './measure-page.ts'
import { floor, type Peer, sayso } from './peers.ts'
import { spread } from './statistics.ts'

/** All visits of one page on one profile. */
export interface Measured {
  page: string
  profile: string
  visits: Visit[]
}

/** The circumstances that go below the tables. */
export interface Run {
  rounds: number
  machine: string
}

const number = (value: number) => Math.round(value).toLocaleString('en')

/** `median (lower quartile to upper quartile)`, or just the median where both are the same. */
function show(values: readonly (number | undefined)[], write: (value: number) => string = number): string {
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0) return '–'
  const { low, median, high } = spread(known)
  const [lowText, text, highText] = [low, median, high].map(write)
  return lowText === highText ? text! : `${text} (${lowText} to ${highText})`
}

/** The time to the banner over the floor's in the same round, which is what other work on the machine distorts least. */
export function ratiosToFloor(visits: readonly Visit[], floors: readonly Visit[]): number[] {
  return visits.map(({ shownMs }, round) => shownMs / floors[round]!.shownMs)
}

/** The fastest visit is the one that other work on the machine disturbed least. */
function fastest(visits: readonly Visit[]): number {
  return Math.min(...visits.map(({ shownMs }) => shownMs))
}

function describeProfile({ network, cpuSlowdown }: Profile): string {
  if (!network) return 'the machine as it is'
  return `${network.latencyMs} ms for each request, ${network.downloadKilobits / 1000} Mbit/s down, ${network.uploadKilobits} kbit/s up, processor ${cpuSlowdown} × slower`
}

function tabulate(profile: Profile, measured: readonly Measured[], pages: readonly string[]): string {
  const visitsOf = (page: string) => measured.find((one) => one.page === page && one.profile === profile.name)!.visits
  const floors = visitsOf(floor.name)
  const rows = pages.map((page) => {
    const visits = visitsOf(page)
    const cells = [
      show(visits.map(({ shownMs }) => shownMs)),
      page === floor.name ? '1' : show(ratiosToFloor(visits, floors), (value) => value.toFixed(2)),
      page === floor.name ? '1' : (fastest(visits) / fastest(floors)).toFixed(2),
      show(visits.map(({ scriptMs }) => scriptMs), (value) => value.toFixed(value < 10 ? 1 : 0)),
      show(visits.map(({ longTasks }) => longTasks)),
      show(visits.map(({ longTaskMs }) => longTaskMs)),
      show(visits.map(({ layoutShift }) => layoutShift), (value) => value.toFixed(3)),
      show(visits.map(({ rejectMs }) => rejectMs)),
    ]
    return `| ${page} | ${cells.join(' | ')} |`
  })
  return `### ${profile.name}: ${describeProfile(profile)}

| page | banner visible, ms | × floor | × floor, fastest | scripts, ms | long tasks | their ms | layout shift | *Reject* to gone, ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}`
}

function tabulateBytes(profile: Profile, measured: readonly Measured[], pages: readonly Peer[]): string {
  const rows = pages.map(({ name, npm }) => {
    const { visits } = measured.find((one) => one.page === name && one.profile === profile.name)!
    const cells = [
      show(visits.map(({ firstBytes }) => firstBytes)), show(visits.map(({ firstRequests }) => firstRequests)),
      show(visits.map(({ allBytes }) => allBytes)), show(visits.map(({ returningBytes }) => returningBytes)),
      show(visits.map(({ heapBytes }) => heapBytes / 1000)),
    ]
    return `| ${name} | ${npm === undefined ? '–' : readVersion(npm)} | ${cells.join(' | ')} |`
  })
  return `| page | version | first visit until the banner, B | requests | first visit, all, B | returning visit, B | JS heap, kB |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}`
}

function readVersion(npm: string): string {
  return (JSON.parse(readFileSync(join(import.meta.dirname, 'node_modules', npm, 'package.json'), 'utf8')) as { version: string }).version
}

/** The whole section. */
export function describeRun(run: Run, profiles: readonly Profile[], peers: readonly Peer[], measured: readonly Measured[]): string {
  const unthrottled = profiles.find(({ network }) => !network)!
  const names = [floor.name, ...peers.map(({ name }) => name)]
  const notes = peers.flatMap(({ name, note }) => note === undefined ? [] : [`- ${name}: ${note}.`])
  return `## The widget and its peers

Written by \`npm run bench:widget\`, from \`bench/peers/\`: each page holds nothing but a heading and the tag, embedded as its maker
documents it, with accept, reject and preferences over the same three purposes (analytics, video, advertising).
Medians of ${run.rounds} rounds, quartiles in brackets where they differ; in each round every page once, interleaved, in one
headless Chromium, each visit in a new context at 412 × 823.

${tabulateBytes(unthrottled, measured, peers)}

${profiles.map((profile) => tabulate(profile, measured, names)).join('\n\n')}

**What the columns mean.** *Banner visible*: from navigation start until the main thread is done with the first frame in which any
of the banner is painted (in the viewport, not hidden, more than zero opacity), so a banner that fades in counts from its
first trace; *gone* is the reverse, from the click's time stamp. *× floor*: over a page whose script of 300 bytes appends one \`div\`,
in the same round; *fastest*: the fastest visit of all rounds over the floor's fastest, where other work
on the machine shows least. *Bytes*: bodies as they came over the wire, without headers, without the page itself and thus without
configuration that stands in it (orejime, tarteaucitron, osano: about 0.3 kB); *until the banner* counts what had begun by then.
*Returning*: who has refused, with nothing in the HTTP cache. *Scripts*: compiling and running them, until nothing moves any more,
with the few lines that watch for the banner (see the floor). *Long tasks*: over 50 ms, until then. *JS heap*: then, after a
collection. *Layout shift*: the cumulative score without recent input.

**What is modelled.** Every page loads its files from another origin than its own, ${sayso.name}'s from the built service as the demo runs it, the
others' from a server of the same code with the same Brotli. Chromium's emulation delays each request by the latency and
limits the rate; it does not model looking up names, setting up connections, TLS, loss, or a far server's own time, so a
second origin costs nothing extra here. The cache is off. Chromium draws at most 60 frames a second: one frame is 17 ms.

**Notes.**
${notes.join('\n')}
- Fides, silktide: npm carries neither, so they are not measured here.

Machine: ${run.machine}. Other work on it distorts times, ratios
less than milliseconds but much all the same, and bytes not at all: a load above the number of cores makes times provisional.
`
}
