// Break-in accounts: admins who may sign in by a password where single sign-on is enforced, for the day
// the provider is away. Using one is never silent: it is in the log, and every admin is told.

import { tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { hasSecondFactor, readFactors } from './factors.ts'
import { selectMembers, type MemberRow } from './member-store.ts'
import { nameOf } from './members.ts'
import { permit } from './permission.ts'
import { findMembership, findUser, updateMembership } from './user-store.ts'

/** More admins than a workspace has. */
const ADMINS_MAX = 1_000

/** The admins of the workspace, by name, and which of them are for breaking in. */
export async function listBreakIns(
  house: House,
  caller: Caller,
): Promise<readonly { userId: UserId; name: string; isBreakIn: boolean }[]> {
  permit(caller, 'provider.read')
  const admins = await selectAdmins(house.db.read(caller.scope), house, caller)
  return admins.map(({ user, membership }) => ({
    userId: user.id,
    name: user.name,
    isBreakIn: membership.isBreakIn,
  }))
}

/** Throws `conflict` for who is no admin with a password and a second factor. Audited. */
export async function setBreakIn(
  house: House,
  caller: Caller,
  userId: UserId,
  isBreakIn: boolean,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const membership = await findMembership(tx, key, tx.scope, userId)
    const user = membership && (await findUser(tx, key, userId))
    if (!user) throw forbidden()
    if (isBreakIn) {
      const isAble = membership.role === 'admin' && user.passwordHash !== null
      if (!isAble || !hasSecondFactor(await readFactors(tx, key, userId))) {
        throw new AppError(
          'conflict',
          `${user.name} cannot break in: it takes an admin with a password and a second factor.`,
        )
      }
    }
    await updateMembership(tx, key, { ...membership, isBreakIn })
    const data = { isBreakIn }
    await house.audit.record(tx, caller, { action: 'member.break_in', target: userId, data })
  })
}

/** How many could come in now. */
export async function countBreakIns(tx: Tx, house: House, caller: Caller): Promise<number> {
  const key = house.keys.purpose('row-mac')
  let count = 0
  for (const { user, membership } of await selectAdmins(tx, house, caller)) {
    if (!membership.isBreakIn || user.state !== 'active' || user.passwordHash === null) continue
    if (hasSecondFactor(await readFactors(tx, key, user.id))) count += 1
  }
  return count
}

/** Whether somebody may sign in without the provider of this workspace; undefined for no member. */
export async function readBreakIn(
  house: House,
  { scope }: Pick<Caller, 'scope'>,
  workspaceId: WorkspaceId,
  userId: UserId,
): Promise<boolean | undefined> {
  const key = house.keys.purpose('row-mac')
  const found = await findMembership(house.db.read(scope), key, makeScope(workspaceId), userId)
  return found && found.isBreakIn && found.role === 'admin'
}

/** Somebody breaks in: in the workspace's log, and told to every admin. */
export async function tellOfBreakIn(
  house: House,
  visitor: Caller,
  workspaceId: WorkspaceId,
  who: { readonly userId: UserId; readonly name: string },
): Promise<void> {
  const inside = { ...visitor, actor: who.userId, scope: makeScope(workspaceId) }
  await house.db.write(inside, async (tx) => {
    const entry = { action: 'session.break_in', target: who.userId, data: {} }
    await house.audit.record(tx, inside, entry)
    const data = { workspace: await nameOf(tx, inside), who: who.name }
    for (const { user } of await selectAdmins(tx, house, inside)) {
      await tellPerson(tx, house, inside, { userId: user.id, kind: 'account.broke_in', data })
    }
  })
}

function selectAdmins(
  db: Parameters<typeof selectMembers>[0],
  house: Pick<House, 'keys'>,
  { scope }: Pick<Caller, 'scope'>,
): Promise<readonly MemberRow[]> {
  const page = { limit: ADMINS_MAX, after: null }
  return selectMembers(db, house.keys.purpose('row-mac'), scope, { role: 'admin' }, page)
}
