// What a restored instance must not take over from the time of its backup: whoever was signed in then,
// links and tokens that may have been revoked since, mail that was about to leave. And who must hear of
// it: the admins of every workspace, in its log and on their account.

import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { AuditKeys } from '#platform/audit/keys.ts'
import { append, type EntryBy } from '#platform/audit/log.ts'
import { all, change, type Steps } from '#platform/db/steps.ts'
import type { Random } from '#platform/keys/wraps.ts'

export interface Ended {
  readonly sessions: number
  readonly links: number
  readonly tokens: number
}

export interface Aftermath extends EntryBy {
  readonly at: Instant
  /** When the backup was made, RFC 3339. */
  readonly createdAt: string
}

/** In the transaction that makes the copy ready for its first start. */
export function* settleRestore(
  keys: AuditKeys,
  { createdAt, ...by }: Aftermath,
  random: Random,
): Steps<Ended> {
  const ended = {
    sessions: yield* change('delete from "session"'),
    links: yield* change('delete from "accessLink"'),
    tokens: yield* change('delete from "apiToken"'),
  }
  yield* change('delete from "emailChange"')
  yield* change('delete from "outgoingMail"')
  yield* change('delete from "idempotencyKey"')
  const workspaces = yield* all<{ id: string; name: string }>('select id, name from "workspace"')
  for (const { id, name } of workspaces) {
    const data = { createdAt }
    const entry = { action: 'instance.restore', target: id, outcome: 'done' as const, data }
    yield* append(id, keys, { ...by, ...entry, personal: null })
    yield* tellAdmins(id, JSON.stringify({ workspace: name }), by.at, random)
  }
  return ended
}

function* tellAdmins(workspaceId: string, data: string, at: Instant, random: Random): Steps<void> {
  const admins = yield* all<{ userId: string }>(
    `select "userId" from "membership" where "workspaceId" = ? and role = 'admin'`,
    workspaceId,
  )
  for (const { userId } of admins) {
    yield* change(
      `insert into "personNotice" (id, "userId", kind, data, at) values (?, ?, 'instance.restored', ?, ?)`,
      makeId(ID_PREFIXES.notice, at, random(10)),
      userId,
      data,
      at,
    )
  }
}
