// Callers that are no person: the product itself, and whoever holds the data directory and so holds
// everything. Never made from a request.

import { systemActor } from '#kernel/actor.ts'
import { ID_PREFIXES, INSTANCE_WORKSPACE, makeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { ALL_VERBS } from './permission.ts'

/** `part` is what acts: `cli`, `start`. `user` is the operating system's name of the person. */
export function systemCaller(
  { clock, random }: Pick<House, 'clock' | 'random'>,
  part: string,
  user?: string,
  workspaceId: string = INSTANCE_WORKSPACE,
): Caller {
  const now = clock.now()
  return {
    actor: systemActor(part, user),
    scope: makeScope(workspaceId),
    now,
    requestId: makeId(ID_PREFIXES.request, now, random(10)),
    verbs: ALL_VERBS,
  }
}
