// Points in time and durations as they are written: RFC 3339 in UTC with three decimals, ISO 8601 durations.

/** `2026-11-21T10:15:30.123Z` of milliseconds since 1970. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** Whether a text is a point in time in exactly our spelling. */
export function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false
  // What a month or a day does not have becomes the next day; everything else that is too large is no time at all.
  return new Date(text).getUTCDate() === Number(text.slice(8, 10))
}

const DURATION = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/

/** Whether a text is an ISO 8601 duration of whole years, months, weeks or days, longer than nothing. */
export function isDuration(text: string): boolean {
  return DURATION.test(text) && /[1-9]/.test(text)
}

/** Milliseconds since 1970 of a point in time plus a duration (calendar years and months, in UTC). */
export function addDuration(timeMs: number, duration: string): number {
  const [, years = 0, months = 0, weeks = 0, days = 0] = (DURATION.exec(duration) ?? []).map((part) => Number(part ?? 0))
  const date = new Date(timeMs)
  const dayOfMonth = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + years * 12 + months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(dayOfMonth, lastDay) + weeks * 7 + days)
  return date.getTime()
}
