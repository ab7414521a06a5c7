// What the people of a workspace decide about it: its policies and its name. Adding and suspending
// workspaces is the owner's, in actions.ts.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { differences, type Policy, type PolicyRow } from './policy.ts'
import { findPolicy, longestAuditDays, savePolicy } from './policy-store.ts'
import { updateWorkspace } from './store.ts'

/** The policies of the caller's workspace. For whoever must keep to them, so it asks for no verb. */
export function readPolicy(house: Pick<House, 'db' | 'keys'>, caller: Pick<Caller, 'scope'>) {
  return findPolicy(house.db.read(caller.scope), house.keys.purpose('row-mac'), caller.scope)
}

/** The same on the handle of a write that must keep to them. */
export function readPolicyIn(tx: Tx, house: Pick<House, 'keys'>): Promise<PolicyRow> {
  return findPolicy(tx, house.keys.purpose('row-mac'), tx.scope)
}

/** How many days of the log the strictest workspace keeps; retention goes by it, so it asks no verb. */
export async function readLongestAuditDays(
  house: Pick<House, 'db' | 'keys'>,
  caller: Pick<Caller, 'scope'>,
): Promise<number> {
  const { db, keys } = house
  return (await longestAuditDays(db.read(caller.scope), keys.purpose('row-mac'))) ?? 0
}

/** What somebody decided, over the version they saw. */
export interface PolicyChange {
  readonly policy: Policy
  readonly version: number
}

/**
 * Puts a policy in force. Throws `stale` when somebody else changed it since `version`. A policy that
 * stays the same is no change. Audited with every value that differs.
 */
export async function changePolicy(
  house: House,
  caller: Caller,
  { policy, version }: PolicyChange,
): Promise<PolicyRow> {
  permit(caller, 'policy.change')
  const key = house.keys.purpose('row-mac')
  return house.db.write(caller, async (tx) => {
    const before = await findPolicy(tx, key, caller.scope)
    if (before.version !== version) {
      throw new AppError('stale', 'Somebody changed the policies meanwhile. Look again, then save.')
    }
    const changes = differences(before.policy, policy)
    if (changes.length === 0) return before
    const { now: changedAt, actor: changedBy } = caller
    const after = { policy, version: version + 1, changedAt, changedBy }
    await savePolicy(tx, key, after)
    await house.audit.record(tx, caller, {
      action: 'policy.change',
      target: caller.scope.workspaceId,
      data: { version: after.version, changes: changes.map((change) => ({ ...change })) },
    })
    return after
  })
}

export interface Renaming {
  readonly name: string
}

/** Another name for the caller's workspace; its address stays. Audited. */
export async function renameWorkspace(
  house: House,
  caller: Caller,
  { name }: Renaming,
): Promise<void> {
  permit(caller, 'workspace.rename')
  await house.db.write(caller, async (tx) => {
    const { workspaceId } = caller.scope
    const key = house.keys.purpose('row-mac')
    const { name: before } = await updateWorkspace(tx, key, workspaceId as WorkspaceId, { name })
    if (before === name) return
    await house.audit.record(tx, caller, {
      action: 'workspace.rename',
      target: workspaceId,
      data: { from: before, to: name },
    })
  })
}
