// Sayso in Preact: whether a purpose is allowed, as a signal.
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Sayso } from './sayso.ts'

/** A signal that is true while the purpose is allowed. It follows every change for as long as the page lives. */
export function createAllowed(sayso: Sayso, purposeId: string): ReadonlySignal<boolean> {
  const allowed = signal(sayso.allowed(purposeId))
  sayso.on('change', () => {
    allowed.value = sayso.allowed(purposeId)
  })
  return allowed
}
