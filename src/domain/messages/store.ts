// SQL of notices to people and of mail that waits. Both belong to the instance: a person reads theirs in
// no workspace.

import type { MailId, NoticeId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { isNoticeKind, type Notice } from './notice.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** What an account page shows; older ones stay in the log of the instance. */
const NOTICES_SHOWN = 50

export async function insertNotice(tx: Tx, { data, ...notice }: Notice): Promise<void> {
  await tx
    .insertInto('personNotice')
    .values({ ...notice, data: JSON.stringify(data) })
    .execute()
}

/** The newest first. */
export async function selectNoticesOf(db: Handle, userId: UserId): Promise<readonly Notice[]> {
  const rows = await db
    .selectFrom('personNotice')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(NOTICES_SHOWN)
    .execute()
  return rows.flatMap(({ kind, data, ...row }) =>
    isNoticeKind(kind) ? [{ ...row, kind, data: JSON.parse(data) as unknown }] : [],
  )
}

const UNSEEN_COUNTED_MAX = 99

export async function countUnseenOf(db: Handle, userId: UserId): Promise<number> {
  const rows = await db
    .selectFrom('personNotice')
    .select('id')
    .where('userId', '=', userId)
    .where('seenAt', 'is', null)
    .limit(UNSEEN_COUNTED_MAX)
    .execute()
  return rows.length
}

export async function findNotice(db: Handle, id: NoticeId): Promise<Notice | undefined> {
  const row = await db
    .selectFrom('personNotice')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row || !isNoticeKind(row.kind)) return undefined
  return { ...row, kind: row.kind, data: JSON.parse(row.data) as unknown }
}

export async function findAddressOf(db: Handle, userId: UserId): Promise<string | null> {
  const row = await db
    .selectFrom('user')
    .select('email')
    .where('id', '=', userId)
    .where('state', '=', 'active')
    .executeTakeFirst()
  return row?.email ?? null
}

export async function markSeen(tx: Tx, userId: UserId, seenAt: Instant): Promise<void> {
  await tx
    .updateTable('personNotice')
    .set({ seenAt })
    .where('userId', '=', userId)
    .where('seenAt', 'is', null)
    .execute()
}

export async function deleteNoticesOf(tx: Tx, userId: UserId): Promise<void> {
  await tx.deleteFrom('personNotice').where('userId', '=', userId).execute()
}

export interface MailRow {
  readonly id: MailId
  readonly kind: string
  readonly sealed: Buffer
  readonly createdAt: Instant
}

export async function insertMail(tx: Tx, row: MailRow): Promise<void> {
  await tx.insertInto('outgoingMail').values(row).execute()
}

export async function findMail(db: Handle, id: MailId): Promise<MailRow | undefined> {
  return db.selectFrom('outgoingMail').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function deleteMail(tx: Tx, id: MailId): Promise<void> {
  await tx.deleteFrom('outgoingMail').where('id', '=', id).execute()
}

/** Mail that could never be sent: its links have ended long before. */
export async function deleteMailOlder(tx: Tx, before: Instant): Promise<void> {
  await tx.deleteFrom('outgoingMail').where('createdAt', '<', before).execute()
}
