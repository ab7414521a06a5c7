// SQL of passkeys. Every row read is checked against its digest: `conflict` for one edited in the file.

import type { Selectable } from 'kysely'
import type { PasskeyId, UserId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type PasskeyRow = Omit<Selectable<Tables['passkey']>, 'mac'>

export async function insertPasskey(tx: Tx, key: RowKey, row: PasskeyRow): Promise<void> {
  await tx
    .insertInto('passkey')
    .values(withMac(key, 'passkey', row))
    .execute()
}

/** `credentialId` in base64url, as the browser names it. */
export async function findPasskey(
  db: Handle,
  key: RowKey,
  credentialId: string,
): Promise<PasskeyRow | undefined> {
  const row = await db
    .selectFrom('passkey')
    .selectAll()
    .where('credentialId', '=', credentialId)
    .executeTakeFirst()
  return row && checkMac(key, 'passkey', row)
}

/** The oldest first. */
export async function selectPasskeysOf(
  db: Handle,
  key: RowKey,
  userId: UserId,
): Promise<readonly PasskeyRow[]> {
  const rows = await db
    .selectFrom('passkey')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map((row) => checkMac(key, 'passkey', row))
}

/** False when another use was counted meanwhile: two assertions with one counter are one too many. */
export async function countPasskeyUse(
  tx: Tx,
  before: PasskeyRow,
  used: Pick<PasskeyRow, 'counter' | 'isBackedUp' | 'usedAt'>,
): Promise<boolean> {
  const [result] = await tx
    .updateTable('passkey')
    .set(used)
    .where('id', '=', before.id)
    .where('counter', '=', before.counter)
    .execute()
  return Number(result?.numUpdatedRows ?? 0) === 1
}

/** How many there were, also of those that were changed in the file. */
export async function deletePasskeysOf(tx: Tx, userId: UserId): Promise<number> {
  const [result] = await tx.deleteFrom('passkey').where('userId', '=', userId).execute()
  return Number(result?.numDeletedRows ?? 0)
}

export async function deletePasskey(tx: Tx, userId: UserId, id: PasskeyId): Promise<boolean> {
  const [result] = await tx
    .deleteFrom('passkey')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .execute()
  return Number(result?.numDeletedRows ?? 0) === 1
}
