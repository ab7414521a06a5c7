// SQL of addresses that wait for their link to be opened: one a person. Checked against their digests.

import type { Selectable } from 'kysely'
import type { UserId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'

export type EmailChangeRow = Omit<Selectable<Tables['emailChange']>, 'mac'>

/** In the place of the one that waited. */
export async function replaceEmailChange(tx: Tx, key: RowKey, row: EmailChangeRow): Promise<void> {
  await deleteEmailChangeOf(tx, row.userId)
  await tx
    .insertInto('emailChange')
    .values(withMac(key, 'emailChange', row))
    .execute()
}

export async function findEmailChangeOf(
  db: Pick<Reader, 'selectFrom'>,
  key: RowKey,
  userId: UserId,
): Promise<EmailChangeRow | undefined> {
  const row = await db
    .selectFrom('emailChange')
    .selectAll()
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row && checkMac(key, 'emailChange', row)
}

export async function deleteEmailChangeOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.deleteFrom('emailChange').where('userId', '=', userId).execute()
}

/** For a clock that was set back: none may live again. */
export async function deleteEmailChanges(tx: Tx): Promise<void> {
  await tx.deleteFrom('emailChange').execute()
}
