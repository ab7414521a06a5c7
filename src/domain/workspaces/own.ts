// The workspace somebody is in, as they may see it.

import { permit } from '#domain/access/permission.ts'
import { forbidden } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findById } from './store.ts'
import type { Workspace } from './workspace.ts'

export async function getOwnWorkspace(house: House, caller: Caller): Promise<Workspace> {
  permit(caller, 'workspace.read')
  const { scope } = caller
  const workspace = await findById(house.db.read(scope), scope.workspaceId as WorkspaceId)
  if (!workspace) throw forbidden()
  return workspace
}
