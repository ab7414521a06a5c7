// Where the product may connect to. Addresses of machines' own metadata services and other places of
// no use are closed for good; loopback and private networks open only where the operator's list names
// them, because whoever may add a target must not reach into the network behind this machine.

import ipaddr from 'ipaddr.js'
import { AppError } from '#kernel/error.ts'
import { NETWORK, parseHostPort } from './config/rules.ts'
import type { TextRule } from './config/setting.ts'

/** An entry of the operator's list: a network, or a name or address with or without a port. */
export const ALLOWED_PLACE: TextRule = {
  isValid: (text) => NETWORK.isValid(text) || readEntry(text) !== undefined,
  expected: 'networks, addresses or names such as "10.0.0.0/8" or "siem.example.com:8089"',
}

export interface Destination {
  /** As the address names it: a name, or an address without brackets. */
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

/** Public metadata services, and those that hide among addresses that may be allowed. */
const METADATA = new Set([
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // AWS
  'fd20:ce::254', // Google
])

const NEEDS_WORD = new Set(['loopback', 'private', 'carrierGradeNat', 'uniqueLocal'])

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Throws `forbidden` for an address that the operator's word does not open, or that no word opens. */
export function judgeAddress(
  address: string,
  { host, port, isTls }: Destination,
  allow: readonly string[],
): void {
  const kind = kindOf(address)
  if (kind === 'closed') {
    throw refusal(`${host} leads to ${address}, where nothing may connect.`)
  }
  const isNamed = allow.some((entry) => covers(entry, { host, port, address }))
  if (kind === 'inner' && !isNamed) {
    throw refusal(
      `${host} leads to ${address}, a private address. Whoever runs this server can open it: add it to allow in the section [outbound] of the settings.`,
    )
  }
  if (!isTls && kind === 'public' && !isNamed) {
    throw refusal(`${host} would be asked over the public network without encryption. Use https.`)
  }
}

/** Told apart from a target that refuses: nobody was asked. */
function refusal(message: string): AppError {
  return new AppError('forbidden', message, { details: { isAddress: true } })
}

function kindOf(address: string): 'public' | 'inner' | 'closed' {
  if (!isAddress(address)) return 'closed'
  const parsed = ipaddr.process(address)
  if (METADATA.has(parsed.toString())) return 'closed'
  const range = parsed.range()
  if (NEEDS_WORD.has(range)) return 'inner'
  if (range !== 'unicast') return 'closed'
  // What lies outside 2000::/3 embeds or translates other addresses (`::7f00:1`).
  const isOdd = parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST)
  return isOdd ? 'closed' : 'public'
}

function covers(
  entry: string,
  { host, port, address }: Omit<Destination, 'isTls'> & { readonly address: string },
): boolean {
  if (NETWORK.isValid(entry)) {
    const [base, bits] = entry.includes('/')
      ? ipaddr.parseCIDR(entry)
      : ([ipaddr.parse(entry), undefined] as const)
    const found = ipaddr.process(address)
    if (found.kind() !== base.kind()) return false
    return found.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128))
  }
  const named = readEntry(entry)
  if (named === undefined || (named.port !== undefined && named.port !== port)) return false
  return [host.toLowerCase(), address].includes(named.host.toLowerCase())
}

function readEntry(text: string): { host: string; port: number | undefined } | undefined {
  const whole = parseHostPort(text)
  if (whole !== undefined) return whole
  const bare = parseHostPort(`${text}:1`)
  return bare && { host: bare.host, port: undefined }
}

/** Whether it is an address, not a name. */
export function isAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host)
}
