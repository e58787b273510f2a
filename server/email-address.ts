// E-mail addresses as people type them.

const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~\p{L}\p{N}-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u
const ADDRESS_LIMIT = 254

/** The address without white space at its ends; undefined for what no mail could go to. */
export function readEmail(text: string): string | undefined {
  const address = text.trim()
  return address.length <= ADDRESS_LIMIT && ADDRESS.test(address) ? address : undefined
}

/** The address as a page shows it: `a•••@example.com`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return `${[...address][0] ?? ''}•••${address.slice(at)}`
}
