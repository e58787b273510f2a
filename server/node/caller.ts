// Whose address a request comes from. A connection from a proxy that the operator named says it in X-Forwarded-For, read from
// its end up to the first address that is no such proxy; whatever stands before that, anybody can have written.
import { BlockList, isIP } from 'node:net'

/** The caller's address; undefined where there is no connection. */
export type FindCaller = (connection: string | undefined, forwardedFor: string | undefined) => string | undefined

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** The list of addresses and networks (CIDR) with commas or white space between; undefined where one is neither. */
export function parseProxies(text: string): BlockList | undefined {
  const list = new BlockList()
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [address = '', prefix, ...more] = entry.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    if (isIP(address) === 0 || more.length > 0) return undefined
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= most) list.addSubnet(address, Number(prefix), familyOf(address))
    else return undefined
  }
  return list
}

/** Finds callers behind these proxies; without any, no header is believed. */
export function createFindCaller(proxies: BlockList = new BlockList()): FindCaller {
  const isProxy = (address: string) => proxies.check(address, familyOf(address))
  return (connection, forwardedFor) => {
    let caller = connection?.replace(IPV4_IN_IPV6, '')
    const before = (forwardedFor ?? '').split(',').map((part) => part.trim().replace(IPV4_IN_IPV6, '')).reverse()
    for (const address of before) {
      if (caller === undefined || !isProxy(caller) || isIP(address) === 0) break
      caller = address
    }
    return caller
  }
}
