// Setting up and taking away an authenticator app, and the recovery codes that come with a second
// factor. A person's own; whatever lets them in changed, so their other sessions end and they are told.

import { tellPerson } from '#domain/messages/request.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { sealedPlace } from '#platform/keys/sealed-columns.ts'
import { endSessions } from './arrival.ts'
import { deletePasskey, selectPasskeysOf } from './passkey-store.ts'
import { findActiveUser, matchTotp } from './prove.ts'
import { digestRecoveryCode, makeRecoveryCode, RECOVERY_CODES } from './recovery-code.ts'
import type { SessionRow } from './session.ts'
import { describeTotp, TOTP_SECRET_BYTES, type TotpSecret } from './totp.ts'
import {
  confirmTotp,
  countRecoveryCodes,
  deleteTotp,
  findTotp,
  replaceRecoveryCodes,
  replaceTotp,
} from './totp-store.ts'

/** What somebody has beside their password. */
export interface SecondFactors {
  /** When the authenticator app was confirmed; null without one. */
  readonly totpSince: Instant | null
  readonly passkeyCount: number
  readonly recoveryCodesLeft: number
}

export function hasSecondFactor({ totpSince, passkeyCount }: SecondFactors): boolean {
  return totpSince !== null || passkeyCount > 0
}

export async function findSecondFactors(
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<SecondFactors> {
  const db = house.db.read(caller.scope)
  const totp = await findTotp(db, userId)
  return {
    totpSince: totp?.confirmedAt ?? null,
    passkeyCount: (await selectPasskeysOf(db, house.keys.purpose('row-mac'), userId)).length,
    recoveryCodesLeft: await countRecoveryCodes(db, userId),
  }
}

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

/** Without it only the password is left, and other passkeys. */
export async function removeTotp(house: House, caller: Caller, keep: SessionRow): Promise<void> {
  const userId = caller.actor as UserId
  await house.db.write(caller, async (tx) => {
    const row = await findTotp(tx, userId)
    if (!row) throw forbidden()
    await deleteTotp(tx, userId)
    if (row.confirmedAt !== null) await factorRemoved(tx, house, caller, { kind: 'totp', keep })
  })
}

/** Ten new ones in the place of those there were; shown this once. */
export async function renewRecoveryCodes(house: House, caller: Caller): Promise<readonly string[]> {
  const userId = caller.actor as UserId
  return house.db.write(caller, async (tx) => {
    const codes = await makeCodes(tx, house, caller)
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

/** Records a new second factor within its write; answers recovery codes if there were none. */
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
  return (await countRecoveryCodes(tx, userId)) > 0 ? [] : makeCodes(tx, house, caller)
}

/** Records that one is gone, within its write; with the last one the recovery codes go too. */
export async function factorRemoved(
  tx: Tx,
  house: House,
  caller: Caller,
  { kind, keep }: FactorChange,
): Promise<void> {
  const userId = caller.actor as UserId
  await house.audit.record(tx, caller, { action: `${kind}.remove`, target: userId, data: {} })
  await tellPerson(tx, house, caller, { userId, kind: 'factor.removed', data: { factor: kind } })
  await endSessions(tx, house, caller, userId, { reason: `${kind}.remove`, keep })
  const totp = await findTotp(tx, userId)
  const passkeys = await selectPasskeysOf(tx, house.keys.purpose('row-mac'), userId)
  if (!totp && passkeys.length === 0) await replaceRecoveryCodes(tx, userId, [], caller.now)
}

/** Everything somebody has beside their password, within the write of who takes it away. */
export async function removeFactorsOf(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<boolean> {
  const totp = await findTotp(tx, userId)
  const passkeys = await selectPasskeysOf(tx, house.keys.purpose('row-mac'), userId)
  await deleteTotp(tx, userId)
  for (const { id } of passkeys) await deletePasskey(tx, userId, id)
  await replaceRecoveryCodes(tx, userId, [], caller.now)
  const removed = [...(totp ? (['totp'] as const) : []), ...passkeys.map(() => 'passkey' as const)]
  for (const factor of removed) {
    await tellPerson(tx, house, caller, { userId, kind: 'factor.removed', data: { factor } })
  }
  return removed.length > 0
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
