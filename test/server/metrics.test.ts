// What /metrics says, read by another project's parser.
import parsePrometheus from 'parse-prometheus-text-format'
import { expect, test } from 'vitest'
import { createCounter, createHistogram, formatFamilies, readGauge } from '../../server/metrics.ts'

test('a counter without labels is there from the start; one with labels once it has some', () => {
  const plain = createCounter('a_total', 'A.')
  const bySite = createCounter('b_total', 'B.', { isLabelled: true })
  expect(parsePrometheus(formatFamilies([plain.read(), bySite.read()]))).toMatchObject([{ name: 'a_total', help: 'A.', type: 'COUNTER', metrics: [{ value: '0' }] }, { name: 'b_total', metrics: [] }])
  plain.add()
  for (const site of ['shop', 'shop', 'bakery']) bySite.add({ site })
  expect(parsePrometheus(formatFamilies([plain.read(), bySite.read()]))).toMatchObject([
    { metrics: [{ value: '1' }] }, { name: 'b_total', metrics: [{ value: '2', labels: { site: 'shop' } }, { value: '1', labels: { site: 'bakery' } }] },
  ])
})

test('a histogram’s buckets hold all up to their bound, and the last one all there are', () => {
  const histogram = createHistogram('c_seconds', 'C.', [0.1, 1])
  for (const value of [0.0625, 0.1, 0.5, 7]) histogram.observe({}, value)
  expect(parsePrometheus(formatFamilies([histogram.read()]))).toEqual([{
    name: 'c_seconds', help: 'C.', type: 'HISTOGRAM', metrics: [{ buckets: { '0.1': '2', '1': '3', '+Inf': '4' }, sum: '7.6625', count: '4' }],
  }])
})

test('each set of labels has a histogram of its own', () => {
  const histogram = createHistogram('c_seconds', 'C.', [1])
  histogram.observe({ route: '/p/{token}', status: '2xx' }, 0.5)
  histogram.observe({ route: '/p/{token}', status: '4xx' }, 2)
  expect(formatFamilies([histogram.read()])).toBe(`# HELP c_seconds C.
# TYPE c_seconds histogram
c_seconds_bucket{route="/p/{token}",status="2xx",le="1"} 1
c_seconds_bucket{route="/p/{token}",status="2xx",le="+Inf"} 1
c_seconds_sum{route="/p/{token}",status="2xx"} 0.5
c_seconds_count{route="/p/{token}",status="2xx"} 1
c_seconds_bucket{route="/p/{token}",status="4xx",le="1"} 0
c_seconds_bucket{route="/p/{token}",status="4xx",le="+Inf"} 1
c_seconds_sum{route="/p/{token}",status="4xx"} 2
c_seconds_count{route="/p/{token}",status="4xx"} 1
`)
})

test('label values and help may hold anything', () => {
  const odd = 'a"b\\c\nd'
  const text = formatFamilies([readGauge('d', odd, [{ labels: { site: odd }, value: 1.5 }])])
  expect(text.split('\n')).toHaveLength(4)
  expect(parsePrometheus(text)).toEqual([{ name: 'd', help: odd, type: 'GAUGE', metrics: [{ labels: { site: odd }, value: '1.5' }] }])
})
