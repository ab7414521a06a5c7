// What an adapter calls the outside with: one client per endpoint, made by platform/outbound.ts, which
// holds the address rules, TLS, limits, waits and the circuit breaker. An adapter sees paths and bytes.

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface OutboundCall {
  readonly method: HttpMethod
  /** Joined to the endpoint's base address, or a whole address on the same origin (a `nextLink`). */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /**
   * `read` changes nothing and may be sent again after 429, 502, 503, 504 or a lost connection; `write`
   * is sent once, and an answer that never came is `ambiguous`.
   */
  readonly effect: 'read' | 'write'
  /** From the last byte sent to the first byte received. 30 s when absent. */
  readonly firstByteMs?: number
  /** Refused as `too_large` beyond; at most 64 MiB, which is also the default. */
  readonly bytesMax?: number
  readonly signal: AbortSignal
}

export interface OutboundReply {
  readonly status: number
  /** Names in lower case; what came more than once is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Unpacked; invalid UTF-8 is U+FFFD. */
  readonly text: string
}

export interface OutboundStream {
  readonly status: number
  readonly headers: OutboundReply['headers']
  readonly chunks: AsyncIterable<Buffer>
}

/**
 * Follows no redirect: a 3xx is an answer like any other, and credentials stay at their origin.
 * Throws AppError: `upstream` (no connection, broken answer, open circuit; `details.ambiguous` is true
 * where a write may have arrived), `timeout`, `cancelled`, `too_large`, `forbidden` (an address that no
 * setting may lead to).
 */
export interface OutboundClient {
  send(call: OutboundCall): Promise<OutboundReply>
  /** For answers that are read as they come: exports, rows by the hundred thousand. Never sent again. */
  stream(call: OutboundCall): Promise<OutboundStream>
}
