// Databases limit the parameters of one statement.
const MOST_PER_STATEMENT = 500

/** A list in parts that one statement takes. */
export function* inParts<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += MOST_PER_STATEMENT) yield all.slice(start, start + MOST_PER_STATEMENT)
}
