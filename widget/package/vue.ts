// Sayso in Vue: whether a purpose is allowed, as a ref.
import { onScopeDispose, type Ref, readonly, ref } from 'vue'
import type { Sayso } from './sayso.ts'

/** A ref that is true while the purpose is allowed; it ends with the component. */
export function useAllowed(sayso: Sayso, purposeId: string): Readonly<Ref<boolean>> {
  const allowed = ref(sayso.allowed(purposeId))
  onScopeDispose(sayso.on('change', () => {
    allowed.value = sayso.allowed(purposeId)
  }))
  return readonly(allowed)
}
