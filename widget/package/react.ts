// Sayso in React: whether a purpose is allowed, kept up to date.
import { useSyncExternalStore } from 'react'
import type { Sayso } from './sayso.ts'

/** Whether the purpose is allowed; false until Sayso has started, and on the server. */
export function useAllowed(sayso: Sayso | undefined, purposeId: string): boolean {
  return useSyncExternalStore(
    (onChange) => sayso?.on('change', onChange) ?? (() => {}),
    () => sayso?.allowed(purposeId) ?? false,
    () => false,
  )
}
