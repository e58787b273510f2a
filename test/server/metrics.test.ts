// What /metrics says, read strictly.
import { expect, test } from 'vitest'
import { createCounter, createHistogram, formatFamilies, readGauge } from '../../server/metrics.ts'
import { parseMetrics } from '../fixtures/prometheus.ts'

test('a counter without labels is there from the start; one with labels once it has some', () => {
  const plain = createCounter('a_total', 'A.')
  const bySite = createCounter('b_total', 'B.', { isLabelled: true })
  const read = () => [...parseMetrics(formatFamilies([plain.read(), bySite.read()])).values()]
  expect(read()).toEqual([{ name: 'a_total', help: 'A.', type: 'counter', samples: [{ name: 'a_total', labels: {}, value: 0 }] }, { name: 'b_total', help: 'B.', type: 'counter', samples: [] }])
  plain.add()
  for (const site of ['shop', 'shop', 'bakery']) bySite.add({ site })
  expect(read().map(({ samples }) => samples)).toEqual([
    [{ name: 'a_total', labels: {}, value: 1 }], [{ name: 'b_total', labels: { site: 'shop' }, value: 2 }, { name: 'b_total', labels: { site: 'bakery' }, value: 1 }],
  ])
})

test('a histogram’s buckets hold all up to their bound, and the last one all there are; each set of labels has its own', () => {
  const histogram = createHistogram('c_seconds', 'C.', [0.1, 1])
  for (const value of [0.0625, 0.1, 0.5, 7]) histogram.observe({ route: '/p/{token}' }, value)
  histogram.observe({ route: '/healthz' }, 2)
  const { type, samples } = parseMetrics(formatFamilies([histogram.read()])).get('c_seconds')!
  expect(type).toBe('histogram')
  const of = (route: string) => samples.filter(({ labels }) => labels['route'] === route).map(({ name, labels, value }) => [name, labels['le'], value])
  expect(of('/p/{token}')).toEqual([['c_seconds_bucket', '0.1', 2], ['c_seconds_bucket', '1', 3], ['c_seconds_bucket', '+Inf', 4], ['c_seconds_sum', undefined, 7.6625], ['c_seconds_count', undefined, 4]])
  expect(of('/healthz').map(([, , value]) => value)).toEqual([0, 0, 1, 2, 1])
})

test('label values and help may hold anything', () => {
  const odd = 'a"b\\c\nd,e="f"}'
  const text = formatFamilies([readGauge('d', odd, [{ labels: { site: odd }, value: 1.5 }])])
  expect(text.split('\n')).toHaveLength(4)
  expect(parseMetrics(text).get('d')).toMatchObject({ help: odd, samples: [{ labels: { site: odd }, value: 1.5 }] })
})

test.each([
  ['a sample before its type', 'a 1\n'], ['a label that is cut off', '# HELP a A.\n# TYPE a gauge\na{b="c} 1\n'], ['a type that is none', '# HELP a A.\n# TYPE a what\na 1\n'], ['no value', '# HELP a A.\n# TYPE a gauge\na\n'],
  ['a sample twice', '# HELP a A.\n# TYPE a gauge\na 1\na 1\n'], ['a family twice', '# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n'], ['no end', '# HELP a A.\n# TYPE a gauge\na 1'],
  ['a bucket that goes down', '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'], ['a counter by another name', '# HELP a A.\n# TYPE a counter\na 1\n'],
])('the reading is strict: %s is refused', (_name, text) => {
  expect(() => parseMetrics(text)).toThrow()
})
