// SQL of who is who at a provider, of ways in that are under way, and of messages that were used. All
// of it is found by secrets or by names that only a provider gives.

import type { Selectable } from 'kysely'
import type { ProviderId, SessionId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** That somebody of a provider is somebody here. */
export type Identity = Omit<Selectable<Tables['identity']>, 'mac'>

/** A way in that a browser has begun. */
export type WayIn = Selectable<Tables['identityAttempt']>

export type SignOut = Selectable<Tables['identitySignOut']>

export async function insertIdentity(tx: Tx, key: RowKey, identity: Identity): Promise<void> {
  await tx
    .insertInto('identity')
    .values(withMac(key, 'identity', identity))
    .execute()
}

/** By the provider's name for somebody. */
export async function findIdentity(
  db: Handle,
  key: RowKey,
  { providerId, subject }: Pick<Identity, 'providerId' | 'subject'>,
): Promise<Identity | undefined> {
  const row = await db
    .selectFrom('identity')
    .selectAll()
    .where('providerId', '=', providerId)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row && withoutMac(key, row)
}

/** Who somebody is at all providers, oldest first. */
export async function selectIdentitiesOf(
  db: Handle,
  key: RowKey,
  userId: UserId,
): Promise<readonly Identity[]> {
  const rows = await db
    .selectFrom('identity')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .execute()
  return rows.map((row) => withoutMac(key, row))
}

export async function touchIdentity(
  tx: Tx,
  { providerId, subject }: Pick<Identity, 'providerId' | 'subject'>,
  { email, usedAt }: Pick<Identity, 'email' | 'usedAt'>,
): Promise<void> {
  await tx
    .updateTable('identity')
    .set({ email, usedAt })
    .where('providerId', '=', providerId)
    .where('subject', '=', subject)
    .execute()
}

/** How many there were. */
export async function deleteIdentityOf(
  tx: Tx,
  { providerId, userId }: Pick<Identity, 'providerId' | 'userId'>,
): Promise<number> {
  const [result] = await tx
    .deleteFrom('identity')
    .where('providerId', '=', providerId)
    .where('userId', '=', userId)
    .execute()
  return Number(result?.numDeletedRows ?? 0)
}

/** All of somebody, at every provider. */
export async function deleteIdentitiesOfUser(tx: Tx, userId: UserId): Promise<void> {
  await tx.deleteFrom('identity').where('userId', '=', userId).execute()
}

/** All of a provider. */
export async function deleteIdentities(tx: Tx, providerId: ProviderId): Promise<void> {
  await tx.deleteFrom('identity').where('providerId', '=', providerId).execute()
}

/** More than are under way at once; a flood makes the oldest begin again. */
const WAYS_MAX = 10_000

/** Forgets those whose time is over. */
export async function insertWayIn(tx: Tx, way: WayIn, now: Instant): Promise<void> {
  await tx.deleteFrom('identityAttempt').where('expiresAt', '<=', now).execute()
  await tx.insertInto('identityAttempt').values(way).execute()
  const oldest = await tx
    .selectFrom('identityAttempt')
    .select('expiresAt')
    .orderBy('expiresAt', 'desc')
    .offset(WAYS_MAX)
    .limit(1)
    .executeTakeFirst()
  if (!oldest) return
  await tx.deleteFrom('identityAttempt').where('expiresAt', '<=', oldest.expiresAt).execute()
}

export async function findWayIn(db: Handle, key: string): Promise<WayIn | undefined> {
  return db.selectFrom('identityAttempt').selectAll().where('key', '=', key).executeTakeFirst()
}

/** Where a session ends at its provider, too. Those of sessions that are over go. */
export async function insertSignOut(tx: Tx, signOut: SignOut, now: Instant): Promise<void> {
  await tx.deleteFrom('identitySignOut').where('expiresAt', '<=', now).execute()
  await tx.insertInto('identitySignOut').values(signOut).execute()
}

export async function findSignOut(db: Handle, sessionId: SessionId): Promise<SignOut | undefined> {
  return db
    .selectFrom('identitySignOut')
    .selectAll()
    .where('sessionId', '=', sessionId)
    .executeTakeFirst()
}

export async function deleteSignOut(tx: Tx, sessionId: SessionId): Promise<void> {
  await tx.deleteFrom('identitySignOut').where('sessionId', '=', sessionId).execute()
}

/** What came for it without the browser that began it. False when something came before. */
export async function setWayAnswer(tx: Tx, key: string, answer: Buffer): Promise<boolean> {
  const [result] = await tx
    .updateTable('identityAttempt')
    .set({ answer })
    .where('key', '=', key)
    .where('answer', 'is', null)
    .execute()
  return Number(result?.numUpdatedRows ?? 0) > 0
}

/** Whether it was there: of two answers to one way in, the second finds none. */
export async function deleteWayIn(tx: Tx, key: string): Promise<boolean> {
  const [result] = await tx.deleteFrom('identityAttempt').where('key', '=', key).execute()
  return Number(result?.numDeletedRows ?? 0) > 0
}

/** True the first time; forgets those whose time is over. */
export async function useOnce(
  tx: Tx,
  message: Selectable<Tables['identityReplay']>,
  now: Instant,
): Promise<boolean> {
  await tx.deleteFrom('identityReplay').where('expiresAt', '<=', now).execute()
  const known = await tx
    .selectFrom('identityReplay')
    .select('key')
    .where('providerId', '=', message.providerId)
    .where('key', '=', message.key)
    .executeTakeFirst()
  if (known) return false
  await tx.insertInto('identityReplay').values(message).execute()
  return true
}

function withoutMac(key: RowKey, row: Selectable<Tables['identity']>): Identity {
  const { mac: _, ...identity } = checkMac(key, 'identity', row)
  return identity
}
