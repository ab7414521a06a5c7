// From a session and a path to a Caller: the only place of this door that makes a WorkspaceScope, and
// only for a workspace whose membership it just read.

import { verbsOf } from '#domain/access/permission.ts'
import { Bug, forbidden } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { HttpContext } from './env.ts'
import type { Membership, Session } from './session.ts'

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
