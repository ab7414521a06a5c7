// Proving who one is, by a password or a code. Nothing here tells an account that exists from one that
// does not, nor a suspended one from a wrong password: the same work, the same answer. Every failure
// leaves a trace; what was typed does not.

import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import { systemActor } from '#kernel/actor.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { countAttempt, digestAccount, refuseWaiting, type Attempt } from './attempts.ts'
import { isKnownDevice } from './device-store.ts'
import { findSecondFactors, nameFactors, readFactors } from './factors.ts'
import { hashPassword, isOutdated, verifyPassword } from './password-hash.ts'
import { isShort } from './password.ts'
import type { User } from './person.ts'
import { digestRecoveryCode } from './recovery-code.ts'
import type { Factor } from './session.ts'
import { stepOfCode } from './totp.ts'
import { findTotp, takeRecoveryCode, takeTotpStep, type TotpRow } from './totp-store.ts'
import { findUser, findUserByEmail, updateUser } from './user-store.ts'

/** The browser that tries. */
export interface Visitor {
  readonly network: string
  /** The value of its device cookie. */
  readonly device: string | undefined
}

/** Who it is, once the password was right; undefined otherwise. Throws `rate_limited` and `busy`. */
export async function provePassword(
  house: House,
  caller: Caller,
  visitor: Visitor,
  given: { readonly email: string; readonly password: string },
): Promise<{ user: User; attempt: Attempt } | undefined> {
  const account = given.email.trim().toLowerCase()
  const found = await findUserByEmail(
    house.db.read(caller.scope),
    house.keys.purpose('row-mac'),
    account,
  )
  const user = found?.state === 'active' ? found : undefined
  const attempt = await attemptOf(house, caller, visitor, account, found?.id)
  return traced(house, caller, attempt, found?.id, async () => {
    await refuseWaiting(house, caller, attempt)
    const phc = user?.passwordHash ?? null
    const admit = () => countAttempt(house, caller, attempt)
    const isRight = await verifyPassword(phc, given.password, admit)
    if (!isRight || !user) return undefined
    if (phc !== null && isOutdated(phc)) await makeAgain(house, caller, user, given.password)
    if (user.isPasswordShort !== isShort(given.password)) await noteShort(house, caller, user)
    return { user, attempt }
  })
}

/**
 * A code of the authenticator app, or a recovery code, of somebody whose first factor is proved. Which
 * one it was; undefined for a wrong or used one. Throws `rate_limited`.
 */
export async function proveCode(
  house: House,
  caller: Caller,
  visitor: Visitor,
  given: { readonly user: User; readonly code: string },
): Promise<{ factor: Factor; attempt: Attempt } | undefined> {
  const { user, code } = given
  const attempt = await attemptOf(house, caller, visitor, user.email ?? user.id, user.id)
  return traced(house, caller, attempt, user.id, async () => {
    await refuseWaiting(house, caller, attempt)
    await countAttempt(house, caller, attempt)
    const factor = await takeCode(house, caller, user.id, code)
    return factor && { factor, attempt }
  })
}

/** Of somebody who may come in: active, and as they are now. */
export async function findActiveUser(
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<User | undefined> {
  const user = await findUser(house.db.read(caller.scope), house.keys.purpose('row-mac'), userId)
  return user?.state === 'active' ? user : undefined
}

/** A try as it is counted. The same work for nobody as for somebody. */
export async function attemptOf(
  house: House,
  caller: Caller,
  { network, device }: Visitor,
  account: string,
  userId: UserId | undefined,
): Promise<Attempt> {
  // Looked up for nobody as well: the same work.
  const key = sha256Hex(device ?? '')
  const isKnown = await isKnownDevice(
    house.db.read(caller.scope),
    userId ?? ('usr_nobody' as UserId),
    key,
  )
  return {
    account,
    network,
    knownDevice: isKnown && userId !== undefined ? { userId, key } : undefined,
  }
}

async function takeCode(
  house: House,
  caller: Caller,
  userId: UserId,
  typed: string,
): Promise<Factor | undefined> {
  const key = house.keys.purpose('row-mac')
  await findSecondFactors(house, caller, userId)
  const totp = await findTotp(house.db.read(caller.scope), userId)
  if (totp && totp.confirmedAt !== null && /^[\d\s]+$/.test(typed)) {
    const step = await matchTotp(house, totp, typed, caller)
    if (step === undefined) return undefined
    const isFirst = await house.db.write(caller, (tx) => takeTotpStep(tx, userId, step))
    return isFirst ? 'totp' : undefined
  }
  const hash = digestRecoveryCode(house, userId, typed)
  if (hash === undefined) return undefined
  const isFirst = await house.db.write(caller, async (tx) => {
    await readFactors(tx, key, userId)
    const isTaken = await takeRecoveryCode(tx, userId, hash, caller.now)
    if (isTaken) await nameFactors(tx, key, userId)
    return isTaken
  })
  return isFirst ? 'recovery' : undefined
}

/** The step of a code of this app. */
export async function matchTotp(
  house: Pick<House, 'keys'>,
  { userId, secret }: TotpRow,
  typed: string,
  caller: Caller,
): Promise<number | undefined> {
  const bytes = await house.keys.unseal(caller.scope, sealedPlace('totp', userId), secret)
  try {
    return stepOfCode(bytes, typed, caller.now)
  } finally {
    bytes.fill(0)
  }
}

// Parameters rose since this hash was made. Somebody who changed the password meanwhile wins.
async function makeAgain(
  house: House,
  caller: Caller,
  user: User,
  password: string,
): Promise<void> {
  const passwordHash = await hashPassword(house, password)
  await house.db.write(caller, async (tx) => {
    const key = house.keys.purpose('row-mac')
    const current = await findUser(tx, key, user.id)
    if (current?.passwordHash !== user.passwordHash) return
    await updateUser(tx, key, { ...current, passwordHash })
  })
}

// It was set before its length was kept.
async function noteShort(house: House, caller: Caller, user: User): Promise<void> {
  await house.db.write(caller, async (tx) => {
    const key = house.keys.purpose('row-mac')
    const current = await findUser(tx, key, user.id)
    if (current?.passwordChangedAt !== user.passwordChangedAt) return
    await updateUser(tx, key, { ...current, isPasswordShort: !user.isPasswordShort })
  })
}

/** Records what failed as a refusal: of the person, or of an address nobody has, by its digest. */
async function traced<T>(
  house: House,
  caller: Caller,
  attempt: Attempt,
  userId: UserId | undefined,
  prove: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const record = (code: string) =>
    house.audit.recordRefusal(
      {
        ...caller,
        actor: userId ?? systemActor('sign-in', digestAccount(house, attempt.account)),
      },
      { verb: 'session.start', target: userId ?? 'unknown', code },
    )
  try {
    const proved = await prove()
    if (proved === undefined) await record('unauthenticated')
    return proved
  } catch (error) {
    if (error instanceof AppError && error.code === 'rate_limited') await record(error.code)
    throw error
  }
}
