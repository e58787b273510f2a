// JSON on pages of others: old libraries (Prototype.js up to 1.6) gave arrays and objects a `toJSON` that writes them as text.

/** As JSON.stringify writes plain values, whatever toJSON a page has given to all arrays or objects. */
export function writeJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((member) => writeJson(member)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join()}}`
}
