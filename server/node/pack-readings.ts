// Readings on their way from thread to thread. A structured clone spells out the name of every member of every
// reading; an event with nothing amiss, which is nearly every line, is six values in a row instead.
import { formatLeaf, type Leaf } from '../../core/leaf.ts'
import type { EventReading, LeafReading, LineReading } from '../../core/read-line.ts'

type Packed = string | number | LineReading

/** Index, leaf hash, event hash, received_at, payload, kid. */
const VALUES = 6
const NONE: readonly never[] = []

/** The readings as one row: six values for a plain event, and every other as it is. */
export function packReadings(readings: readonly LineReading[]): Packed[] {
  const row: Packed[] = []
  for (const reading of readings) {
    if (!isPlain(reading)) row.push(reading)
    else row.push(reading.line.index, reading.leafHash, reading.leaf.hash, reading.leaf.received_at, reading.event.read.payload, reading.event.read.kid)
  }
  return row
}

/** The same readings again. */
export function unpackReadings(row: readonly Packed[]): LineReading[] {
  const readings: LineReading[] = []
  for (let at = 0; at < row.length;) {
    const first = row[at]!
    if (typeof first === 'object') {
      readings.push(first)
      at += 1
    } else {
      readings.push(rebuild(row.slice(at, at + VALUES) as [number, string, string, string, string, string]))
      at += VALUES
    }
  }
  return readings
}

interface PlainReading extends LeafReading {
  leaf: Leaf
  event: EventReading & { read: NonNullable<EventReading['read']> }
}

/** Whether it says nothing but what the six values say. */
function isPlain(reading: LineReading): reading is PlainReading {
  if (reading.kind !== 'leaf') return false
  const { line, leaf, errors, event, notice, access } = reading
  return leaf?.type === 'event' && event?.hash === leaf.hash && event.read !== null && notice === null && access === null
    && errors.length === 0 && event.errors.length === 0
    && line.erased === undefined && line.key_binding === undefined && line.proof === undefined
}

function rebuild([index, leafHash, hash, received_at, payload, kid]: [number, string, string, string, string, string]): LeafReading {
  const leaf = { type: 'event', hash, received_at } as const
  return {
    kind: 'leaf', line: { index, leaf: formatLeaf(leaf) }, leafHash, leaf, errors: NONE,
    event: { hash, read: { payload, kid, binding: null }, errors: NONE }, notice: null, access: null,
  }
}
