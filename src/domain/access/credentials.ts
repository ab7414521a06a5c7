// Choosing a password. Whatever lets somebody in changed, so their other sessions end and they are told.
// A short one is good only beside a second factor: that is looked at again in the write that sets it, and
// the write in which the last factor goes sets a longer one, or does not happen.

import { tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import { deleteEmailChangeOf } from './email-store.ts'
import { hasSecondFactor, readFactors } from './factors.ts'
import { hashPassword } from './password-hash.ts'
import { isShort, passwordProblems, tooShort } from './password.ts'
import type { User } from './person.ts'
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
  const chosen = await hashChosen(house, password)
  await house.db.write(caller, async (tx) => {
    const user = await findUser(tx, house.keys.purpose('row-mac'), userId)
    if (user?.state !== 'active') throw forbidden()
    await setPasswordIn(tx, house, caller, user, chosen)
    await endSessions(tx, house, caller, userId, { reason: 'password.change', keep })
    await tellPerson(tx, house, caller, { userId, kind: 'password.changed', data: {} })
  })
}

/** A password that was judged, on its way into a row. */
export interface ChosenPassword {
  /** PHC string of Argon2id. */
  readonly phc: string
  readonly isShort: boolean
}

/** Throws `busy`. */
export async function hashChosen(house: House, password: string): Promise<ChosenPassword> {
  return { phc: await hashPassword(house, password), isShort: isShort(password) }
}

/** For whom the last factor may be going: a password that stands alone. Throws as choosePassword. */
export async function prepareAlone(
  house: House,
  caller: Caller,
  password: string | undefined,
): Promise<ChosenPassword | undefined> {
  if (password === undefined) return undefined
  const userId = caller.actor as UserId
  refusePassword(await findPasswordProblems(house, caller, userId, password, { isAlone: true }))
  return hashChosen(house, password)
}

/**
 * Within the write that takes away somebody's last second factor: what is left must let in them, and
 * them only. Throws `conflict`, with `needs: 'password'`, when that takes another password.
 */
export async function leavePasswordAlone(
  tx: Tx,
  house: House,
  caller: Caller,
  chosen: ChosenPassword | undefined,
): Promise<void> {
  const userId = caller.actor as UserId
  const user = await findUser(tx, house.keys.purpose('row-mac'), userId)
  if (user?.state !== 'active') throw forbidden()
  if (user.passwordHash !== null && !user.isPasswordShort) return
  if (!chosen) {
    const words = user.passwordHash === null ? 'You have no password.' : 'Your password is short.'
    throw new AppError('conflict', `${words} Choose one that stands alone.`, {
      details: { needs: 'password' },
    })
  }
  await setPasswordIn(tx, house, caller, user, chosen)
  await tellPerson(tx, house, caller, { userId, kind: 'password.changed', data: {} })
}

/** What is wrong with a password for this person, as they are now; or would be without a factor. */
export async function findPasswordProblems(
  house: House,
  caller: Caller,
  userId: UserId,
  password: string,
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<readonly Problem[]> {
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  const user = await findUser(db, key, userId)
  if (user?.state !== 'active') throw forbidden()
  const memberships = await selectMembershipsOf(db, key, userId)
  const words = memberships.flatMap(({ slug, name }) => [slug, name])
  const rule = { hasSecondFactor: !isAlone && hasSecondFactor(await readFactors(db, key, userId)) }
  return passwordProblems(password, { ...user, words }, rule)
}

/** Throws `invalid` with the problems, if there are any. */
export function refusePassword(problems: readonly Problem[]): void {
  const [first] = problems
  if (first) throw new AppError('invalid', first.message, { details: { problems } })
}

/** Within a write. Throws `invalid` for a short one beside which no factor stands any more. */
export async function setPasswordIn(
  tx: Tx,
  house: Pick<House, 'keys' | 'audit'>,
  caller: Caller,
  user: User,
  { phc, isShort: isPasswordShort }: ChosenPassword,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  if (isPasswordShort && !hasSecondFactor(await readFactors(tx, key, user.id))) {
    refusePassword([tooShort()])
  }
  const passwordChangedAt = caller.now
  await updateUser(tx, key, { ...user, passwordHash: phc, passwordChangedAt, isPasswordShort })
  await deleteResetsOf(tx, user.id)
  await deleteEmailChangeOf(tx, user.id)
  await house.audit.record(tx, caller, { action: 'password.change', target: user.id, data: {} })
}
