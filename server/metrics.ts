// Counts and measurements, and how they are written: Prometheus text format 0.0.4. Nothing here knows Node, so that the
// service counts alike in a tab. Labels come from few values (sites, routes, classes of status), never from a person.
//
//   # HELP sayso_events_recorded_total Consent events recorded since the start.
//   # TYPE sayso_events_recorded_total counter
//   sayso_events_recorded_total{site="shop"} 2

/** Label values by name. */
export type Labels = Readonly<Record<string, string>>

/** One line: the name is the family's with `suffix`. */
export interface Sample {
  labels: Labels
  value: number
  suffix?: '_bucket' | '_sum' | '_count'
}

/** What shares a name, a meaning and a type. */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

/** Goes up only, from 0 at the start of the process. */
export interface Counter {
  add(labels?: Labels, by?: number): void
  read(): Family
}

/** Counts how many values stay within each bound. */
export interface Histogram {
  observe(labels: Labels, value: number): void
  read(): Family
}

const keyOf = (labels: Labels) => JSON.stringify(Object.entries(labels))

/** A counter; one without labels is there from the start. */
export function createCounter(name: string, help: string, { isLabelled = false } = {}): Counter {
  const samples = new Map<string, { labels: Labels; value: number }>()
  const add = (labels: Labels = {}, by = 1) => {
    const key = keyOf(labels)
    const sample = samples.get(key) ?? { labels, value: 0 }
    sample.value += by
    samples.set(key, sample)
  }
  if (!isLabelled) add({}, 0)
  return { add, read: () => ({ name, help, type: 'counter', samples: [...samples.values()] }) }
}

/** A histogram over these upper bounds, smallest first; what is above the last is in +Inf. */
export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const series = new Map<string, { labels: Labels; within: number[]; sum: number; count: number }>()
  return {
    observe(labels, value) {
      const key = keyOf(labels)
      const one = series.get(key) ?? { labels, within: bounds.map(() => 0), sum: 0, count: 0 }
      bounds.forEach((bound, i) => (one.within[i]! += value <= bound ? 1 : 0))
      one.sum += value
      one.count += 1
      series.set(key, one)
    },
    read: () => ({
      name, help, type: 'histogram',
      samples: [...series.values()].flatMap(({ labels, within, sum, count }): Sample[] => [
        ...within.map((value, i): Sample => ({ suffix: '_bucket', labels: { ...labels, le: `${bounds[i]}` }, value })),
        { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ]),
    }),
  }
}

/** What stands at a value just now. */
export function readGauge(name: string, help: string, samples: number | readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples: typeof samples === 'number' ? [{ labels: {}, value: samples }] : samples }
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"')

function formatSample(name: string, { suffix, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${suffix ?? ''}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}

/** The text that Prometheus reads. */
export function formatFamilies(families: readonly Family[]): string {
  return families.map(({ name, help, type, samples }) => [
    `# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => formatSample(name, sample)), '',
  ].join('\n')).join('')
}
