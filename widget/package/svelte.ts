// Sayso in Svelte: whether a purpose is allowed, as a store (`$allowed`). Svelte's store contract needs nothing of Svelte.
import type { Sayso } from './sayso.ts'

/** What Svelte asks of a store that can be read. */
export interface Readable {
  subscribe: (run: (value: boolean) => void) => () => void
}

/** A store that is true while the purpose is allowed. */
export function createAllowed(sayso: Sayso, purposeId: string): Readable {
  return {
    subscribe(run) {
      run(sayso.allowed(purposeId))
      return sayso.on('change', () => run(sayso.allowed(purposeId)))
    },
  }
}
