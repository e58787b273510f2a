// What signals have in common: whether something is granted in another protocol, and when that is to be said.
import type { Meanings } from '../core/signals.ts'

/** Whether a purpose is granted. */
export type IsAllowed = (purposeId: string) => boolean

/** Whether the purpose that stands for `name` is granted; never where none does. */
export function isMeant(meanings: Meanings, name: string, isAllowed: IsAllowed): boolean {
  const meaning = meanings[name]
  return meaning === 'necessary' || meaning !== undefined && isAllowed(meaning)
}

/** Whether something holds that is not the default of a visitor who was not asked yet. */
export const isDecided = (letters: string): boolean => /[grwo]/.test(letters)

const MOMENTS = ['DOMContentLoaded', 'load', 'sayso:change']

/** Runs `apply` with a global as soon as the page has it, at the latest when the page is loaded: pixels define theirs when they are loaded. */
export function withGlobal<T>(name: string, apply: (value: T) => void): void {
  const look = () => {
    const value = (window as unknown as Record<string, T | undefined>)[name]
    if (value === undefined) return
    stop()
    apply(value)
  }
  const stop = () => {
    for (const type of MOMENTS) window.removeEventListener(type, look, true)
  }
  // In the capturing phase, in which window hears of what happens on the document.
  for (const type of MOMENTS) window.addEventListener(type, look, true)
  look()
}
