// The flag in the cookie of the choice: what of it the service does not have yet, and whether traces are to be looked
// for once more. Writing it leaves the choice, and the time until which it is kept, as they were.
import { AGE_MS, readChoice } from './choice.ts'

/** `-` the outbox holds something, empty: the service has all. */
export type Flag = '' | '-'

/** Writes another flag into the cookie. A cookie with neither a choice nor a flag goes. */
export function writeFlag(key: string, undecided: string, flag: Flag): void {
  const [letters, timeText, old = ''] = readChoice(key, undecided)
  const timeMs = timeText ? Number(timeText) : Date.now()
  if (flag === old) return
  const isNeeded = flag !== '' || letters !== undecided
  const ageSeconds = isNeeded ? Math.floor((timeMs + AGE_MS - Date.now()) / 1000) : 0
  const secure = location.protocol === 'https:' ? ';Secure' : ''
  try {
    document.cookie = `sayso=${key}.${letters}.${timeMs}.${flag};Path=/;SameSite=Lax;Max-Age=${ageSeconds}${secure}`
  } catch {
    // Without cookies there is nothing to remember across pages.
  }
}

/** Forgets the choice. */
export function clearCookie(): void {
  try {
    document.cookie = 'sayso=;Path=/;Max-Age=0'
  } catch {
    // Nothing was kept.
  }
}
