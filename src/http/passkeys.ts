// What the routes of passkeys share: who we are to the browser, and what a challenge is bound to before
// anybody is signed in.

import type { ChallengeUse } from '#domain/access/challenge.ts'
import type { RelyingParty } from '#domain/access/webauthn.ts'
import { AppError } from '#kernel/error.ts'
import { readCookie, setCookie } from './cookie.ts'
import type { HttpContext } from './env.ts'

/**
 * By the Host of this request, which was judged to be one of ours. Throws `unsupported` for a number:
 * browsers make passkeys for names only.
 */
export function relyingPartyOf(c: HttpContext): RelyingParty {
  const host = c.req.header('Host') ?? ''
  const origin = `${c.var.client.isSecure ? 'https' : 'http'}://${host}`
  const { hostname: id } = new URL(origin)
  if (/^[\d.]+$|^\[/.test(id)) {
    throw new AppError('unsupported', 'Passkeys need a host name; this address is a number.')
  }
  return { id, origin }
}

/** Binds a sign-in to this browser by a cookie, which is set when there is none. */
export function useOfVisit(c: HttpContext): ChallengeUse {
  const known = readCookie(c, 'visit')
  if (known !== undefined) return { purpose: 'sign-in', boundTo: known }
  const fresh = c.var.house.random(32).toString('base64url')
  setCookie(c, 'visit', fresh)
  return { purpose: 'sign-in', boundTo: fresh }
}
