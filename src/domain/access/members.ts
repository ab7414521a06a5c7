// The people of the caller's workspace, for its admins: who they are, what they may do, leaving. A
// workspace keeps an admin: nobody demotes or removes the last one. Whoever's rights change is signed
// out everywhere, so that the change holds from the next request on.

import type { Actor } from '#kernel/actor.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import { AppError, assert, forbidden } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { MemberChange } from './input.ts'
import {
  countAdmins,
  countMembers,
  selectMembers,
  type MemberFilter,
  type MemberPlace,
  type MemberRow,
} from './member-store.ts'
import { permit } from './permission.ts'
import type { ApproverState, MembershipRow, User } from './person.ts'
import { deleteSessionsOf } from './session-store.ts'
import { deleteMembership, findMembership, findUser, updateMembership } from './user-store.ts'

export interface Member extends Pick<User, 'name' | 'email' | 'state'> {
  readonly userId: UserId
  readonly role: MembershipRow['role']
  readonly isAuditor: boolean
  readonly approver: ApproverState
  readonly approverAskedBy: MembershipRow['approverAskedBy']
  readonly createdAt: MembershipRow['createdAt']
  /** Another one as soon as anything of the above differs. */
  readonly version: string
}

export interface MemberPage extends Page<Member> {
  /** All that fit the filter. */
  readonly count: number
}

/** By name. Throws `invalid` for a cursor of another list. */
export async function listMembers(
  house: House,
  caller: Caller,
  filter: MemberFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<MemberPage> {
  permit(caller, 'member.read')
  const db = house.db.read(caller.scope)
  const rowKey = house.keys.purpose('row-mac')
  const { items, next } = await readPage({
    ...page,
    key: house.keys.purpose('cursor'),
    binding: { list: 'members', in: caller.scope.workspaceId, ...filter },
    placeOf: ({ user }: MemberRow): MemberPlace => ({ name: user.name, userId: user.id }),
    select: (wanted) => selectMembers(db, rowKey, caller.scope, filter, wanted),
  })
  return { items: items.map(toMember), next, count: await countMembers(db, caller.scope, filter) }
}

/** How many are in the workspace. */
export function countAllMembers(house: House, caller: Caller): Promise<number> {
  permit(caller, 'member.read')
  return countMembers(house.db.read(caller.scope), caller.scope, {})
}

/** Throws `forbidden` for whoever is not in the workspace. */
export async function getMember(house: House, caller: Caller, userId: UserId): Promise<Member> {
  permit(caller, 'member.read')
  return toMember(await loadMember(house, house.db.read(caller.scope), caller, userId))
}

/** Who can act as admin of the workspace now, within a write. */
export async function selectAdminsOf(
  tx: Tx,
  house: Pick<House, 'keys'>,
  { scope }: Pick<Caller, 'scope'>,
): Promise<readonly UserId[]> {
  const key = house.keys.purpose('row-mac')
  const page = { limit: ADMINS_MAX, after: null }
  const admins = await selectMembers(tx, key, scope, { role: 'admin' }, page)
  return admins.filter(({ user }) => user.state === 'active').map(({ user }) => user.id)
}

/** More admins than a workspace has. */
const ADMINS_MAX = 1_000

/** How a member is called; null for whoever is none, a token or the command line. */
export async function findMemberName(
  house: House,
  caller: Caller,
  actor: Actor | null,
): Promise<string | null> {
  permit(caller, 'member.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const userId = actor as UserId
  const isMember = (await findMembership(db, key, caller.scope, userId)) !== undefined
  return isMember ? ((await findUser(db, key, userId))?.name ?? null) : null
}

/**
 * Gives somebody another role or flags. Approver is only asked for here; another admin confirms it.
 * Throws `stale` when they are another version than expected, `conflict` for the last admin. Ends their
 * sessions and the power of an old role with them.
 */
export async function changeMember(
  house: House,
  caller: Caller,
  userId: UserId,
  change: MemberChange,
  expected: ExpectedVersion = 'any',
): Promise<Member> {
  permit(caller, 'member.change')
  return house.db.write(caller, async (tx) => {
    const before = await loadMember(house, tx, caller, userId)
    requireVersion(expected, toMember(before).version)
    const after = { ...before.membership, ...withChange(before.membership, change, caller) }
    const data = differences(before.membership, after)
    if (Object.keys(data).length === 0) return toMember(before)
    if (after.role !== 'admin') await keepAnAdmin(tx, caller, userId)
    await saveMembership(tx, house, caller, after, { action: 'member.change', data })
    const { role } = after
    if (role !== before.membership.role) {
      const workspace = await nameOf(tx, caller)
      await tellPerson(tx, house, caller, {
        userId,
        kind: 'role.changed',
        data: { workspace, role },
      })
    }
    return toMember({ user: before.user, membership: after })
  })
}

/**
 * Makes an approver of somebody for whom another admin asked. Throws `conflict` for the admin who
 * asked, for the person themselves, and when nobody asked.
 */
export async function confirmApprover(
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<Member> {
  permit(caller, 'member.change')
  return house.db.write(caller, async (tx) => {
    const { user, membership } = await loadMember(house, tx, caller, userId)
    if (membership.approver !== 'asked') {
      throw new AppError('conflict', 'Nobody asks for this person to approve, or it is done.')
    }
    const confirming = personBehind(caller)
    if (membership.approverAskedBy === confirming || userId === confirming) {
      throw new AppError('conflict', 'Another admin than the one who asked must confirm this.')
    }
    const after: MembershipRow = { ...membership, approver: 'yes' }
    const data = { askedBy: membership.approverAskedBy }
    await saveMembership(tx, house, caller, after, { action: 'approver.confirm', data })
    return toMember({ user, membership: after })
  })
}

/** Takes the workspace from somebody. Throws `stale` as changeMember, `conflict` for the last admin. */
export async function removeMember(
  house: House,
  caller: Caller,
  userId: UserId,
  expected: ExpectedVersion = 'any',
): Promise<void> {
  permit(caller, 'member.remove')
  await house.db.write(caller, async (tx) => {
    const { user, membership } = await loadMember(house, tx, caller, userId)
    requireVersion(expected, toMember({ user, membership }).version)
    await keepAnAdmin(tx, caller, userId)
    await endMembership(tx, house, caller, membership)
  })
}

/** Takes the workspace from a member, whatever they are, within a write. Ends their sessions. */
export async function endMembership(
  tx: Tx,
  house: House,
  caller: Caller,
  { userId, role }: Pick<MembershipRow, 'userId' | 'role'>,
): Promise<void> {
  await deleteMembership(tx, caller.scope, userId)
  await deleteSessionsOf(tx, userId)
  await house.audit.record(tx, caller, { action: 'member.remove', target: userId, data: { role } })
  const workspace = await nameOf(tx, caller)
  await tellPerson(tx, house, caller, { userId, kind: 'member.removed', data: { workspace } })
  publish(tx, house, userId, 'removed')
}

async function loadMember(
  house: House,
  db: Pick<Reader, 'selectFrom'>,
  { scope }: Caller,
  userId: UserId,
): Promise<MemberRow> {
  const key = house.keys.purpose('row-mac')
  const membership = await findMembership(db, key, scope, userId)
  const user = membership && (await findUser(db, key, userId))
  if (!user) throw forbidden()
  return { user, membership }
}

function withChange(
  before: MembershipRow,
  change: MemberChange,
  caller: Caller,
): Partial<MembershipRow> {
  const { role = before.role, isAuditor = before.isAuditor } = change
  const { isApprover = before.approver !== 'no' } = change
  if (!isApprover) return { role, isAuditor, approver: 'no', approverAskedBy: null }
  if (before.approver !== 'no') return { role, isAuditor }
  return { role, isAuditor, approver: 'asked', approverAskedBy: personBehind(caller) }
}

/** What is another in `after`, for the audit log. */
export function differences(before: MembershipRow, after: MembershipRow): Record<string, Json> {
  const names = ['role', 'isAuditor', 'approver'] as const
  return Object.fromEntries(
    names
      .filter((name) => before[name] !== after[name])
      .map((name) => [name, { from: before[name], to: after[name] }]),
  )
}

/** Throws when nobody else could act as admin. */
export async function keepAnAdmin(tx: Tx, { scope }: Caller, userId: UserId): Promise<void> {
  const [all, others] = [await countAdmins(tx, scope, null), await countAdmins(tx, scope, userId)]
  if (all > 0 && others === 0) {
    throw new AppError('conflict', 'A workspace keeps an admin: make somebody else one first.')
  }
}

export async function nameOf(tx: Tx, { scope }: Caller): Promise<string> {
  const workspace = await findWorkspace(tx, scope.workspaceId as WorkspaceId)
  assert(workspace, 'a member is in a workspace')
  return workspace.name
}

/** Ends their sessions: what changed holds from the next request on. */
export async function saveMembership(
  tx: Tx,
  house: House,
  caller: Caller,
  membership: MembershipRow,
  { action, data }: { readonly action: string; readonly data: Json },
): Promise<void> {
  const { userId } = membership
  await updateMembership(tx, house.keys.purpose('row-mac'), membership)
  await deleteSessionsOf(tx, userId)
  await house.audit.record(tx, caller, { action, target: userId, data })
  publish(tx, house, userId, 'changed')
}

function publish(tx: Tx, house: House, id: UserId, verb: 'changed' | 'removed'): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'member', id, verb })
}

function toMember({ user, membership }: MemberRow): Member {
  const { name, email, state } = user
  const { userId, role, isAuditor, approver, approverAskedBy, createdAt } = membership
  const told = { userId, name, email, state, role, isAuditor, approver, approverAskedBy, createdAt }
  return { ...told, version: contentHash(told).slice(0, 32) }
}
