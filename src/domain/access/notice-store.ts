// SQL of what somebody was told about their own account. Rows of the person, whatever the workspace.

import type { Selectable } from 'kysely'
import type { UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>

export type NoticeRow = Selectable<Tables['personNotice']>

export async function insertNotice(tx: Tx, row: NoticeRow): Promise<void> {
  await tx.insertInto('personNotice').values(row).execute()
}

/** The newest first. */
export async function selectNotices(
  db: Handle,
  userId: UserId,
  limit: number,
): Promise<readonly NoticeRow[]> {
  return db
    .selectFrom('personNotice')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** At most `max`. */
export async function countUnseenNotices(db: Handle, userId: UserId, max: number): Promise<number> {
  const rows = await db
    .selectFrom('personNotice')
    .select('id')
    .where('userId', '=', userId)
    .where('seenAt', 'is', null)
    .limit(max)
    .execute()
  return rows.length
}

export async function markNoticesSeen(tx: Tx, userId: UserId, seenAt: Instant): Promise<void> {
  await tx
    .updateTable('personNotice')
    .set({ seenAt })
    .where('userId', '=', userId)
    .where('seenAt', 'is', null)
    .execute()
}
