// What the front door can be told, and the limits nobody needs to turn.

import { SECOND } from '#kernel/time.ts'
import type { TlsSettings } from './tls.ts'

export interface ServerSettings {
  /** `host:port`; an IPv6 address in brackets. Port 0 picks one. */
  readonly listen: string
  /** Origins such as `https://rules.example`; empty for the listen address by name and number. */
  readonly publicUrls: readonly string[]
  /** Undefined for plain http. */
  readonly tls?: TlsSettings | undefined
  /** Plain http on an address others can reach. */
  readonly allowHttp: boolean
  /** Addresses and networks whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[]
  /** Origins of the same site, other than ours, that may send writes. */
  readonly trustedOrigins: readonly string[]
  readonly connectionsMax: number
  /** Sockets one address may hold, or requests under way of one client behind a trusted proxy. */
  readonly connectionsPerClientMax: number
  /** Requests one client may send in the long run; ten times as many at once. */
  readonly requestsPerSecondMax: number
  /** The same of one API or MCP token, and of all tokens of a workspace together. */
  readonly tokenRequestsPerSecondMax: number
  readonly workspaceRequestsPerSecondMax: number
}

/** More header lines than this are refused; browsers and proxies send some thirty. */
export const HEADERS_MAX = 100

/** Options of Node's server. Its defaults wait 60 s for headers and 300 s for a request. */
export const NODE_LIMITS = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 30 * SECOND,
  // Longer than the 60 s after which common proxies drop an idle connection: ours must not be the
  // side that closes under a request just sent.
  keepAliveTimeout: 65 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
  maxHeaderSize: 16 * 1024,
  // Refused by host.ts instead, with the headers of every answer.
  requireHostHeader: false,
} as const

/** How long a stop waits for answers under way. */
export const DRAIN_MS = 25 * SECOND
