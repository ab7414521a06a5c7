// Which names this server answers to. Links, origins and cookies are built from the configured public
// addresses, never from what a request claims; a request for any other name is refused, which also
// ends DNS rebinding.

import type { IncomingMessage } from 'node:http'
import { networkInterfaces, hostname as machineName } from 'node:os'
import { AppError } from '#kernel/error.ts'
import { RequestRefusal } from './error.ts'

export class PublicUrls {
  /** Host, with port where it is not the scheme's own, to the schemes it is served under. */
  readonly #schemes = new Map<string, Set<string>>()
  readonly origins: ReadonlySet<string>
  /** For links that are made without a request: the first that was configured. */
  readonly first: string

  /** Origins such as `https://rules.example`. Throws `invalid` for anything with a path. */
  constructor(urls: readonly string[]) {
    const origins = urls.map(parseOrigin)
    for (const { host, protocol } of origins) {
      const schemes = this.#schemes.get(host) ?? new Set()
      this.#schemes.set(host, schemes.add(protocol))
    }
    this.origins = new Set(origins.map((url) => url.origin))
    this.first = origins[0]!.origin
  }

  /** The configured origin that a Host header names. Throws 400 for nonsense, 421 for a stranger. */
  originOf(host: string, isSecure: boolean): string {
    const scheme = isSecure ? 'https:' : 'http:'
    const wanted = normalHost(host, scheme)
    const schemes = this.#schemes.get(wanted)
    if (!schemes) {
      throw new RequestRefusal(
        421,
        'invalid',
        'This server does not answer to that host name. Whoever runs it can add it to server.public_urls.',
      )
    }
    if (!schemes.has(scheme)) {
      throw new RequestRefusal(
        421,
        'invalid',
        `This host is served over ${isSecure ? 'http' : 'https'}. Behind a proxy: list it in proxy.trusted_proxies and let it send X-Forwarded-Proto.`,
      )
    }
    return `${scheme}//${wanted}`
  }
}

/** What a server answers to when `public_urls` is not set: its own address, by name and number. */
export function ownUrls(scheme: 'http' | 'https', address: string, port: number): string[] {
  const isWildcard = address === '0.0.0.0' || address === '::'
  const isLoopback = /^(127\.|::1$|localhost$)/.test(address)
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const numbers = isWildcard ? interfaces.map((one) => one.address) : [address]
  const names = isWildcard ? ['localhost', machineName()] : isLoopback ? ['localhost'] : []
  const hosts = [...names, ...numbers.filter((number) => !number.includes('%'))]
  return [...new Set(hosts.map((host) => `${scheme}://${bracketed(host)}:${port}`))]
}

/**
 * The path and query of a request, whose Host is in order: exactly one, and the same as that of an
 * absolute request target (RFC 9112 section 3.2). Throws 400 or 421.
 */
export function requestTarget(incoming: IncomingMessage): { host: string; target: string } {
  const hosts = valuesOf(incoming.rawHeaders, 'host')
  if (hosts.length > 1) throw badRequest('A request has one Host header.')
  const isRequired = incoming.httpVersion !== '1.0'
  if (isRequired && hosts.length === 0) throw badRequest('A request has a Host header.')
  const host = hosts[0] ?? ''
  const target = incoming.url ?? ''
  if (BACKSLASH.test(target)) throw badRequest('A path has no backslash.')
  if (target.startsWith('/')) return { host, target }
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw badRequest('The request target is no path.')
  if (normalHost(host, url.protocol) !== url.host) {
    throw new RequestRefusal(421, 'invalid', 'The request target and its Host header disagree.')
  }
  return { host, target: url.pathname + url.search }
}

// Browsers and URL parsers take it for a slash, proxies do not.
const BACKSLASH = /^[^?]*\\/

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name,
  )
}

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?$/i

// As URL writes it: lower case, no default port, no trailing dot.
function normalHost(host: string, scheme: string): string {
  const match = HOST.exec(host)
  const name = match?.[1]!.replace(/\.$/, '')
  const url = `${scheme}//${name}${match?.[2] ?? ''}`
  if (!match || !URL.canParse(url)) throw badRequest('The Host header is missing or malformed.')
  return new URL(url).host
}

function badRequest(message: string): RequestRefusal {
  return new RequestRefusal(400, 'invalid', message)
}

function parseOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isOrigin = url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
  if (!isOrigin) {
    throw new AppError(
      'invalid',
      `server.public_urls: "${text}" is no address like https://rules.example.`,
    )
  }
  return url
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
