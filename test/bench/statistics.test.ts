// Medians and quartiles, against values worked out by hand.
import { expect, it } from 'vitest'
import { spread } from '../../bench/statistics.ts'

it('sorts by size, not by digits, and interpolates between neighbours', () => {
  expect(spread([100, 9, 20, 3])).toEqual({ low: 7.5, median: 14.5, high: 40 })
  expect(spread([5])).toEqual({ low: 5, median: 5, high: 5 })
})

it('has no middle of nothing', () => {
  expect(() => spread([])).toThrow('Nothing was measured')
})
