// Mail leaves by jobs: what made it necessary has committed, and a server that is down delays nothing.

import { z } from 'zod'
import { ID_PREFIXES, isId, type MailId, type NoticeId } from '#kernel/id.ts'
import { MINUTE, SECOND } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { sendMail, sendNotice } from './actions.ts'

const LIMITS = {
  verbs: [],
  timeoutMs: MINUTE,
  attemptsMax: 5,
  backoffMs: [10 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE],
  perWorkspaceMax: 2,
}

const MailIdInput = z.custom<MailId>((id) => isId(ID_PREFIXES.mail, id))
const NoticeIdInput = z.custom<NoticeId>((id) => isId(ID_PREFIXES.notice, id))

/** Repeated after a crash between sending and forgetting, it sends the same mail twice: no harm. */
export const sendMailJob = defineJob({
  kind: 'mail.send',
  input: z.strictObject({ mailId: MailIdInput }),
  ...LIMITS,
  run: ({ house, caller, input, signal }) => sendMail(house, caller, input.mailId, signal),
})

/** As above. */
export const sendNoticeJob = defineJob({
  kind: 'mail.notice',
  input: z.strictObject({ noticeId: NoticeIdInput }),
  ...LIMITS,
  run: ({ house, caller, input, signal }) => sendNotice(house, caller, input.noticeId, signal),
})
