// What can be done with people: making a user, giving them a workspace.

import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ProviderId, type UserId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { NewMember, NewUser } from './input.ts'
import { refusePassword } from './credentials.ts'
import { deleteAllOf } from './link-store.ts'
import { hashPassword } from './password-hash.ts'
import { passwordProblems } from './password.ts'
import { permit } from './permission.ts'
import type { User } from './person.ts'
import { findMembership, findUserByEmail, insertMembership, insertUser } from './user-store.ts'

/** Somebody who cannot come in yet: no password, no workspace. Throws `conflict` for a known address. */
export async function addUser(house: House, caller: Caller, input: NewUser): Promise<User> {
  permit(caller, 'user.add')
  return house.db.write(caller, (tx) => addUserIn(tx, house, caller, input))
}

/** As addUser, within a write that also makes what brought them here. */
export async function addUserIn(
  tx: Tx,
  house: House,
  caller: Caller,
  {
    email,
    name,
    isOwner,
    passwordHash = null,
  }: NewUser & { readonly passwordHash?: string | null },
): Promise<User> {
  const key = house.keys.purpose('row-mac')
  if (await findUserByEmail(tx, key, email)) {
    throw new AppError('conflict', `There is somebody with the address ${email} already.`)
  }
  const user: User = {
    id: makeId(ID_PREFIXES.user, caller.now, house.random(10)),
    email,
    name,
    state: 'active',
    isOwner,
    passwordHash,
    passwordChangedAt: passwordHash === null ? null : caller.now,
    isPasswordShort: false,
    factorSet: null,
    timeZone: null,
    createdAt: caller.now,
    createdBy: caller.actor,
  }
  await insertUser(tx, key, user)
  if (isOwner) await deleteAllOf(tx, 'claim') // the install is claimed by that
  await house.audit.record(tx, caller, {
    action: 'user.add',
    target: user.id,
    data: { isOwner },
    personal: { email, name },
  })
  return user
}

/**
 * Somebody with a password, in the caller's workspace, in one write. Throws `conflict` for a known
 * address, `invalid` with the problems of the password.
 */
export async function addAccount(
  house: House,
  caller: Caller,
  given: { readonly user: NewUser; readonly password: string; readonly member: NewMember },
): Promise<User> {
  permit(caller, 'user.add')
  permit(caller, 'member.add')
  const { user, password, member } = given
  refusePassword(passwordProblems(password, user, { hasSecondFactor: false }))
  const passwordHash = await hashPassword(house, password)
  return house.db.write(caller, async (tx) => {
    const added = await addUserIn(tx, house, caller, { ...user, passwordHash })
    await addMemberIn(tx, house, caller, added.id, member)
    return added
  })
}

export async function findUserId(
  house: House,
  caller: Caller,
  email: string,
): Promise<UserId | undefined> {
  permit(caller, 'user.add')
  const key = house.keys.purpose('row-mac')
  return (await findUserByEmail(house.db.read(caller.scope), key, email))?.id
}

export async function isMember(house: House, caller: Caller, userId: UserId): Promise<boolean> {
  permit(caller, 'member.add')
  const key = house.keys.purpose('row-mac')
  const row = await findMembership(house.db.read(caller.scope), key, caller.scope, userId)
  return row !== undefined
}

/** Gives somebody the caller's workspace. Throws `conflict` when they are in it. */
export async function addMember(
  house: House,
  caller: Caller,
  userId: UserId,
  input: NewMember,
): Promise<void> {
  permit(caller, 'member.add')
  await house.db.write(caller, (tx) => addMemberIn(tx, house, caller, userId, input))
}

/**
 * As addMember, within a write. An approver is one only when another admin than `askedBy`, who wants
 * it, confirms.
 */
export async function addMemberIn(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
  { role, isApprover, isAuditor }: NewMember,
  askedBy: Actor = caller.actor,
  providerId: ProviderId | null = null,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  if (await findMembership(tx, key, caller.scope, userId)) {
    throw new AppError('conflict', 'This person is in the workspace already.')
  }
  const workspaceId = caller.scope.workspaceId as WorkspaceId
  await insertMembership(tx, key, {
    workspaceId,
    userId,
    role,
    isAuditor,
    approver: isApprover ? 'asked' : 'no',
    approverAskedBy: isApprover ? askedBy : null,
    createdAt: caller.now,
    createdBy: caller.actor,
    providerId,
    isBreakIn: false,
  })
  await house.audit.record(tx, caller, {
    action: 'member.add',
    target: userId,
    data: { role, isApprover, isAuditor },
    workspaceId,
  })
}
