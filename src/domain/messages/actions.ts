// Sending what waits, and reading what one was told.

import { z } from 'zod'
import { INSTANCE_WORKSPACE, type MailId, type NoticeId, type UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Mail } from '#platform/mailer.ts'
import { describeNotice, isAboutWork, type Notice } from './notice.ts'
import {
  countUnseenOf,
  deleteMail,
  deleteNoticesOf,
  findAddressOf,
  findMail,
  findNotice,
  markSeen,
  selectNoticesOf,
} from './store.ts'

const MailText = z.strictObject({ to: z.string(), subject: z.string(), text: z.string() })

/** Sends one mail and forgets it. Nothing to do when it is gone: it was sent before. */
export async function sendMail(
  house: House,
  caller: Caller,
  id: MailId,
  signal: AbortSignal,
): Promise<void> {
  const row = await findMail(house.db.read(caller.scope), id)
  if (!row || !house.mailer) return
  const place = { table: 'outgoingMail', row: id, column: 'sealed' }
  const plaintext = await house.keys.unseal(makeScope(INSTANCE_WORKSPACE), place, row.sealed)
  const mail: Mail = MailText.parse(JSON.parse(plaintext.toString('utf8')))
  plaintext.fill(0)
  await house.mailer.send(mail, signal)
  await house.db.write(caller, (tx) => deleteMail(tx, id))
}

/** Sends what a person was told, to the address they have now. */
export async function sendNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
  signal: AbortSignal,
): Promise<void> {
  const db = house.db.read(caller.scope)
  const notice = await findNotice(db, id)
  const to = notice && (await findAddressOf(db, notice.userId))
  if (!notice || to === null || to === undefined || !house.mailer) return
  const what = describeNotice(notice.kind, notice.data)
  const at = new Date(notice.at).toISOString()
  if (isAboutWork(notice.kind)) {
    const text = `${what}\n\nThis happened at ${at} (UTC).\n`
    await house.mailer.send({ to, subject: 'Rulewright: a change', text }, signal)
    return
  }
  const text = `${what}\n\nThis happened at ${at} (UTC).\nIf it was not you, sign in, change your password and end the sessions you do not know.\n`
  await house.mailer.send({ to, subject: 'Rulewright: about your account', text }, signal)
}

/** What somebody was told about their own account, newest first; at most 50. */
export function readNotices(
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<readonly Notice[]> {
  return selectNoticesOf(house.db.read(caller.scope), userId)
}

/** How many of them somebody has not looked at; 99 stands for more. */
export function countNewNotices(house: House, caller: Caller, userId: UserId): Promise<number> {
  return countUnseenOf(house.db.read(caller.scope), userId)
}

export async function markNoticesSeen(house: House, caller: Caller, userId: UserId): Promise<void> {
  await house.db.write(caller, (tx) => markSeen(tx, userId, caller.now))
}

/** For somebody who is erased: what they were told goes with them. */
export function forgetPerson(tx: Tx, userId: UserId): Promise<void> {
  return deleteNoticesOf(tx, userId)
}
