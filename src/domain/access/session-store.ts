// SQL of sessions. They belong to the instance: a session is found before anybody has a scope. The one
// that lets somebody in is checked against its digest; those that are listed or ended are not.

import { z } from 'zod'
import type { Selectable } from 'kysely'
import type { ProviderId, SessionId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { SessionRow } from './session.ts'

type Handle = Pick<Reader, 'selectFrom'>

const Factors = z.array(z.enum(['password', 'totp', 'passkey', 'recovery', 'link', 'sso']))

export async function insertSession(
  tx: Tx,
  rowKey: RowKey,
  { factors, ...row }: SessionRow,
): Promise<void> {
  await tx
    .insertInto('session')
    .values(withMac(rowKey, 'session', { ...row, factors: JSON.stringify(factors) }))
    .execute()
}

/** Throws `conflict` for a row that was edited in the file. */
export async function findSession(
  db: Handle,
  rowKey: RowKey,
  key: string,
): Promise<SessionRow | undefined> {
  const row = await db.selectFrom('session').selectAll().where('key', '=', key).executeTakeFirst()
  return row && toSession(checkMac(rowKey, 'session', row))
}

export async function findSessionById(db: Handle, id: SessionId): Promise<SessionRow | undefined> {
  const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toSession(row)
}

/** The newest use first. */
export async function selectSessionsOf(db: Handle, userId: UserId): Promise<readonly SessionRow[]> {
  const rows = await db
    .selectFrom('session')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('usedAt', 'desc')
    .execute()
  return rows.map(toSession)
}

export async function touchSession(tx: Tx, key: string, usedAt: Instant): Promise<void> {
  await tx.updateTable('session').set({ usedAt }).where('key', '=', key).execute()
}

/** How many were live until now. */
export async function deleteSession(tx: Tx, key: string): Promise<number> {
  const [result] = await tx.deleteFrom('session').where('key', '=', key).execute()
  return Number(result?.numDeletedRows ?? 0)
}

/** Every session of somebody, but for `exceptKey`. */
export async function deleteSessionsOf(
  tx: Tx,
  userId: UserId,
  exceptKey?: string,
): Promise<number> {
  let query = tx.deleteFrom('session').where('userId', '=', userId)
  if (exceptKey !== undefined) query = query.where('key', '!=', exceptKey)
  const [result] = await query.execute()
  return Number(result?.numDeletedRows ?? 0)
}

/** Leaves this one, and of somebody's others the ones used last: `max` together. */
export async function deleteOldestSessions(
  tx: Tx,
  { userId, key }: Pick<SessionRow, 'userId' | 'key'>,
  max: number,
): Promise<void> {
  const kept = tx
    .selectFrom('session')
    .select('key')
    .where('userId', '=', userId)
    .where('key', '!=', key)
    .orderBy('usedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(max - 1)
  await tx
    .deleteFrom('session')
    .where('userId', '=', userId)
    .where('key', '!=', key)
    .where('key', 'not in', kept)
    .execute()
}

/** Whose sessions of a provider: of everybody, of a person, or the one that the provider calls so. */
export type ProvidedSessions = 'all' | { readonly session: string } | { readonly userId: UserId }

/** Those that began by the word of a provider. How many there were. */
export async function deleteSessionsBy(
  tx: Tx,
  providerId: ProviderId,
  which: ProvidedSessions,
): Promise<number> {
  let query = tx.deleteFrom('session').where('providerId', '=', providerId)
  if (which !== 'all') {
    query =
      'session' in which
        ? query.where('providerSession', '=', which.session)
        : query.where('userId', '=', which.userId)
  }
  const [result] = await query.execute()
  return Number(result?.numDeletedRows ?? 0)
}

export async function deleteAllSessions(tx: Tx): Promise<number> {
  const [result] = await tx.deleteFrom('session').execute()
  return Number(result?.numDeletedRows ?? 0)
}

/** Rows that a limit has ended: nothing else removes one that nobody came back to. */
export async function deleteEndedSessions(
  tx: Tx,
  before: { readonly usedAt: Instant; readonly startedAt: Instant; readonly now: Instant },
): Promise<void> {
  await tx
    .deleteFrom('session')
    .where((eb) =>
      eb.or([
        eb('usedAt', '<=', before.usedAt),
        eb('startedAt', '<=', before.startedAt),
        eb('endsAt', '<=', before.now),
      ]),
    )
    .execute()
}

function toSession({ factors, mac: _, ...row }: Selectable<Tables['session']>): SessionRow {
  return { ...row, factors: Factors.parse(JSON.parse(factors)) }
}
