// What the members of a workspace are called, for lists that say who did a thing.

import type { Actor } from '#kernel/actor.ts'
import { isId, type UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { can, permit } from './permission.ts'
import { findMembership, selectUsers } from './user-store.ts'

/** Without those who are no member here: tokens, jobs, the command line, and who has left. */
export async function namesOf(
  house: House,
  caller: Caller,
  actors: readonly Actor[],
): Promise<ReadonlyMap<Actor, string>> {
  // Of the instance, which nobody joins, an owner looks at pages that say who did a thing, too.
  if (!can(caller, 'instance.read')) permit(caller, 'workspace.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const members: UserId[] = []
  for (const actor of new Set(actors)) {
    if (!isId('usr', actor)) continue
    const isMember = (await findMembership(db, key, caller.scope, actor)) !== undefined
    if (isMember) members.push(actor)
  }
  const users = await selectUsers(db, key, members)
  return new Map([...users].map(([id, { name }]) => [id, name]))
}
