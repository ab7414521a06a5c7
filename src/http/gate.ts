// What stands between a matched route and its handler: the body's cap, the session, where a write
// came from, and the verb the route declares. Actions check the verb again; this is the outer wall,
// and it makes the printed table of routes true.

import type { MiddlewareHandler } from 'hono'
import type { Verb } from '#domain/access/permission.ts'
import type { Session } from '#domain/access/session.ts'
import type { Sessions } from '#domain/access/sessions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import { capBody } from './body.ts'
import { instanceCaller, workspaceCaller } from './caller.ts'
import { readSessionCookie } from './cookie.ts'
import { refuseForeignWrite, type OriginRules } from './csrf.ts'
import type { Env, HttpContext } from './env.ts'
import type { Route } from './routes.ts'

export function gate(
  route: Route,
  sessions: Sessions,
  origins: OriginRules,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set('route', route)
    if (route.takesForeignWrites) return passWithoutCookie(c, route, next)
    if (route.door !== 'api' && route.door !== 'mcp') refuseForeignWrite(c, origins)
    capBody(c, route.bodyBytesMax)
    if (route.door === 'page' || route.door === 'public') {
      c.set('session', await sessions.find(readSessionCookie(c)))
    }
    if (route.permission !== 'public') admit(c, route.permission)
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
  if (permission !== 'signed-in' && !caller.verbs.has(permission)) throw forbidden()
}

function callerFor(c: HttpContext, session: Session): Caller {
  const slug = c.req.param('slug')
  return slug === undefined ? instanceCaller(c, session) : workspaceCaller(c, session, slug)
}
