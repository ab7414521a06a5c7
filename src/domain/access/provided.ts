// What the identity provider of a workspace does with its people, within a write that has just judged
// its word: find them, give them a role, take the workspace from them. It never takes the last admin
// away, and never makes an approver alone: another admin confirms, as they do for people.

import type { Actor } from '#kernel/actor.ts'
import type { ProviderId, UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { addMemberIn } from './actions.ts'
import { countAdmins } from './member-store.ts'
import { differences, endMembership, saveMembership } from './members.ts'
import type { Role } from './permission.ts'
import type { MembershipRow, User } from './person.ts'
import { deleteSessionsBy, type ProvidedSessions } from './session-store.ts'
import { findMembership, findUser, findUserByEmail, selectMembershipsOf } from './user-store.ts'

/** What a provider says somebody is. A flag that is undefined is left to people. */
export interface ProvidedRole {
  readonly role: Role
  readonly isApprover: boolean | undefined
  readonly isAuditor: boolean | undefined
}

export interface FoundAccount {
  readonly user: User
  /** In the caller's workspace. */
  readonly membership: MembershipRow | undefined
  /** In how many others they are. */
  readonly elsewhere: number
}

/** By address in lower case, or by id; undefined for nobody, and for who was erased. */
export async function findAccount(
  db: Pick<Reader, 'selectFrom'>,
  house: Pick<House, 'keys'>,
  { scope }: Pick<Caller, 'scope'>,
  by: { readonly email: string } | { readonly userId: UserId },
): Promise<FoundAccount | undefined> {
  const key = house.keys.purpose('row-mac')
  const user =
    'email' in by ? await findUserByEmail(db, key, by.email) : await findUser(db, key, by.userId)
  if (!user || user.state === 'erased') return undefined
  const membership = await findMembership(db, key, scope, user.id)
  const all = await selectMembershipsOf(db, key, user.id)
  const elsewhere = all.filter(({ workspaceId }) => workspaceId !== scope.workspaceId).length
  return { user, membership, elsewhere }
}

/**
 * Makes somebody a member, or gives them the role that the provider says now; a role that changes ends
 * their sessions. `askedBy` asks for an approver. Answers what they are then.
 */
export async function provideRole(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
  given: ProvidedRole & { readonly providerId: ProviderId; readonly askedBy: Actor },
): Promise<Role> {
  const { role, providerId, askedBy } = given
  const before = await findMembership(tx, house.keys.purpose('row-mac'), caller.scope, userId)
  if (!before) {
    const { isApprover = false, isAuditor = false } = given
    const as = { role, isApprover, isAuditor }
    await addMemberIn(tx, house, caller, userId, as, askedBy, providerId)
    return role
  }
  const isKept =
    before.role === 'admin' && role !== 'admin' && (await isLastAdmin(tx, caller, userId))
  const after: MembershipRow = {
    ...before,
    ...flagsAfter(before, given),
    role: isKept ? 'admin' : role,
    providerId,
  }
  const data = differences(before, after)
  if (Object.keys(data).length === 0 && before.providerId === providerId) return after.role
  const told = { ...data, provider: providerId }
  await saveMembership(tx, house, caller, after, { action: 'member.change', data: told })
  return after.role
}

function flagsAfter(
  before: MembershipRow,
  { isApprover, isAuditor = before.isAuditor, askedBy }: ProvidedRole & { readonly askedBy: Actor },
): Partial<MembershipRow> {
  if (isApprover === false) return { isAuditor, approver: 'no', approverAskedBy: null }
  if (isApprover === undefined || before.approver !== 'no') return { isAuditor }
  return { isAuditor, approver: 'asked', approverAskedBy: askedBy }
}

/** Takes the caller's workspace from somebody. False for the last admin, who stays. */
export async function withdrawRole(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<boolean> {
  const before = await findMembership(tx, house.keys.purpose('row-mac'), caller.scope, userId)
  if (!before) return true
  if (before.role === 'admin' && (await isLastAdmin(tx, caller, userId))) return false
  await endMembership(tx, house, caller, before)
  return true
}

async function isLastAdmin(tx: Tx, { scope }: Caller, userId: UserId): Promise<boolean> {
  return (await countAdmins(tx, scope, userId)) === 0
}

/** Ends what a provider began. */
export async function endProvidedSessions(
  tx: Tx,
  house: Pick<House, 'audit'>,
  caller: Caller,
  providerId: ProviderId,
  which: ProvidedSessions,
): Promise<number> {
  const count = await deleteSessionsBy(tx, providerId, which)
  if (count > 0) {
    await house.audit.record(tx, caller, {
      action: 'session.end',
      target: which !== 'all' && 'userId' in which ? which.userId : providerId,
      data: { reason: 'provider.logout', provider: providerId, count },
    })
  }
  return count
}
