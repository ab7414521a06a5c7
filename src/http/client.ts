// Who is at the other end of a request: address and scheme, seen through trusted proxies only. A peer
// that is not in `trusted_proxies` can claim nothing: its forwarding headers are not read.

import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { AppError } from '#kernel/error.ts'

export interface Client {
  /** Canonical; an IPv4 address even where the socket says `::ffff:192.0.2.1`. */
  readonly ip: string
  /** What limits count by: the IPv4 address, or the /64 of an IPv6 one. */
  readonly network: string
  /** The person's connection is encrypted: up to us, or up to a trusted proxy that says so. */
  readonly isSecure: boolean
  /** The socket's own end is a trusted proxy. */
  readonly isProxied: boolean
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Networks whose peers may speak for others. */
export class TrustedProxies {
  readonly #networks: readonly [Address, number][]

  /** `10.0.0.0/8`, `fd00::/8` or a single address. Throws `invalid` for anything else. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map(parseNetwork)
  }

  holds(address: Address): boolean {
    return this.#networks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    )
  }
}

/** Whether an address is one of these, or in one of these networks. */
export function isWithin(ip: string, networks: readonly string[]): boolean {
  const address = parseAddress(ip)
  return address !== undefined && new TrustedProxies(networks).holds(address)
}

const HOPS_MAX = 32

const clients = new WeakMap<IncomingMessage, Client>() // asked for by several rules of one request

export function readClient(incoming: IncomingMessage, trusted: TrustedProxies): Client {
  const known = clients.get(incoming)
  if (known) return known
  const client = judgeClient(incoming, trusted)
  clients.set(incoming, client)
  return client
}

function judgeClient(incoming: IncomingMessage, trusted: TrustedProxies): Client {
  const peer = peerOf(incoming)
  const isEncrypted = (incoming.socket as Partial<TLSSocket>).encrypted === true
  if (!trusted.holds(peer)) return makeClient(peer, isEncrypted, false)
  const chain = String(incoming.headers['x-forwarded-for'] ?? '').split(',')
  const schemes = String(incoming.headers['x-forwarded-proto'] ?? '').split(',')
  const isSecure = schemes[0] === '' ? isEncrypted : schemes.at(-1)!.trim() === 'https'
  return makeClient(rightmostUntrusted(peer, chain, trusted), isSecure, true)
}

/** The socket's own end; what connection limits count. */
export function peerAddress(remoteAddress: string | undefined): Address {
  // A socket that is already gone has no address; nobody reads the answer.
  return parseAddress(remoteAddress ?? '') ?? ipaddr.parse('0.0.0.0')
}

const peers = new WeakMap<object, Address>() // parsed once for a connection, not for each request

function peerOf(incoming: IncomingMessage): Address {
  const known = peers.get(incoming.socket)
  if (known) return known
  const peer = peerAddress(incoming.socket.remoteAddress)
  peers.set(incoming.socket, peer)
  return peer
}

// Each proxy appends the address it was called from, so only the right end is sure. A hop that is no
// address ends the walk: whoever stands left of it wrote the header itself.
function rightmostUntrusted(
  peer: Address,
  chain: readonly string[],
  trusted: TrustedProxies,
): Address {
  let nearest = peer
  for (const hop of chain.slice(-HOPS_MAX).toReversed()) {
    const address = parseAddress(withoutPort(hop.trim()))
    if (!address) break
    nearest = address
    if (!trusted.holds(address)) break
  }
  return nearest
}

function makeClient(address: Address, isSecure: boolean, isProxied: boolean): Client {
  return { ip: address.toString(), network: networkOf(address), isSecure, isProxied }
}

export function networkOf(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  const prefix = (address as ipaddr.IPv6).parts.slice(0, 4)
  return `${prefix.map((part) => part.toString(16)).join(':')}::/64`
}

function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)
  if (bracketed) return bracketed[1]!
  return /^[\d.]+:\d+$/.test(hop) ? hop.slice(0, hop.indexOf(':')) : hop
}

function parseAddress(text: string): Address | undefined {
  const isPlain = text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(text)
  return isPlain && ipaddr.isValid(text) ? ipaddr.process(text) : undefined
}

function parseNetwork(text: string): [Address, number] {
  const address = parseAddress(text)
  if (address) return [address, address.kind() === 'ipv4' ? 32 : 128]
  if (!ipaddr.isValidCIDR(text)) {
    throw new AppError(
      'invalid',
      `trusted_proxies: "${text}" is no address or network (10.0.0.0/8).`,
    )
  }
  return ipaddr.parseCIDR(text)
}
