// How somebody comes in: for now by a single-use link of `rulewright demo`. Coming in always makes a
// new session and ends the one the browser had, so that a planted cookie is worth nothing.

import { comeIn } from '#domain/access/arrival.ts'
import type { Factor } from '#domain/access/session.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { visitorCaller } from './caller.ts'
import { readCookie, setCookie } from './cookie.ts'
import type { DemoLinks } from './demo-links.ts'
import type { HttpContext } from './env.ts'
import { homeOf } from './home.ts'
import { goTo } from './respond.tsx'
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
  return enter(c, sessions, userId, ['link'])
}

/**
 * Signs a person in, on a new session and a browser that is remembered, and sends them to `next` or
 * home. `factors` are what they have just proved.
 */
export async function enter(
  c: HttpContext,
  sessions: Sessions,
  userId: UserId,
  factors: readonly Factor[],
  next?: string,
): Promise<Response> {
  const { session: cookie, device } = await comeIn(
    c.var.house,
    sessions,
    visitorCaller(c, userId),
    {
      userId,
      factors,
      userAgent: c.req.header('User-Agent') ?? '',
      ip: c.var.client.ip,
      device: readCookie(c, 'device'),
      before: await sessions.find(readCookie(c, 'session')),
    },
  )
  setCookie(c, 'device', device)
  setCookie(c, 'session', cookie)
  const session = await sessions.find(cookie)
  return goTo(c, next ?? (session ? homeOf(session.person) : '/'))
}
