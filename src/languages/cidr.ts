// IP addresses and networks of both families, compared as numbers. Only the canonical spellings are
// addresses: no octal, no missing parts, no zone, because logs and rules that mean others are mistakes.

export interface Network {
  readonly family: 4 | 6
  readonly address: bigint
  readonly prefixLength: number
}

/** Undefined when `text` is no network. A bare address is the network of itself. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const host = slash < 0 ? text : text.slice(0, slash)
  const parsed = parseAddress(host)
  if (!parsed) return undefined
  const bits = bitsOf(parsed.family)
  if (slash < 0) return { ...parsed, prefixLength: bits }
  const length = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined
  return { ...parsed, prefixLength: Number(length) }
}

export function isInNetwork(text: string, network: Network): boolean {
  const address = parseAddress(text)
  if (!address || address.family !== network.family) return false
  const shift = BigInt(bitsOf(network.family) - network.prefixLength)
  return address.address >> shift === network.address >> shift
}

/** `10.1.2.3/8` says less than it seems to: only the first eight bits count. */
export function hasHostBits(network: Network): boolean {
  const shift = BigInt(bitsOf(network.family) - network.prefixLength)
  return (network.address >> shift) << shift !== network.address
}

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

export function parseAddress(text: string): Pick<Network, 'family' | 'address'> | undefined {
  if (text.includes(':')) {
    const address = parseV6(text)
    return address === undefined ? undefined : fromMapped(address)
  }
  const address = parseV4(text)
  return address === undefined ? undefined : { family: 4, address }
}

/** `::ffff:10.0.0.1` is how dual-stack sockets log the IPv4 address 10.0.0.1. */
function fromMapped(address: bigint): Pick<Network, 'family' | 'address'> {
  if (address >> 32n === 0xffffn) return { family: 4, address: address & 0xffff_ffffn }
  return { family: 6, address }
}

/** IPv6 in full: eight groups without leading zeros. */
export function formatAddress(family: 4 | 6, address: bigint): string {
  const [parts, bits, radix] = family === 4 ? [4, 8n, 10] : [8, 16n, 16]
  const mask = (1n << bits) - 1n
  const groups = Array.from({ length: parts }, (_, at) => (address >> (bits * BigInt(at))) & mask)
  return groups
    .toReversed()
    .map((group) => group.toString(radix))
    .join(family === 4 ? '.' : ':')
}

function parseV4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return undefined
  let address = 0
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    address = address * 256 + Number(part)
  }
  return BigInt(address)
}

function parseV6(text: string): bigint | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupsOf)
  if (!head || (halves.length === 2 && !tail)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<number>(Math.max(0, missing)).fill(0), ...(tail ?? [])]
  return groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n)
}

function groupsOf(half: string): number[] | undefined {
  if (half === '') return []
  const groups: number[] = []
  const parts = half.split(':')
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else {
      return undefined
    }
  }
  return groups
}
