// SQL of authenticator apps and recovery codes. Rows of the person; the secret stands sealed.

import type { Selectable } from 'kysely'
import type { UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type TotpRow = Selectable<Tables['totp']>

export async function findTotp(db: Handle, userId: UserId): Promise<TotpRow | undefined> {
  return db.selectFrom('totp').selectAll().where('userId', '=', userId).executeTakeFirst()
}

/** In the place of the one that was there. */
export async function replaceTotp(tx: Tx, row: TotpRow): Promise<void> {
  await deleteTotp(tx, row.userId)
  await tx.insertInto('totp').values(row).execute()
}

export async function confirmTotp(
  tx: Tx,
  userId: UserId,
  confirmed: Pick<TotpRow, 'confirmedAt' | 'lastStep'>,
): Promise<void> {
  await tx.updateTable('totp').set(confirmed).where('userId', '=', userId).execute()
}

/** False when this step, or a later one, was used before: a code is good once. */
export async function takeTotpStep(tx: Tx, userId: UserId, step: number): Promise<boolean> {
  const [result] = await tx
    .updateTable('totp')
    .set({ lastStep: step })
    .where('userId', '=', userId)
    .where('confirmedAt', 'is not', null)
    .where('lastStep', '<', step)
    .execute()
  return Number(result?.numUpdatedRows ?? 0) === 1
}

export async function deleteTotp(tx: Tx, userId: UserId): Promise<void> {
  await tx.deleteFrom('totp').where('userId', '=', userId).execute()
}

export async function replaceRecoveryCodes(
  tx: Tx,
  userId: UserId,
  hashes: readonly string[],
  createdAt: Instant,
): Promise<void> {
  await tx.deleteFrom('recoveryCode').where('userId', '=', userId).execute()
  if (hashes.length === 0) return
  const rows = hashes.map((hash) => ({ userId, hash, createdAt, usedAt: null }))
  await tx.insertInto('recoveryCode').values(rows).execute()
}

/** False for a code that was used, and for none of theirs. */
export async function takeRecoveryCode(
  tx: Tx,
  userId: UserId,
  hash: string,
  usedAt: Instant,
): Promise<boolean> {
  const [result] = await tx
    .updateTable('recoveryCode')
    .set({ usedAt })
    .where('userId', '=', userId)
    .where('hash', '=', hash)
    .where('usedAt', 'is', null)
    .execute()
  return Number(result?.numUpdatedRows ?? 0) === 1
}

/** Digests of those that were not used. */
export async function selectRecoveryCodes(db: Handle, userId: UserId): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('recoveryCode')
    .select('hash')
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .execute()
  return rows.map(({ hash }) => hash)
}
