// The finished strings that ui's components take: the `widget` and `notice` parts of a locale, in one flat record.
// The widget gets them in its configuration, the pages from preference-center/wording.ts.

/** Words by key: `recipients`, `kept`, `collected`, … */
export type Words = Readonly<Record<string, string>>

/** A finished string with its {{placeholders}} filled in. */
export function fillIn(text: string | undefined, values: Readonly<Record<string, string>>): string {
  return (text ?? '').replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}
