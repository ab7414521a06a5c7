// The people of the demonstration: one for each way of working, in the workspace acme.

import { addMember, addUser } from '#domain/access/actions.ts'
import type { Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { UserId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'

/** ada is admin and owner, ravi engineer, vera viewer. */
export const CAST = { ada: 'admin', ravi: 'engineer', vera: 'viewer' } as const satisfies Record<
  string,
  Role
>
export type CastName = keyof typeof CAST

export async function addCast(
  house: House,
  workspace: Workspace,
): Promise<Readonly<Record<CastName, UserId>>> {
  return {
    ada: await addPerson(house, workspace, 'ada', 'admin'),
    ravi: await addPerson(house, workspace, 'ravi', 'engineer'),
    vera: await addPerson(house, workspace, 'vera', 'viewer'),
  }
}

/** `ada` becomes Ada, ada@acme.example. An admin of it is owner unless `isOwner` says otherwise. */
export async function addPerson(
  house: House,
  { id, slug }: Pick<Workspace, 'id' | 'slug'>,
  who: string,
  role: Role,
  isOwner = role === 'admin',
): Promise<UserId> {
  const name = who.charAt(0).toUpperCase() + who.slice(1)
  const email = `${who}@${slug}.example`
  const user = await addUser(house, systemCaller(house, 'demo'), { email, name, isOwner })
  const inside = systemCaller(house, 'demo', undefined, id)
  await addMember(house, inside, user.id, { role, isApprover: false, isAuditor: false })
  return user.id
}
