// What stands between a matched route and its handler: the body's cap, the session or token, where a
// write came from, the verb the route declares, and a fresh proof of who it is where it asks for one.
// Actions check the verb again; this is the outer wall, and it makes the printed table of routes true.

import type { MiddlewareHandler } from 'hono'
import type { Verb } from '#domain/access/permission.ts'
import { findSecondFactors, hasSecondFactor } from '#domain/access/factors.ts'
import {
  hasProvedLately,
  hasProvedSecond,
  STEP_UP_MS,
  type Session,
} from '#domain/access/session.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { SECOND } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { capBody } from './body.ts'
import { admitToken, type BearerParts } from './bearer.ts'
import { callerOf, instanceCaller, workspaceCaller } from './caller.ts'
import { readCookie } from './cookie.ts'
import { refuseForeignWrite } from './csrf.ts'
import type { Env, HttpContext } from './env.ts'
import { RequestRefusal } from './error.ts'
import { goTo } from './respond.tsx'
import type { Permission, Route } from './routes.ts'

export interface GateParts extends BearerParts {
  readonly sessions: Sessions
  /** All there are: where somebody who must prove who they are comes back to. */
  readonly routes: readonly Route[]
}

export function gate(route: Route, parts: GateParts): MiddlewareHandler<Env> {
  const { sessions, origins, routes } = parts
  return async (c, next) => {
    c.set('route', route)
    if (route.takesForeignWrites) return passWithoutCookie(c, route, next)
    const { door, permission } = route
    const isForPrograms = door === 'api' || door === 'mcp'
    if (!isForPrograms) refuseForeignWrite(c, origins)
    capBody(c, route.bodyBytesMax)
    if (isForPrograms) {
      await admitToken(c, door, parts)
      requireVerb(callerOf(c), permission)
      if (route.needsProof) await requireProof(c, sessions)
      return next()
    }
    c.set('session', await sessions.find(readCookie(c, 'session')))
    if (permission !== 'public') admit(c, permission)
    if (await lacksSecondFactor(c)) return goTo(c, await secondFactorPath(c))
    if (route.needsProof && !isProved(c)) return goTo(c, provePath(c, route, routes))
    return next()
  }
}

function passWithoutCookie(c: HttpContext, route: Route, next: () => Promise<void>): Promise<void> {
  capBody(c, route.bodyBytesMax)
  return next()
}

/** Sets the caller. Throws `unauthenticated` for a stranger, `forbidden` without the verb. */
function admit(c: HttpContext, permission: Verb | 'signed-in'): void {
  const { session } = c.var
  if (!session) throw new AppError('unauthenticated', 'Sign in to go on.')
  const caller = callerFor(c, session)
  c.set('caller', caller) // before the refusal, which is shown in their frame and audited as theirs
  requireVerb(caller, permission)
}

function requireVerb({ verbs }: Caller, permission: Permission): void {
  if (permission === 'signed-in' || verbs.has(permission)) return
  throw forbidden({ lacks: permission })
}

/** True in a workspace that demands a second factor of its members, for a session that proved none. */
async function lacksSecondFactor(c: HttpContext): Promise<boolean> {
  const { house, session, caller } = c.var
  if (!session || !caller || c.req.param('slug') === undefined) return false
  if (hasProvedSecond(session)) return false
  return (await readPolicy(house, caller)).policy.secondFactor
}

/** To prove it for whoever has one, to set one up for the others. */
async function secondFactorPath(c: HttpContext): Promise<string> {
  const { house, session } = c.var
  const own = instanceCaller(c, session!)
  const factors = await findSecondFactors(house, own, session!.userId)
  if (!hasSecondFactor(factors)) return '/account/security'
  const asked = { next: `/w/${c.req.param('slug')!}`, by: 'second' }
  return `/account/prove?${new URLSearchParams(asked).toString()}`
}

/** Of the person behind a token. Throws 401 as RFC 9470 has it. */
async function requireProof(c: HttpContext, sessions: Sessions): Promise<void> {
  const { userId, workspaceId } = c.var.holder!.token
  if (await sessions.hasProvedLately(userId, workspaceId)) return
  const wanted = `Bearer error="insufficient_user_authentication", max_age="${STEP_UP_MS / SECOND}"`
  throw new RequestRefusal(
    401,
    'unauthenticated',
    'This needs a fresh proof of who you are: open /account/prove in a browser, then send it again within five minutes.',
    { 'WWW-Authenticate': wanted },
  )
}

function isProved(c: HttpContext): boolean {
  const { session, house } = c.var
  if (session === undefined || !hasProvedLately(session, house.clock.now())) return false
  // What lets somebody in everywhere is not changed by the word of one workspace's provider.
  return c.req.param('slug') !== undefined || !session.person.hasMore
}

/**
 * Where one proves who one is, and what comes after it: the page that was asked for, or the page a
 * form stands on. What the form held is not kept, so `sent` lets the page say so.
 */
function provePath(c: HttpContext, route: Route, routes: readonly Route[]): string {
  if (route.method === 'GET') {
    const { pathname, search } = new URL(c.req.url)
    return `/account/prove?${new URLSearchParams({ next: pathname + search }).toString()}`
  }
  const next = pageAbove(c.req.path, route.path, routes)
  return `/account/prove?${new URLSearchParams({ next, sent: '1' }).toString()}`
}

/** The nearest page on the way up from a form's address: `/w/acme/settings/tokens` of its `…/new`. */
function pageAbove(path: string, pattern: string, routes: readonly Route[]): string {
  const parts = pattern.split('/')
  for (let count = parts.length; count > 1; count--) {
    const above = parts.slice(0, count).join('/')
    const isPage = routes.some(
      ({ method, door, path: one }) => method === 'GET' && door === 'page' && one === above,
    )
    if (isPage) return path.split('/').slice(0, count).join('/')
  }
  return '/'
}

function callerFor(c: HttpContext, session: Session): Caller {
  const slug = c.req.param('slug')
  return slug === undefined ? instanceCaller(c, session) : workspaceCaller(c, session, slug)
}
