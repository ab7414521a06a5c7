// An owner in a workspace: they manage all of them and read one only as its member. Becoming that is
// never silent: it stands in the workspace's log, and every admin there is told.

import { tellPerson } from '#domain/messages/request.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { addMemberIn } from './actions.ts'
import { selectMembers } from './member-store.ts'
import { permit } from './permission.ts'
import { findMembership, updateMembership } from './user-store.ts'

/** More admins than a workspace has. */
const ADMINS_MAX = 1_000

/**
 * Makes the calling owner an admin of a workspace: `recovered` when it had none who could act. Throws
 * `forbidden` for no workspace, `conflict` for an admin of it.
 */
export async function enterWorkspace(
  house: House,
  caller: Caller,
  id: WorkspaceId,
): Promise<'entered' | 'recovered'> {
  permit(caller, 'workspace.enter')
  const key = house.keys.purpose('row-mac')
  const workspace = await findWorkspace(house.db.read(caller.scope), id)
  if (!workspace) throw forbidden()
  const self = caller.actor as UserId
  const inside = { ...caller, scope: makeScope(id) }
  return house.db.write(inside, async (tx) => {
    const page = { limit: ADMINS_MAX, after: null }
    const admins = await selectMembers(tx, key, inside.scope, { role: 'admin' }, page)
    const able = admins.filter(({ user }) => user.state === 'active')
    if (able.some(({ user }) => user.id === self)) {
      throw new AppError('conflict', 'You are an admin of this workspace already.')
    }
    const before = await findMembership(tx, key, inside.scope, self)
    const as = { role: 'admin', isApprover: false, isAuditor: false } as const
    if (before) await updateMembership(tx, key, { ...before, role: 'admin' })
    else await addMemberIn(tx, house, inside, self, as)
    const how = able.length === 0 ? 'recovered' : 'entered'
    await house.audit.record(tx, inside, {
      action: how === 'recovered' ? 'workspace.recover' : 'workspace.enter',
      target: id,
      data: { roleBefore: before?.role ?? null },
    })
    const data = { workspace: workspace.name, who: caller.personal?.name ?? 'An owner' }
    for (const { user } of able) {
      await tellPerson(tx, house, inside, { userId: user.id, kind: `workspace.${how}`, data })
    }
    return how
  })
}
