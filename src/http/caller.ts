// From a session and a path, or from a token, to a Caller: the only place of this door that makes a
// WorkspaceScope, and only for a workspace whose membership was just read.

import { verbsOf } from '#domain/access/permission.ts'
import type { Membership } from '#domain/access/person.ts'
import type { Session } from '#domain/access/session.ts'
import type { ApiToken } from '#domain/access/token.ts'
import { narrowVerbs, serviceVerbs } from '#domain/access/token-scope.ts'
import { withinOf } from '#domain/access/within.ts'
import type { TokenHolder } from '#domain/access/tokens.ts'
import type { Visitor } from '#domain/access/prove.ts'
import { systemActor, type Actor } from '#kernel/actor.ts'
import { Bug, forbidden } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { readCookie } from './cookie.ts'
import type { HttpContext } from './env.ts'

/** The caller of a route that is not public. */
export function callerOf(c: HttpContext): Caller {
  const { caller } = c.var
  if (!caller) throw new Bug(`${c.req.path} is public and has no caller`)
  return caller
}

/** The workspace of `/w/:slug`. Throws `forbidden`, the same for a foreign one and for none. */
export function membershipOf(session: Session, slug: string): Membership {
  const membership = session.person.memberships.find((one) => one.slug === slug)
  if (!membership) throw forbidden()
  return membership
}

export function workspaceCaller(c: HttpContext, session: Session, slug: string): Caller {
  const { workspaceId, role, flags } = membershipOf(session, slug)
  return makeCaller(c, session, workspaceId, verbsOf(role, flags))
}

/** Acts on what belongs to no workspace; holds verbs only for an owner. */
export function instanceCaller(c: HttpContext, session: Session): Caller {
  const verbs = verbsOf(null, session.person.isOwner ? ['owner'] : [])
  return makeCaller(c, session, INSTANCE_WORKSPACE, verbs)
}

/** Holds what its scopes leave of what its maker holds now, and nothing of the instance. */
export function tokenCaller(c: HttpContext, holder: TokenHolder): Caller {
  const { token, name } = holder
  const within = withinOf(token)
  return {
    actor: token.id,
    onBehalfOf: token.userId,
    scope: makeScope(token.workspaceId, within),
    ...(within && { within }),
    now: c.var.house.clock.now(),
    requestId: c.var.requestId,
    verbs: narrowVerbs(heldBy(holder), token.scopes),
    personal: { name, ip: c.var.client.ip },
  }
}

function heldBy({ token, role, flags }: TokenHolder) {
  const { serviceRole } = token
  return serviceRole === null ? verbsOf(role, flags) : serviceVerbs(serviceRole)
}

/** For the log: a token that may do nothing any more. */
export function deadTokenCaller(c: HttpContext, { id, workspaceId }: ApiToken): Caller {
  return {
    actor: id,
    scope: makeScope(workspaceId),
    now: c.var.house.clock.now(),
    requestId: c.var.requestId,
    verbs: new Set(),
    personal: { ip: c.var.client.ip },
  }
}

/** Whoever asks before anybody knows who: may do nothing but try. */
export function strangerCaller(c: HttpContext): Caller {
  return visitorCaller(c, systemActor('door'))
}

/** The browser, as tries are counted by. */
export function visitorOf(c: HttpContext): Visitor {
  return { network: c.var.client.network, device: readCookie(c, 'device') }
}

/** Somebody who is just coming in, or going: acts as themselves, on nothing but their own session. */
export function visitorCaller(c: HttpContext, actor: Actor): Caller {
  return {
    actor,
    scope: makeScope(INSTANCE_WORKSPACE),
    now: c.var.house.clock.now(),
    requestId: c.var.requestId,
    verbs: new Set(),
    personal: { ip: c.var.client.ip },
  }
}

function makeCaller(
  c: HttpContext,
  { person }: Session,
  workspaceId: string,
  verbs: ReadonlySet<string>,
): Caller {
  return {
    actor: person.userId,
    scope: makeScope(workspaceId),
    now: c.var.house.clock.now(),
    requestId: c.var.requestId,
    verbs,
    personal: { name: person.name, ip: c.var.client.ip },
  }
}
