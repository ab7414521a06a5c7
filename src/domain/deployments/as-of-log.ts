// What the audit log tells of an instant: the policies and the roles of now with every change taken back
// that it holds since. What it no longer reaches is not known, and never taken for what is so now.

import { getMember } from '#domain/access/members.ts'
import { permit, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import { AppError } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { listEntries, type AuditFilter, type AuditItem } from '#platform/audit/list.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { policyBefore } from './as-of.ts'

const ENTRIES_AT_ONCE = 500

/** The policies that were in force then; null where the log was cut since. */
export async function policyAt(house: House, caller: Caller, at: Instant): Promise<Policy | null> {
  permit(caller, 'deployment.read')
  const { policy, version, changedAt } = await readPolicy(house, caller)
  if (version === 0 || (changedAt !== null && changedAt <= at)) return policy
  const about = await entriesSince(house, caller, at, caller.scope.workspaceId)
  const changes = about.filter(({ action }) => action === 'policy.change')
  const [oldest] = changes.toReversed()
  const isFirst = (oldest?.data as Changed | undefined)?.version === 1
  if (!isFirst && !(await reachesBackTo(house, caller, at))) return null
  return policyBefore(
    policy,
    changes.flatMap(({ data }) => (data as unknown as Changed).changes ?? []),
  )
}

interface Changed {
  readonly version?: number
  readonly changes?: readonly { readonly name: string; readonly from: unknown }[]
}

/** The role that somebody had then; null where the log was cut since. */
export async function roleAt(
  house: House,
  caller: Caller,
  userId: UserId,
  at: Instant,
): Promise<Role | null> {
  if (!(await reachesBackTo(house, caller, at))) return null
  const about = await entriesSince(house, caller, at, userId)
  const oldest = about.findLast(
    ({ action, data }) => action.startsWith('member.') && roleBefore(data) !== undefined,
  )
  if (oldest) return roleBefore(oldest.data) ?? null
  try {
    const own = systemCaller(house, 'as-of', undefined, caller.scope.workspaceId)
    return (await getMember(house, own, userId)).role
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') return null
    throw error
  }
}

/** Of an entry about a member: the role that it took away. */
function roleBefore(data: unknown): Role | undefined {
  const { role } = data as { readonly role?: Role | { readonly from?: Role } }
  return typeof role === 'string' ? role : role?.from
}

/** All of them, newest first, found by an index however long the log is. */
async function entriesSince(
  house: House,
  caller: Caller,
  at: Instant,
  target: string,
): Promise<readonly AuditItem[]> {
  const found: AuditItem[] = []
  let before: number | null = null
  do {
    const page = await read(
      house,
      caller,
      { target, since: at + 1 },
      { limit: ENTRIES_AT_ONCE, ...(before === null ? {} : { before }) },
    )
    found.push(...page.items)
    before = page.before
  } while (before !== null)
  return found
}

/** Something of that instant or before is kept, or nothing was ever removed. */
async function reachesBackTo(house: House, caller: Caller, at: Instant): Promise<boolean> {
  const older = await read(house, caller, { until: at + 1 }, { limit: 1 })
  if (older.items.length > 0) return true
  const { items, count } = await read(house, caller, {}, { limit: 1 })
  return items[0]?.workspaceSeq === count
}

function read(
  house: House,
  { scope }: Caller,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: number },
) {
  return house.db.inspect(listEntries(scope.workspaceId, filter, page))
}
