// What can be done with workspaces. Adding and listing them is the owner's; finding one by its slug
// is how a door learns which workspace an address means, before anybody has a scope.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, INSTANCE_WORKSPACE, makeId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { FURNISH } from './furnish.ts'
import type { NewWorkspace } from './input.ts'
import {
  findById,
  findBySlug,
  findOldest,
  insertWorkspace,
  selectWorkspaces,
  updateWorkspace,
} from './store.ts'
import { FIRST_WORKSPACE, type Workspace } from './workspace.ts'

/** Throws `conflict` when the slug is taken. Audited. */
export async function addWorkspace(
  house: House,
  caller: Caller,
  input: NewWorkspace,
): Promise<Workspace> {
  permit(caller, 'workspace.add')
  const workspace = makeWorkspace(house, caller, input)
  await house.db.write(caller, async (tx) => {
    if (await findBySlug(tx, input.slug)) {
      throw new AppError('conflict', `There is a workspace ${input.slug} already.`)
    }
    await insertWorkspace(tx, house.keys.purpose('row-mac'), workspace)
    await house.audit.record(tx, caller, {
      action: 'workspace.add',
      target: workspace.id,
      data: { slug: workspace.slug, name: workspace.name },
    })
  })
  await house.ports.get(FURNISH)(house, caller, workspace.id)
  return workspace
}

/** Gives a fresh install its first workspace, and every workspace what it should have. */
export async function addFirstWorkspace(house: House, caller: Caller): Promise<void> {
  const all = await listWorkspaces(house, caller)
  if (all.length === 0) await addWorkspace(house, caller, FIRST_WORKSPACE)
  for (const { id } of all) await house.ports.get(FURNISH)(house, caller, id)
}

/** Where whoever claims the install begins. For the claim itself, so it asks for no verb. */
export function findFirstWorkspace(db: Pick<Reader, 'selectFrom'>): Promise<Workspace | undefined> {
  return findOldest(db)
}

/** What an invitation leads to. For whoever holds its link, so it asks for no verb. */
export function findWorkspace(
  db: Pick<Reader, 'selectFrom'>,
  id: WorkspaceId,
): Promise<Workspace | undefined> {
  return findById(db, id)
}

/** By name; at most 1,000. */
export async function listWorkspaces(house: House, caller: Caller): Promise<readonly Workspace[]> {
  permit(caller, 'workspace.list')
  return selectWorkspaces(house.db.read(caller.scope))
}

/** Throws `forbidden` when there is none: the same answer as for one the caller may not enter. */
export async function getWorkspace(house: House, caller: Caller, slug: string): Promise<Workspace> {
  permit(caller, 'workspace.list')
  const workspace = await findBySlug(house.db.read(caller.scope), slug)
  if (!workspace) throw forbidden()
  return workspace
}

/**
 * Closes a workspace, or opens it again: while it is suspended none of its members or tokens comes in
 * and none of its jobs runs; nothing is lost. Throws `forbidden` for no workspace, `conflict` when it
 * is so already. Stands in its own log too.
 */
export async function suspendWorkspace(
  house: House,
  caller: Caller,
  id: WorkspaceId,
  isSuspended: boolean,
): Promise<void> {
  permit(caller, 'workspace.suspend')
  await house.db.write(caller, async (tx) => {
    const workspace = await findById(tx, id)
    if (!workspace) throw forbidden()
    if ((workspace.suspendedAt !== null) === isSuspended) {
      const is = isSuspended ? 'suspended' : 'open'
      throw new AppError('conflict', `The workspace ${workspace.slug} is ${is} already.`)
    }
    const suspendedAt = isSuspended ? caller.now : null
    await updateWorkspace(tx, house.keys.purpose('row-mac'), id, { suspendedAt })
    const action = isSuspended ? 'workspace.suspend' : 'workspace.reopen'
    for (const workspaceId of [undefined, id]) {
      const entry = { action, target: id, data: {}, ...(workspaceId && { workspaceId }) }
      await house.audit.record(tx, caller, entry)
    }
    house.events.publish(tx, {
      workspaceId: INSTANCE_WORKSPACE,
      noun: 'workspace',
      id,
      verb: 'changed',
    })
  })
}

function makeWorkspace(house: House, { now }: Caller, { slug, name }: NewWorkspace): Workspace {
  const id = makeId(ID_PREFIXES.workspace, now, house.random(10))
  return { id, slug, name, createdAt: now, suspendedAt: null }
}
