// Bytes that only grow and are read again now and then. An audit keeps here what it must remember of every leaf:
// in memory by default, in a file where the caller has one (server/node/column-file.ts).
import type { Bytes } from './bytes.ts'

/** A row of bytes that is appended to and read from anywhere. */
export interface Column {
  readonly length: number
  append(bytes: Uint8Array): void
  /** A copy of `length` bytes from `offset` on; both must lie inside. */
  read(offset: number, length: number): Bytes
}

/** Makes an empty column. */
export type CreateColumn = () => Column

/** A column in memory. */
export function createMemoryColumn(): Column {
  let bytes = new Uint8Array(4096)
  let length = 0
  return {
    get length() {
      return length
    },
    append(added) {
      if (length + added.length > bytes.length) {
        const larger = new Uint8Array(Math.max(bytes.length * 2, length + added.length))
        larger.set(bytes.subarray(0, length))
        bytes = larger
      }
      bytes.set(added, length)
      length += added.length
    },
    read: (offset, count) => bytes.slice(offset, offset + count),
  }
}
