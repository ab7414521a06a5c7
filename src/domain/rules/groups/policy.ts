// What a group asks of changes beyond its workspace, as people see and decide it. It is part of the
// policies of the workspace, so it has their versions and their second admin for whatever asks less.

import { permit } from '#domain/access/permission.ts'
import { changePolicy, readPolicy, readProposal } from '#domain/workspaces/policy-actions.ts'
import { tightened, type GroupPolicy, type Tightened } from '#domain/workspaces/group-policy.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { GroupId } from '#kernel/id.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import * as store from './store.ts'

export interface GroupAsks {
  /** Of the policies: what a change of them names. */
  readonly version: number
  /** Beyond the workspace; empty for nothing. */
  readonly asked: GroupPolicy
  /** What holds for a change of its rules. */
  readonly effective: Tightened
  /** It would ask less, and waits for another admin; undefined while nothing waits. */
  readonly waiting: GroupPolicy | undefined
}

/** Throws `forbidden` for a group that is not of this workspace, or is nowhere. */
export async function readGroupPolicy(
  house: House,
  caller: Caller,
  id: GroupId,
): Promise<GroupAsks> {
  permit(caller, 'policy.read')
  const { slug } = await store.getGroup(house.db.read(caller.scope), caller.scope, id)
  const { policy, version } = await readPolicy(house, caller)
  const proposal = await readProposal(house, caller)
  return asksOf(slug, version, policy, proposal?.policy)
}

/**
 * Throws `forbidden` for a group that is not here, `stale` where the policies are others than were looked
 * at. What asks less waits for another admin. Audited as a change of the policies.
 */
export async function changeGroupPolicy(
  house: House,
  caller: Caller,
  id: GroupId,
  { asked, expected }: { readonly asked: GroupPolicy; readonly expected: ExpectedVersion },
): Promise<GroupAsks> {
  permit(caller, 'policy.change')
  const { slug } = await store.getGroup(house.db.read(caller.scope), caller.scope, id)
  const { policy, version } = await readPolicy(house, caller)
  requireVersion(expected, String(version))
  const { [slug]: _, ...others } = policy.groups
  const isNothing = Object.values(asked).every((one) => one === undefined)
  const groups = isNothing ? others : { ...others, [slug]: asked }
  const given = { policy: { ...policy, groups }, version }
  const { row, isPending } = await changePolicy(house, caller, given)
  return asksOf(slug, row.version, row.policy, isPending ? given.policy : undefined)
}

function asksOf(
  slug: string,
  version: number,
  policy: Policy,
  proposed: Policy | undefined,
): GroupAsks {
  const asked = policy.groups[slug] ?? {}
  const next = proposed && (proposed.groups[slug] ?? {})
  const isOther = next !== undefined && JSON.stringify(next) !== JSON.stringify(asked)
  return {
    version,
    asked,
    effective: tightened(policy, [slug]),
    waiting: isOther ? next : undefined,
  }
}
