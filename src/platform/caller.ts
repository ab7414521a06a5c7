// Who calls an action, from where, when, and what they may do. Doors make one per request, the job
// runner one per run, the command line one per command; an action gets it as its first argument and
// there is no ambient state beside it.

import type { Actor } from '#kernel/actor.ts'
import type { RequestId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Within } from './db/reach.ts'
import type { WorkspaceScope } from './db/scope.ts'

export interface Caller {
  readonly actor: Actor
  /** The person a token acts for: where two people must agree, they and their token are one. */
  readonly onBehalfOf?: UserId
  /** The one workspace this call may touch. Made only where membership was just checked. */
  readonly scope: WorkspaceScope
  /** Absent: all of it. Else what it reads of it, and the only things it may name to change them. */
  readonly within?: Within
  /** The instant of the request; every row the call writes carries this one. */
  readonly now: Instant
  readonly requestId: RequestId
  /** Verbs of the permission table that role, flags and token scopes leave to this caller. */
  readonly verbs: ReadonlySet<string>
  /** What the audit log keeps erasable: who and from where. Absent for the product itself. */
  readonly personal?: { readonly name?: string; readonly ip?: string }
}

/** Who answers for it: the person behind a token, else the actor. */
export function personBehind({ actor, onBehalfOf }: Pick<Caller, 'actor' | 'onBehalfOf'>): Actor {
  return onBehalfOf ?? actor
}
