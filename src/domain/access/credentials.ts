// Choosing a password. Whatever lets somebody in changed, so their other sessions end and they are told.

import { tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import { hashPassword } from './password-hash.ts'
import { passwordProblems } from './password.ts'
import type { User } from './person.ts'
import { findSecondFactors, hasSecondFactor } from './second-factor.ts'
import type { SessionRow } from './session.ts'
import { deleteResetsOf } from './link-store.ts'
import { findUser, selectMembershipsOf, updateUser } from './user-store.ts'

/**
 * Sets the caller's own password and ends their sessions but `keep`. Throws `invalid` with problems when
 * the password is too easy, `busy` when too many are being made at once.
 */
export async function choosePassword(
  house: House,
  caller: Caller,
  userId: UserId,
  password: string,
  { keep }: { readonly keep?: SessionRow | undefined } = {},
): Promise<void> {
  if (caller.actor !== userId) throw forbidden()
  const problems = await findPasswordProblems(house, caller, userId, password)
  refusePassword(problems)
  const phc = await hashPassword(house, password)
  await house.db.write(caller, async (tx) => {
    const user = await findUser(tx, house.keys.purpose('row-mac'), userId)
    if (user?.state !== 'active') throw forbidden()
    await setPasswordIn(tx, house, caller, user, phc)
    await endSessions(tx, house, caller, userId, { reason: 'password.change', keep })
    await tellPerson(tx, house, caller, { userId, kind: 'password.changed', data: {} })
  })
}

/** What is wrong with a password for this person, as they are now. */
export async function findPasswordProblems(
  house: House,
  caller: Caller,
  userId: UserId,
  password: string,
): Promise<readonly Problem[]> {
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  const user = await findUser(db, key, userId)
  if (user?.state !== 'active') throw forbidden()
  const memberships = await selectMembershipsOf(db, key, userId)
  const words = memberships.flatMap(({ slug, name }) => [slug, name])
  const factors = await findSecondFactors(house, caller, userId)
  const rule = { hasSecondFactor: hasSecondFactor(factors) }
  return passwordProblems(password, { ...user, words }, rule)
}

/** Throws `invalid` with the problems, if there are any. */
export function refusePassword(problems: readonly Problem[]): void {
  const [first] = problems
  if (first) throw new AppError('invalid', first.message, { details: { problems } })
}

/** Within a write; `phc` comes from hashPassword, made before it. */
export async function setPasswordIn(
  tx: Tx,
  house: Pick<House, 'keys' | 'audit'>,
  caller: Caller,
  user: User,
  phc: string,
): Promise<void> {
  const changed = { ...user, passwordHash: phc, passwordChangedAt: caller.now }
  await updateUser(tx, house.keys.purpose('row-mac'), changed)
  await deleteResetsOf(tx, user.id)
  await house.audit.record(tx, caller, { action: 'password.change', target: user.id, data: {} })
}
