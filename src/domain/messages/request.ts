// Telling people, from within the write that made it necessary.

import { ID_PREFIXES, INSTANCE_WORKSPACE, makeId, type MailId, type UserId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Mail } from '#platform/mailer.ts'
import { sendMailJob, sendNoticeJob } from './jobs.ts'
import type { NoticeData, NoticeKind } from './notice.ts'
import { deleteMailOlder, insertMail, insertNotice } from './store.ts'

const MAIL_KEPT_MS = 7 * DAY

/**
 * Tells somebody about their own account: on their account page, and by mail where a server is set.
 * Needs nothing of the person but their id.
 */
export async function tellPerson<K extends NoticeKind>(
  tx: Tx,
  house: House,
  caller: Caller,
  { userId, kind, data }: { userId: UserId; kind: K; data: NoticeData<K> },
): Promise<void> {
  const id = makeId(ID_PREFIXES.notice, caller.now, house.random(10))
  await insertNotice(tx, { id, userId, kind, data, at: caller.now, seenAt: null })
  if (!house.mailer) return
  const title = 'Mail a person about their account'
  await house.jobs.enqueue(tx, caller, sendNoticeJob, { noticeId: id }, { title })
}

/** A mail that is sealed and not yet queued. */
export interface PreparedMail {
  readonly id: MailId
  readonly sealed: Buffer
}

/**
 * Seals a mail, because it may hold a link that lets somebody in. Call it before the write that queues
 * it. Undefined where no mail server is set: then the link is shown on the page.
 */
export async function prepareMail(house: House, mail: Mail): Promise<PreparedMail | undefined> {
  if (!house.mailer) return undefined
  const id = makeId(ID_PREFIXES.mail, house.clock.now(), house.random(10))
  const place = { table: 'outgoingMail', row: id, column: 'sealed' }
  const plaintext = Buffer.from(JSON.stringify(mail))
  const sealed = await house.keys.seal(makeScope(INSTANCE_WORKSPACE), place, plaintext)
  plaintext.fill(0)
  return { id, sealed }
}

/** `kind` says what it is about, for the list of jobs: `invitation`. */
export async function queueMail(
  tx: Tx,
  house: House,
  caller: Caller,
  kind: string,
  { id, sealed }: PreparedMail,
): Promise<void> {
  await deleteMailOlder(tx, addMs(caller.now, -MAIL_KEPT_MS))
  await insertMail(tx, { id, kind, sealed, createdAt: caller.now })
  await house.jobs.enqueue(tx, caller, sendMailJob, { mailId: id }, { title: `Mail: ${kind}` })
}
