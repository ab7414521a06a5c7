// How somebody comes in, whatever they proved: a new session, a browser that is remembered, home. And
// the single-use links of `rulewright demo`.

import { comeIn } from '#domain/access/arrival.ts'
import type { Attempt } from '#domain/access/attempts.ts'
import { Challenges } from '#domain/access/challenge.ts'
import { PendingSignIns } from '#domain/access/pending.ts'
import type { Factor } from '#domain/access/session.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { visitorCaller } from './caller.ts'
import { readCookie, setCookie } from './cookie.ts'
import { DemoLinks } from './demo-links.ts'
import type { HttpContext } from './env.ts'
import { homeOf } from './home.ts'
import { goTo } from './respond.tsx'
import { publicRoute, type Route } from './routes.ts'

/** What the steps of signing in share. All but the sessions is in memory. */
export interface SignInParts {
  readonly sessions: Sessions
  readonly demoLinks: DemoLinks
  readonly pending: PendingSignIns
  readonly challenges: Challenges
}

export function makeSignInParts(
  random: (bytes: number) => Buffer,
  sessions: Sessions,
): SignInParts {
  const demoLinks = new DemoLinks({ random })
  const pending = new PendingSignIns({ random })
  return { sessions, demoLinks, pending, challenges: new Challenges({ random }) }
}

/** When the clock fell back: what was begun before is over. */
export function clearSignIns({ demoLinks, pending, challenges }: SignInParts): void {
  demoLinks.clear()
  pending.clear()
  challenges.clear()
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
 * home. `factors` are what they have just proved; `attempt` is forgiven.
 */
export async function enter(
  c: HttpContext,
  sessions: Sessions,
  userId: UserId,
  factors: readonly Factor[],
  more: { readonly next?: string | undefined; readonly attempt?: Attempt | undefined } = {},
): Promise<Response> {
  const caller = visitorCaller(c, userId)
  const { session: cookie, device } = await comeIn(c.var.house, sessions, caller, {
    userId,
    factors,
    userAgent: c.req.header('User-Agent') ?? '',
    ip: c.var.client.ip,
    device: readCookie(c, 'device'),
    before: await sessions.find(readCookie(c, 'session')),
    attempt: more.attempt,
  })
  setCookie(c, 'device', device)
  setCookie(c, 'session', cookie)
  const session = await sessions.find(cookie)
  return goTo(c, more.next ?? (session ? homeOf(session.person) : '/'))
}

/** What to say to somebody who must wait, with the headers that say it to programs. Throws the rest. */
export function waitOf(
  c: HttpContext,
  error: unknown,
): { readonly status: 429 | 503; readonly message: string } {
  const isWait =
    error instanceof AppError && (error.code === 'rate_limited' || error.code === 'busy')
  if (!isWait) throw error
  const seconds = String(error.retryAfterSeconds ?? 1)
  c.header('Retry-After', seconds)
  if (error.code === 'busy') return { status: 503, message: error.message }
  c.header('RateLimit-Limit', String(error.details['limit']))
  c.header('RateLimit-Remaining', '0')
  c.header('RateLimit-Reset', seconds)
  return { status: 429, message: error.message }
}
