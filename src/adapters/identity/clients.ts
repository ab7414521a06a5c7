// How identity providers are asked: one client for each origin, with the house's limits and the operator's
// word about private addresses, in the shape of fetch that the protocol's library wants.

import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { SECOND, type Clock } from '#kernel/time.ts'
import { Gate } from '#platform/outbound-gate.ts'
import {
  createOutboundClient,
  type OutboundOptions,
  type OwnedOutboundClient,
} from '#platform/outbound.ts'

export interface IdentityParts {
  readonly clock: Clock
  readonly random: (bytes: number) => Buffer
  readonly log: OutboundOptions['log']
  /** Private places that the operator opens. */
  readonly allow: readonly string[]
}

interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

export type IdentityFetch = (url: string, asked: Asked) => Promise<Response>

const KEPT_MAX = 200
/** Of all providers together: somebody waits at a page for each. */
const AT_ONCE = 16
const ANSWER_MS = 10 * SECOND
/** The longest that a provider tells about itself, its keys or a person is some 100 kB. */
const ANSWER_BYTES_MAX = 1024 * 1024

export class IdentityClients {
  readonly #parts: IdentityParts
  readonly #gate = new Gate(AT_ONCE)
  readonly #kept = new Map<string, OwnedOutboundClient>()

  constructor(parts: IdentityParts) {
    this.#parts = parts
  }

  get clock(): Clock {
    return this.#parts.clock
  }

  get random(): IdentityParts['random'] {
    return this.#parts.random
  }

  /** `ca` stands for the machine's authorities. Redirects are answers. */
  fetchWith(ca: string | null): IdentityFetch {
    return async (url, { method, headers, body, signal }) => {
      const {
        status,
        headers: told,
        text,
      } = await this.#client(url, ca).send({
        method: method === 'POST' ? 'POST' : 'GET',
        path: url,
        headers,
        ...(body !== undefined && body !== null && { body: textOf(body) }),
        effect: method === 'POST' ? 'write' : 'read',
        firstByteMs: ANSWER_MS,
        bytesMax: ANSWER_BYTES_MAX,
        signal: signal ?? AbortSignal.timeout(3 * ANSWER_MS),
      })
      const type = told['content-type']
      const { date } = told
      const empty = status === 204 || status === 304
      return new Response(empty ? null : text, {
        status,
        headers: {
          'content-type': typeof type === 'string' ? type : '',
          ...(typeof date === 'string' && { date }),
        },
      })
    }
  }

  close(): void {
    for (const client of this.#kept.values()) client.close()
    this.#kept.clear()
  }

  #client(url: string, ca: string | null): OwnedOutboundClient {
    const { origin } = new URL(url)
    const key = `${origin} ${ca === null ? '' : sha256Hex(ca)}`
    const known = this.#kept.get(key)
    if (known) return known
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    const client = createOutboundClient({
      ...this.#parts,
      base: new URL(origin),
      gate: this.#gate,
      ...(ca !== null && { ca }),
    })
    this.#kept.set(key, client)
    return client
  }
}

function textOf(body: unknown): string {
  if (body instanceof URLSearchParams || typeof body === 'string') return body.toString()
  throw new AppError('unsupported', 'A provider is sent texts only.')
}
