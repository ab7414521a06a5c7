// What providers tell of themselves, kept for an hour, and their keys, which are asked for again when a
// token names one that is not known: at most once in 30 seconds, whoever sends tokens.

import * as jose from 'jose'
import * as client from 'openid-client'
import { AppError } from '#kernel/error.ts'
import { HOUR, SECOND, type Instant } from '#kernel/time.ts'
import type { OidcProvider } from '#domain/identity/port.ts'
import type { IdentityClients, IdentityFetch } from './clients.ts'
import { ADVICE } from './advice.ts'
import { asRefusal } from './refusal.ts'

export interface OidcServer {
  readonly metadata: client.ServerMetadata
  readonly keys: jose.JWTVerifyGetKey
  readonly fetch: IdentityFetch
}

const KEPT_MAX = 200
const KEPT_MS = HOUR
const ASKED_AGAIN_MS = 30 * SECOND

/** The provider's, and what it was asked with. */
type Place = Pick<OidcProvider, 'id' | 'settings'>

export class OidcServers {
  readonly #clients: IdentityClients
  readonly #kept = new Map<string, { readonly at: Instant; readonly server: OidcServer }>()

  constructor(clients: IdentityClients) {
    this.#clients = clients
  }

  async get(place: Place): Promise<OidcServer> {
    const key = keyOf(place)
    const now = this.#clients.clock.now()
    const known = this.#kept.get(key)
    if (known && Math.abs(now - known.at) < KEPT_MS) return known.server
    const server = await this.ask(place)
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear()
    this.#kept.set(key, { at: now, server })
    return server
  }

  /** Anew, whatever is kept. Throws `upstream` with what is wrong. */
  async ask({ settings: { issuer, ca } }: Place): Promise<OidcServer> {
    const fetch = this.#clients.fetchWith(ca)
    const metadata = await discover(issuer, fetch)
    const { jwks_uri: address } = metadata
    if (address === undefined || metadata.token_endpoint === undefined) {
      throw new AppError('upstream', `${issuer} does not tell where its keys or its tokens are.`)
    }
    const keys = jose.createRemoteJWKSet(new URL(address), {
      cooldownDuration: ASKED_AGAIN_MS,
      cacheMaxAge: KEPT_MS,
      timeoutDuration: 30 * SECOND,
      [jose.customFetch]: (url, { headers, signal }) =>
        fetch(url, { method: 'GET', headers: Object.fromEntries(headers), signal }),
    })
    return { metadata, keys, fetch }
  }
}

async function discover(issuer: string, fetch: IdentityFetch): Promise<client.ServerMetadata> {
  const isPlain = issuer.startsWith('http:')
  try {
    const config = await client.discovery(new URL(issuer), 'discovery', undefined, client.None(), {
      [client.customFetch]: fetch,
      timeout: 30,
      ...(isPlain && { execute: [client.allowInsecureRequests] }),
    })
    return { ...config.serverMetadata() }
  } catch (error) {
    const { code, message, details } = asRefusal(error)
    if (code !== 'unauthenticated') {
      throw new AppError(code, `The provider ${issuer} cannot be asked: ${message}`, {
        cause: error,
        details: { why: message, advice: ADVICE.reach },
      })
    }
    const why = `what ${issuer} tells of itself does not hold: ${String(details['why'])}`
    throw new AppError('upstream', 'The provider cannot be asked. Tell an admin.', {
      cause: error,
      details: {
        why,
        advice: /issuer/i.test(String(details['why'])) ? ADVICE.issuer : ADVICE.discovery,
      },
    })
  }
}

const keyOf = ({ id, settings }: Place) => `${id} ${settings.issuer} ${settings.ca ?? ''}`
