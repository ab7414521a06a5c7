// A message of the provider itself that somebody's session is over there (OpenID Connect Back-Channel
// Logout 1.0): signed like a token, for us, about a session or a person, and good once.

import type { JWTPayload } from 'jose'
import type { Ended, OidcProvider } from '#domain/identity/port.ts'
import type { Instant } from '#kernel/time.ts'
import type { OidcServer } from './oidc-server.ts'
import { verifySigned } from './oidc-token.ts'
import { asRefusal, refusal } from './refusal.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** How long one may have been on its way. */
const AGE_SECONDS_MAX = 300

/** Throws `unauthenticated`. */
export async function readLogout(
  provider: Pick<OidcProvider, 'settings'>,
  server: OidcServer,
  body: string,
  now: Instant,
): Promise<Ended> {
  const token = new URLSearchParams(body).get('logout_token')
  if (token === null) throw refusal('there is no logout_token')
  try {
    const { claims, typ } = await verifySigned(provider, server, token, now)
    if (typ !== undefined && !/^(application\/)?(logout\+)?jwt$/i.test(typ)) {
      throw refusal(`the token is one of another kind (${typ.slice(0, 30)})`)
    }
    return endedBy(claims, now)
  } catch (error) {
    throw asRefusal(error)
  }
}

function endedBy(claims: JWTPayload, now: Instant): Ended {
  const { jti, iat, sub, sid, events } = claims
  const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT)
  if (!isLogout) throw refusal('the token tells of no logout (events)')
  if (claims['nonce'] !== undefined) throw refusal('the token is one of a sign-in (nonce)')
  if (typeof jti !== 'string' || jti === '') throw refusal('the token has no name of its own (jti)')
  if (iat === undefined || Math.abs(now / 1_000 - iat) > AGE_SECONDS_MAX) {
    throw refusal('the token is too old, or of the future (iat)')
  }
  const session = typeof sid === 'string' && sid !== '' ? sid : null
  const subject = sub !== undefined && sub !== '' ? sub : null
  if (session === null && subject === null) throw refusal('the token names nobody (sub, sid)')
  return { session, subject, id: jti }
}
