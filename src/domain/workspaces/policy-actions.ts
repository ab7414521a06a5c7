// What the people of a workspace decide about it: its policies and its name. Adding and suspending
// workspaces is the owner's, in actions.ts.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  differences,
  weakensReview,
  type Policy,
  type PolicyProposal,
  type PolicyRow,
} from './policy.ts'
import {
  deleteProposal,
  findPolicy,
  findProposal,
  longestAuditDays,
  savePolicy,
  saveProposal,
} from './policy-store.ts'
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

/** What became of a policy that somebody decided. */
export interface PolicyOutcome {
  /** In force now. */
  readonly row: PolicyRow
  /** It would weaken review, so it waits for another admin. */
  readonly isPending: boolean
}

/**
 * Puts a policy in force, or has it wait for another admin where it asks less of changes than review
 * does now. Throws `stale` when somebody else changed it since `version`. A policy that stays the same is
 * no change. Audited with every value that differs.
 */
export async function changePolicy(
  house: House,
  caller: Caller,
  { policy, version }: PolicyChange,
): Promise<PolicyOutcome> {
  permit(caller, 'policy.change')
  const key = house.keys.purpose('row-mac')
  return house.db.write(caller, async (tx) => {
    const before = await findPolicy(tx, key, caller.scope)
    if (before.version !== version) {
      throw new AppError('stale', 'Somebody changed the policies meanwhile. Look again, then save.')
    }
    if (differences(before.policy, policy).length === 0) return { row: before, isPending: false }
    if (!weakensReview(before.policy, policy)) {
      return { row: await enforce(tx, house, caller, before, policy), isPending: false }
    }
    const { now: askedAt, actor: askedBy } = caller
    await saveProposal(tx, key, { policy, version, askedAt, askedBy })
    await record(tx, house, caller, 'policy.propose', before, policy)
    return { row: before, isPending: true }
  })
}

async function enforce(
  tx: Tx,
  house: House,
  caller: Caller,
  before: PolicyRow,
  policy: Policy,
): Promise<PolicyRow> {
  const { now: changedAt, actor: changedBy } = caller
  const after = { policy, version: before.version + 1, changedAt, changedBy }
  await savePolicy(tx, house.keys.purpose('row-mac'), after)
  await deleteProposal(tx) // it would follow a policy that is no longer there
  await record(tx, house, caller, 'policy.change', before, policy)
  return after
}

async function record(
  tx: Tx,
  house: House,
  caller: Caller,
  action: 'policy.change' | 'policy.propose',
  { policy: from, version }: PolicyRow,
  to: Policy,
): Promise<void> {
  const changes = differences(from, to).map((change) => ({ ...change }))
  const data = { version: action === 'policy.change' ? version + 1 : version, changes }
  await house.audit.record(tx, caller, { action, target: caller.scope.workspaceId, data })
}

/** Undefined while none waits. */
export async function readProposal(
  house: House,
  caller: Caller,
): Promise<PolicyProposal | undefined> {
  permit(caller, 'policy.read')
  return findProposal(house.db.read(caller.scope), house.keys.purpose('row-mac'), caller.scope)
}

/** For whoever has just made sure, in this write, that another person than who asked confirms it. */
export async function enforceProposal(
  tx: Tx,
  house: House,
  caller: Caller,
  isOther: (proposal: PolicyProposal) => Promise<void>,
): Promise<PolicyRow> {
  const key = house.keys.purpose('row-mac')
  const proposal = await findProposal(tx, key, tx.scope)
  const before = await findPolicy(tx, key, tx.scope)
  if (proposal?.version !== before.version) {
    throw new AppError('conflict', 'No policy waits to be confirmed.')
  }
  await isOther(proposal)
  return enforce(tx, house, caller, before, proposal.policy)
}

/** Nobody wants it any more. Audited. */
export async function dropProposal(house: House, caller: Caller): Promise<void> {
  permit(caller, 'policy.change')
  await house.db.write(caller, async (tx) => {
    await deleteProposal(tx)
    const target = caller.scope.workspaceId
    await house.audit.record(tx, caller, { action: 'policy.drop', target, data: {} })
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
