// What somebody is told about their own account: a new device, a changed password. They find it on
// their account page, and a badge says that there is something new.

import { z } from 'zod'
import { ID_PREFIXES, makeId, type NoticeId, type UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { countUnseenNotices, insertNotice, markNoticesSeen, selectNotices } from './notice-store.ts'

/** Short texts for whoever words the notice; never secrets. */
const Data = z.record(z.string(), z.union([z.string(), z.number()]))
type NoticeData = z.infer<typeof Data>

export interface Notice {
  readonly id: NoticeId
  /** What happened: `device.new`, `password.change`. */
  readonly kind: string
  readonly data: NoticeData
  readonly at: Instant
  readonly isNew: boolean
}

const NOTICES_SHOWN = 100
const UNSEEN_MAX = 99

export async function tellPerson(
  tx: Tx,
  house: Pick<House, 'random'>,
  caller: Caller,
  told: { readonly userId: UserId; readonly kind: string; readonly data?: NoticeData },
): Promise<void> {
  await insertNotice(tx, {
    id: makeId(ID_PREFIXES.notice, caller.now, house.random(10)),
    userId: told.userId,
    kind: told.kind,
    data: JSON.stringify(Data.parse(told.data ?? {})),
    at: caller.now,
    seenAt: null,
  })
}

/** The caller's own, newest first. */
export async function listNotices(house: House, caller: Caller): Promise<readonly Notice[]> {
  const rows = await selectNotices(
    house.db.read(caller.scope),
    caller.actor as UserId,
    NOTICES_SHOWN,
  )
  return rows.map(({ id, kind, data, at, seenAt }) => {
    return { id, kind, data: Data.parse(JSON.parse(data)), at, isNew: seenAt === null }
  })
}

export function countNewNotices(house: House, caller: Caller): Promise<number> {
  return countUnseenNotices(house.db.read(caller.scope), caller.actor as UserId, UNSEEN_MAX)
}

export async function seeNotices(house: House, caller: Caller): Promise<void> {
  await house.db.write(caller, (tx) => markNoticesSeen(tx, caller.actor as UserId, caller.now))
}
