// Tokens that a provider signed: the algorithms we name, its own keys and no others, and the hashes that
// bind a token to what came beside it.

import { createHash, timingSafeEqual } from 'node:crypto'
import * as jose from 'jose'
import type { OidcProvider } from '#domain/identity/port.ts'
import type { Instant } from '#kernel/time.ts'
import type { OidcServer } from './oidc-server.ts'
import { ADVICE } from './advice.ts'
import { refusal } from './refusal.ts'

/** Signatures by a key pair only: nobody who knows the client secret makes a token. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] // prettier-ignore

const SKEW_SECONDS = 60
const SUBJECT_CHARACTERS_MAX = 255

export interface VerifiedToken {
  readonly alg: string
  readonly claims: jose.JWTPayload & { readonly sub: string }
}

/** Of this provider, for us, in time; throws what jose throws. */
export async function verifySigned(
  { settings }: Pick<OidcProvider, 'settings'>,
  { metadata, keys }: Pick<OidcServer, 'metadata' | 'keys'>,
  token: string,
  now: Instant,
): Promise<{ alg: string; typ: string | undefined; claims: jose.JWTPayload }> {
  const { payload, protectedHeader } = await jose.jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer: metadata.issuer,
    audience: settings.clientId,
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
    requiredClaims: ['iat'],
  })
  const { alg, typ } = protectedHeader
  return { alg, typ, claims: payload }
}

/** An ID token. Throws `unauthenticated`, and what jose throws. */
export async function verifyToken(
  provider: Pick<OidcProvider, 'settings'>,
  server: Pick<OidcServer, 'metadata' | 'keys'>,
  token: string,
  now: Instant,
): Promise<VerifiedToken> {
  const { alg, claims } = await verifySigned(provider, server, token, now)
  const { sub, exp, azp, iat = 0 } = claims
  if (azp !== undefined && azp !== provider.settings.clientId) {
    throw refusal('the token was made for another program (azp)', undefined, ADVICE.audience)
  }
  if (exp === undefined) throw refusal('the token never ends (exp)')
  if (sub === undefined || sub === '' || sub.length > SUBJECT_CHARACTERS_MAX) {
    throw refusal('the token names nobody (sub)')
  }
  if (iat * 1_000 > now + SKEW_SECONDS * 1_000) {
    throw refusal(
      'the token was made in the future (iat): look at the clocks of both machines',
      undefined,
      ADVICE.clock,
    )
  }
  return { alg, claims: { ...claims, sub } }
}

/** OpenID Connect Core 3.1.3.8 and 3.3.2.11. Each is checked where it is there. */
export function checkHashes(
  alg: string,
  claims: jose.JWTPayload,
  hashed: Readonly<Record<'at_hash' | 'c_hash', string>>,
): void {
  for (const name of ['at_hash', 'c_hash'] as const) {
    const told = claims[name]
    if (told === undefined) continue
    const digest = createHash(digestOf(alg)).update(hashed[name]).digest()
    const expected = Buffer.from(digest.subarray(0, digest.length / 2).toString('base64url'))
    const given = Buffer.from(typeof told === 'string' ? told : '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refusal(`the token belongs to another answer (${name})`)
    }
  }
}

function digestOf(alg: string): string {
  if (alg === 'EdDSA' || alg === 'Ed25519') return 'sha512'
  return `sha${alg.slice(2)}`
}
