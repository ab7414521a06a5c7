// SQL of the counters of tries. They are in the database because a restart must not give an attacker
// new ones.

import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { ThrottleRow } from './throttle.ts'

type Handle = Pick<Reader, 'selectFrom'>

export async function findThrottle(db: Handle, key: string): Promise<ThrottleRow | undefined> {
  return db.selectFrom('signInThrottle').selectAll().where('key', '=', key).executeTakeFirst()
}

export async function saveThrottle(tx: Tx, row: ThrottleRow): Promise<void> {
  const { key: _, ...rest } = row
  await tx
    .insertInto('signInThrottle')
    .values(row)
    .onConflict((oc) => oc.column('key').doUpdateSet(rest))
    .execute()
}

export async function deleteThrottle(tx: Tx, key: string): Promise<void> {
  await tx.deleteFrom('signInThrottle').where('key', '=', key).execute()
}

/** Those that were last touched before, and block nobody any more. */
export async function deleteOldThrottles(tx: Tx, before: Instant): Promise<void> {
  await tx
    .deleteFrom('signInThrottle')
    .where('lastAt', '<', before)
    .where('blockedUntil', '<', before)
    .execute()
}
