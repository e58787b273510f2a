// What many measurements of one thing come to: the middle, and where the middle half lies.

/** The median and the quartiles. */
export interface Spread {
  median: number
  low: number
  high: number
}

/** The value below which this share of the sorted values lies, interpolated between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
}

/** Median and quartiles of at least one value. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('Nothing was measured.')
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}
