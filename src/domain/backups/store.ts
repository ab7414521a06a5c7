// Rows of backups. The table is the instance's: a backup is of all workspaces.

import type { BackupId } from '#kernel/id.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Backup } from './backup.ts'

type Handle = Pick<Reader, 'selectFrom'>

export async function insertBackup(tx: Tx, backup: Backup): Promise<void> {
  const { isScheduled, ...rest } = backup
  await tx
    .insertInto('backup')
    .values({ ...rest, isScheduled: isScheduled ? 1 : 0 })
    .execute()
}

/** Newest first, at most 1,000. */
export async function listBackups(db: Handle): Promise<Backup[]> {
  const rows = await db
    .selectFrom('backup')
    .selectAll()
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({ ...row, isScheduled: row.isScheduled === 1 }))
}

export async function deleteBackup(tx: Tx, id: BackupId): Promise<void> {
  await tx.deleteFrom('backup').where('id', '=', id).execute()
}
