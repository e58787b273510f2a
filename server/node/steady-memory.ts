// Keeps the memory of long work steady. V8 doubles the part of the heap for what is soon garbage each time that much
// outlives a collection, which over minutes adds up to all it may have; nothing gets faster by the last doublings.
import { setFlagsFromString } from 'node:v8'

/** Work before this much was read needs the first doublings. */
const WARM_UP_BYTES = 16e6

/** To be told of the bytes that were read; from the sixteenth megabyte on this thread's young generation grows no more. */
export function createMemoryHold(): (bytes: number) => void {
  let read = 0
  return (bytes) => {
    if (read < WARM_UP_BYTES && read + bytes >= WARM_UP_BYTES) setFlagsFromString('--semi-space-growth-factor=1')
    read += bytes
  }
}
