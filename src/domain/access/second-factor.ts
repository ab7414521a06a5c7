// Setting up and taking away an authenticator app, and the recovery codes that come with a second
// factor. A person's own; whatever lets them in changed, so their other sessions end and they are told.

import { tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { endSessions } from './arrival.ts'
import { leavePasswordAlone, prepareAlone, type ChosenPassword } from './credentials.ts'
import { hasSecondFactor, nameFactors, readFactors } from './factors.ts'
import { deletePasskeysOf, selectPasskeysOf } from './passkey-store.ts'
import { findActiveUser, matchTotp } from './prove.ts'
import { digestRecoveryCode, makeRecoveryCode, RECOVERY_CODES } from './recovery-code.ts'
import type { SessionRow } from './session.ts'
import { describeTotp, TOTP_SECRET_BYTES, type TotpSecret } from './totp.ts'
import {
  confirmTotp,
  deleteTotp,
  findTotp,
  replaceRecoveryCodes,
  replaceTotp,
  selectRecoveryCodes,
} from './totp-store.ts'
import { findUser, updateUser } from './user-store.ts'

/** A secret that was not confirmed within this is not shown again. */
const SETUP_MS = 15 * MINUTE

/** Makes a secret that counts for nothing until a code of it was typed. Throws `conflict` with an app. */
export async function beginTotp(house: House, caller: Caller): Promise<void> {
  const userId = caller.actor as UserId
  const secret = house.random(TOTP_SECRET_BYTES)
  const sealed = await house.keys.seal(caller.scope, sealedPlace('totp', userId), secret)
  secret.fill(0)
  await house.db.write(caller, async (tx) => {
    const known = await findTotp(tx, userId)
    if (known && known.confirmedAt !== null) throw hasTotp()
    await replaceTotp(tx, {
      userId,
      secret: sealed,
      confirmedAt: null,
      lastStep: 0,
      createdAt: caller.now,
    })
  })
}

/** The secret that is being set up, to show as text and picture; undefined once it counts. */
export async function findTotpSetup(
  house: House,
  caller: Caller,
  host: string,
): Promise<TotpSecret | undefined> {
  const userId = caller.actor as UserId
  const row = await findTotp(house.db.read(caller.scope), userId)
  if (!row || row.confirmedAt !== null || caller.now - row.createdAt >= SETUP_MS) return undefined
  const user = await findActiveUser(house, caller, userId)
  if (!user) return undefined
  const bytes = await house.keys.unseal(caller.scope, sealedPlace('totp', userId), row.secret)
  try {
    return describeTotp(bytes, user.email ?? user.id, host)
  } finally {
    bytes.fill(0)
  }
}

/**
 * Makes the app count, once it has shown a right code. Answers the recovery codes, which are shown this
 * once; none when there are some already. Throws `invalid` for a wrong code.
 */
export async function finishTotp(
  house: House,
  caller: Caller,
  code: string,
  keep: SessionRow,
): Promise<readonly string[]> {
  const userId = caller.actor as UserId
  const row = await findTotp(house.db.read(caller.scope), userId)
  if (!row || caller.now - row.createdAt >= SETUP_MS) throw new AppError('conflict', TOO_LATE)
  if (row.confirmedAt !== null) throw hasTotp()
  const step = await matchTotp(house, row, code, caller)
  if (step === undefined) throw new AppError('invalid', WRONG_CODE)
  return house.db.write(caller, async (tx) => {
    const current = await findTotp(tx, userId)
    if (!current?.secret.equals(row.secret)) throw new AppError('conflict', TOO_LATE)
    await confirmTotp(tx, userId, { confirmedAt: caller.now, lastStep: step })
    return factorAdded(tx, house, caller, { kind: 'totp', keep })
  })
}

const TOO_LATE = 'That took too long, or it was begun anew elsewhere. Begin again.'
const WRONG_CODE = 'That is not the code the app shows now. Check the clock of the phone, too.'

export interface Removal {
  /** The session that goes on. */
  readonly keep: SessionRow
  /** For somebody whose password is short, when the last factor goes: the one in its place. */
  readonly password?: string | undefined
}

/**
 * Without it the password is left, and passkeys. Throws `conflict`, with `needs: 'password'`, when
 * that would leave a short password alone; `invalid` for a new one that is no better, `busy`.
 */
export async function removeTotp(
  house: House,
  caller: Caller,
  { keep, password }: Removal,
): Promise<void> {
  const userId = caller.actor as UserId
  const chosen = await prepareAlone(house, caller, password)
  await house.db.write(caller, async (tx) => {
    const row = await findTotp(tx, userId)
    if (!row) throw forbidden()
    await readFactors(tx, house.keys.purpose('row-mac'), userId)
    await deleteTotp(tx, userId)
    if (row.confirmedAt === null) return
    await factorRemoved(tx, house, caller, { kind: 'totp', keep, chosen })
  })
}

/** Ten new ones in the place of those there were; shown this once. */
export async function renewRecoveryCodes(house: House, caller: Caller): Promise<readonly string[]> {
  const userId = caller.actor as UserId
  const key = house.keys.purpose('row-mac')
  return house.db.write(caller, async (tx) => {
    const factors = await readFactors(tx, key, userId)
    if (!hasSecondFactor(factors)) throw forbidden()
    const codes = await makeCodes(tx, house, caller)
    await nameFactors(tx, key, userId)
    await house.audit.record(tx, caller, { action: 'recovery.renew', target: userId, data: {} })
    const data = { factor: 'recovery' } as const
    await tellPerson(tx, house, caller, { userId, kind: 'factor.added', data })
    return codes
  })
}

interface FactorChange {
  readonly kind: 'totp' | 'passkey'
  /** The session that goes on. */
  readonly keep: SessionRow
}

/** Records a new second factor at the end of its write; answers recovery codes if there were none. */
export async function factorAdded(
  tx: Tx,
  house: House,
  caller: Caller,
  { kind, keep }: FactorChange,
): Promise<readonly string[]> {
  const userId = caller.actor as UserId
  await house.audit.record(tx, caller, { action: `${kind}.add`, target: userId, data: {} })
  await tellPerson(tx, house, caller, { userId, kind: 'factor.added', data: { factor: kind } })
  await endSessions(tx, house, caller, userId, { reason: `${kind}.add`, keep })
  const isFirst = (await selectRecoveryCodes(tx, userId)).length === 0
  const codes = isFirst ? await makeCodes(tx, house, caller) : []
  await nameFactors(tx, house.keys.purpose('row-mac'), userId)
  return codes
}

/**
 * Records that one is gone, at the end of its write. With the last one the recovery codes go too, and
 * a short password. Throws `conflict` as removeTotp.
 */
export async function factorRemoved(
  tx: Tx,
  house: House,
  caller: Caller,
  { kind, keep, chosen }: FactorChange & { readonly chosen: ChosenPassword | undefined },
): Promise<void> {
  const userId = caller.actor as UserId
  const key = house.keys.purpose('row-mac')
  await house.audit.record(tx, caller, { action: `${kind}.remove`, target: userId, data: {} })
  await tellPerson(tx, house, caller, { userId, kind: 'factor.removed', data: { factor: kind } })
  await endSessions(tx, house, caller, userId, { reason: `${kind}.remove`, keep })
  const totp = await findTotp(tx, userId)
  const passkeys = await selectPasskeysOf(tx, key, userId)
  if ((totp?.confirmedAt ?? null) === null && passkeys.length === 0) {
    await replaceRecoveryCodes(tx, userId, [], caller.now)
    await leavePasswordAlone(tx, house, caller, chosen)
  }
  await nameFactors(tx, key, userId)
}

/**
 * Everything somebody has beside their password, within the write of who takes it away: also what was
 * changed in the file, as this is the way out of that. A short password goes with it. How many factors
 * there were, and whether the password went.
 */
export async function removeFactorsOf(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<{ readonly count: number; readonly isPasswordOver: boolean }> {
  const key = house.keys.purpose('row-mac')
  const totp = await findTotp(tx, userId)
  const passkeys = await deletePasskeysOf(tx, userId)
  await deleteTotp(tx, userId)
  await replaceRecoveryCodes(tx, userId, [], caller.now)
  const user = await findUser(tx, key, userId)
  const isPasswordOver = user?.isPasswordShort === true
  if (isPasswordOver) {
    const over = { passwordHash: null, passwordChangedAt: null, isPasswordShort: false }
    await updateUser(tx, key, { ...user, ...over })
  }
  await nameFactors(tx, key, userId)
  const removed = [
    ...(totp ? (['totp'] as const) : []),
    ...Array<'passkey'>(passkeys).fill('passkey'),
  ]
  for (const factor of removed) {
    await tellPerson(tx, house, caller, { userId, kind: 'factor.removed', data: { factor } })
  }
  return { count: removed.length, isPasswordOver }
}

async function makeCodes(tx: Tx, house: House, caller: Caller): Promise<readonly string[]> {
  const userId = caller.actor as UserId
  const codes = Array.from({ length: RECOVERY_CODES }, () => makeRecoveryCode(house.random))
  const hashes = codes.map((code) => digestRecoveryCode(house, userId, code)!)
  await replaceRecoveryCodes(tx, userId, hashes, caller.now)
  return codes
}

function hasTotp(): AppError {
  return new AppError('conflict', 'There is an authenticator app already. Remove it first.')
}
