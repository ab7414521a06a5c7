// SQL of the browsers somebody has signed in with before. `key` is the hex SHA-256 of the cookie.

import type { Selectable } from 'kysely'
import type { UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type DeviceRow = Selectable<Tables['device']>

export async function isKnownDevice(db: Handle, userId: UserId, key: string): Promise<boolean> {
  const row = await db
    .selectFrom('device')
    .select('key')
    .where('userId', '=', userId)
    .where('key', '=', key)
    .executeTakeFirst()
  return row !== undefined
}

/** The newest use first. */
export async function selectDevices(db: Handle, userId: UserId): Promise<readonly DeviceRow[]> {
  return db
    .selectFrom('device')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('lastAt', 'desc')
    .orderBy('key')
    .execute()
}

export async function insertDevice(tx: Tx, row: DeviceRow): Promise<void> {
  await tx.insertInto('device').values(row).execute()
}

export async function touchDevice(
  tx: Tx,
  userId: UserId,
  key: string,
  lastAt: Instant,
): Promise<void> {
  await tx
    .updateTable('device')
    .set({ lastAt })
    .where('userId', '=', userId)
    .where('key', '=', key)
    .execute()
}

export async function deleteDevice(tx: Tx, userId: UserId, key: string): Promise<void> {
  await tx.deleteFrom('device').where('userId', '=', userId).where('key', '=', key).execute()
}

/** All of somebody's, but for `exceptKey`. */
export async function deleteDevicesOf(
  tx: Tx,
  userId: UserId,
  exceptKey: string | null,
): Promise<void> {
  let query = tx.deleteFrom('device').where('userId', '=', userId)
  if (exceptKey !== null) query = query.where('key', '!=', exceptKey)
  await query.execute()
}
