// Which purposes people are asked about. Apart from the schema of a purpose, which no page has to load.

/** Whether people are asked. What does not rest on consent is text, never a checkbox. */
export function isOptional(purpose: { legal_basis: string }): boolean {
  return purpose.legal_basis === 'consent'
}
