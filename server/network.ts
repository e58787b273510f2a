// Whom an IP address stands for where something is counted: one subscriber has an IPv4 address, or a whole IPv6 network of
// 64 bits (RFC 6177), whose addresses cost nothing.

const GROUPS = 8
const NETWORK_GROUPS = 4

/** The address, or of an IPv6 address its network: `2001:db8:0:1`. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.split('%')[0]!.toLowerCase().split('::')
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]]
  const gap = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length)
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after]
  return groups.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, '')).join(':')
}
