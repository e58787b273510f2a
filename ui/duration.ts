// A validity in words, without i18next, so that the widget can use it too.

const UNITS = { Y: 'year', M: 'month', W: 'week', D: 'day' } as const

/** `183 days` of `P183D`, `1 year, 6 months` of `P1Y6M`, in the words of `language` (BCP 47). */
export function formatDuration(duration: string, language: string): string {
  const parts = [...duration.matchAll(/(\d+)([YMWD])/g)].map(([, count, letter]) =>
    new Intl.NumberFormat(language, { style: 'unit', unit: UNITS[letter as keyof typeof UNITS], unitDisplay: 'long', numberingSystem: 'latn' }).format(Number(count)))
  return new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(parts)
}
