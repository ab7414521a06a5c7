// What every way to a provider shares: where it comes back to, the cookie that binds it to the browser, and
// an address that came from outside.

import { beginWay, type NewWay } from '#domain/identity/ways.ts'
import { forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type ProviderId } from '#kernel/id.ts'
import { strangerCaller } from './caller.ts'
import { setCookie } from './cookie.ts'
import type { HttpContext } from './env.ts'

/** Where a provider sends people back to; registered there to the letter. */
export function callbackUrl(c: HttpContext, id: ProviderId): string {
  return `${c.var.publicUrl}/sign-in/with/${id}/callback`
}

/** What a provider is told of us. */
export function addressesOf(c: HttpContext, id: ProviderId) {
  const callback = callbackUrl(c, id)
  return {
    callback,
    metadata: callback.replace(/callback$/, 'metadata'),
    logout: callback.replace(/callback$/, 'logout'),
    signedOut: `${c.var.publicUrl}/sign-in`,
  }
}

/** Throws `forbidden`, the same as for one that is not there. */
export function providerIdOf(c: HttpContext): ProviderId {
  const id = c.req.param('id')
  if (!isId(ID_PREFIXES.provider, id)) throw forbidden()
  return id
}

/** The same page under the address that the way comes back to: cookies know one host only. */
function otherHost(c: HttpContext): string | undefined {
  const { pathname, search, host } = new URL(c.req.url)
  const main = new URL(c.var.publicUrl)
  return host === main.host ? undefined : `${main.origin}${pathname}${search}`
}

/** Sends the browser to the provider, bound to it by a fresh cookie. */
export async function beginFor(
  c: HttpContext,
  id: ProviderId,
  way: Pick<NewWay, 'purpose' | 'next'>,
): Promise<Response> {
  const elsewhere = otherHost(c)
  if (elsewhere !== undefined) return c.redirect(elsewhere, 303)
  const browser = c.var.house.random(32).toString('base64url')
  const sessionId = way.purpose === 'sign_in' ? null : c.var.session!.id
  const redirectUri = callbackUrl(c, id)
  const url = await beginWay(c.var.house, strangerCaller(c), id, {
    ...way,
    browser,
    sessionId,
    hint: null,
    redirectUri,
  })
  setCookie(c, 'sso', browser)
  return c.redirect(url, 303)
}
