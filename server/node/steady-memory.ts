// Keeps the memory of long work steady: an audit of hours should need no more than one of seconds. Left alone, V8 lets
// the part of the heap for what is soon garbage double again and again, and puts off collecting the rest, with the
// buffers that hang on it, until that has grown to many times its size.
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How often it is looked. */
const INTERVAL_BYTES = 1e6
/** The young generation grows to this and no further; nothing gets faster by more. */
const YOUNG_BYTES = 16e6
/** So much more than what the last full collection left, and there is another. */
const GROWTH_BYTES = 32e6

/** Collects this thread's heap in full. */
type Collect = () => void

function openCollector(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect
}

/** Bytes in the heap, and outside of it but owned from there. */
function countUsed(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** To be told of the bytes that were read, in pieces; looks after this thread's heap every now and then. */
export function createMemoryHold(): (bytes: number) => void {
  const collect = openCollector()
  let since = 0
  let left = countUsed()
  return (bytes) => {
    since += bytes
    if (since < INTERVAL_BYTES) return
    since = 0
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!
    // After a full collection it starts small, and kept there it would pass its garbage on to the old generation.
    setFlagsFromString(`--semi-space-growth-factor=${young.space_size < YOUNG_BYTES ? 2 : 1}`)
    if (countUsed() < left + GROWTH_BYTES) return
    collect()
    left = countUsed()
  }
}
