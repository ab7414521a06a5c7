// How somebody comes in: for now by a single-use link of `rulewright demo`. Coming in always makes a
// new session and ends the one the browser had, so that a planted cookie is worth nothing.

import { AppError } from '#kernel/error.ts'
import { readSessionCookie, setSessionCookie } from './cookie.ts'
import type { HttpContext } from './env.ts'
import { publicRoute, type Route } from './routes.ts'
import { homeOf, type Person, type Sessions } from './session.ts'

export function signInRoutes(sessions: Sessions): readonly Route[] {
  return [
    // A link from a terminal must work with one click, so this GET acts: it is spent by that.
    publicRoute('GET', '/demo/:token', (c) => redeemLink(c, sessions)),
  ]
}

function redeemLink(c: HttpContext, sessions: Sessions): Response {
  // A chat program that looks the link up must not spend it.
  if (c.req.method === 'HEAD') return c.body(null, 204)
  const person = sessions.redeemLink(c.req.param('token') ?? '')
  if (!person) {
    throw new AppError('forbidden', 'This link was used already, or it is from another run.')
  }
  return enter(c, sessions, person)
}

/** Signs a person in and sends them home. */
export function enter(c: HttpContext, sessions: Sessions, person: Person): Response {
  const before = sessions.find(readSessionCookie(c))
  if (before) sessions.revoke(before)
  setSessionCookie(c, sessions.start(person))
  return c.redirect(homeOf(person), 303)
}
