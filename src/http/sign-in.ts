// How somebody comes in: for now by a single-use link of `rulewright demo`. Coming in always makes a
// new session and ends the one the browser had, so that a planted cookie is worth nothing.

import type { Sessions } from '#domain/access/sessions.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { visitorCaller } from './caller.ts'
import { readSessionCookie, setSessionCookie } from './cookie.ts'
import type { DemoLinks } from './demo-links.ts'
import type { HttpContext } from './env.ts'
import { homeOf } from './home.ts'
import { publicRoute, type Route } from './routes.ts'

export interface SignInParts {
  readonly sessions: Sessions
  readonly demoLinks: DemoLinks
}

export function signInRoutes(parts: SignInParts): readonly Route[] {
  return [
    // A link from a terminal must work with one click, so this GET acts: it is spent by that.
    publicRoute('GET', '/demo/:token', (c) => redeemLink(c, parts)),
  ]
}

async function redeemLink(c: HttpContext, { sessions, demoLinks }: SignInParts): Promise<Response> {
  // A chat program that looks the link up must not spend it.
  if (c.req.method === 'HEAD') return c.body(null, 204)
  const userId = demoLinks.redeem(c.req.param('token') ?? '')
  if (!userId) {
    throw new AppError('forbidden', 'This link was used already, or it is from another run.')
  }
  return enter(c, sessions, userId)
}

/** Signs a person in and sends them home. */
export async function enter(c: HttpContext, sessions: Sessions, userId: UserId): Promise<Response> {
  const caller = visitorCaller(c, userId)
  const before = await sessions.find(readSessionCookie(c))
  if (before) await sessions.revoke(caller, before)
  const userAgent = c.req.header('User-Agent') ?? ''
  const { ip } = c.var.client
  const cookie = await sessions.start(caller, { userId, factors: ['link'], userAgent, ip })
  setSessionCookie(c, cookie)
  const session = await sessions.find(cookie)
  return c.redirect(session ? homeOf(session.person) : '/', 303)
}
