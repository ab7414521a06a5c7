// SQL of tokens. They belong to the instance, because a token is found before there is a scope and is
// what one is made from; the functions about one workspace's tokens take its id from the scope. Every
// row read is checked against its digest: `conflict` for one that was edited in the file.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { GroupId, TargetId, TokenId, UserId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { OwnBudget } from './agent-budget.ts'
import type { ListedToken, StoredToken, TokenUse } from './token.ts'
import { SCOPES, type Scope } from './token-scope.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['apiToken']>

const Scopes = z.array(z.enum(SCOPES as [Scope, ...Scope[]]))
const Limits = z.strictObject({
  networks: z.array(z.string()),
  targets: z.array(z.string()).default([]),
  groups: z.array(z.string()).default([]),
})

export async function insertToken(tx: Tx, key: RowKey, token: StoredToken): Promise<void> {
  await tx
    .insertInto('apiToken')
    .values(withMac(key, 'apiToken', toRow(token)))
    .execute()
}

export async function findToken(
  db: Handle,
  key: RowKey,
  id: TokenId,
): Promise<StoredToken | undefined> {
  const row = await db.selectFrom('apiToken').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toToken(key, row)
}

/** The same, when it is of this workspace. */
export async function findTokenOf(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  id: TokenId,
): Promise<StoredToken | undefined> {
  const row = await db
    .selectFrom('apiToken')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toToken(key, row)
}

export interface TokenSearch {
  /** Only those of this person. */
  readonly userId?: UserId
  readonly isService?: boolean
  readonly limit: number
  /** The last id of the page before. */
  readonly after?: TokenId
}

/** Of a workspace, newest first, each with the name of whoever made it. */
export async function selectTokens(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  { userId, isService, limit, after }: TokenSearch,
): Promise<readonly ListedToken[]> {
  let query = db
    .selectFrom('apiToken')
    .innerJoin('user', 'user.id', 'apiToken.userId')
    .leftJoin('tokenUse', 'tokenUse.tokenId', 'apiToken.id')
    .selectAll('apiToken')
    .select([
      'user.name as makerName',
      'tokenUse.day',
      'tokenUse.calls',
      'tokenUse.rows',
      'tokenUse.searches',
      'tokenUse.bytes',
    ])
    .where('apiToken.workspaceId', '=', scope.workspaceId as WorkspaceId)
    .orderBy('apiToken.id', 'desc')
    .limit(limit)
  if (userId !== undefined) query = query.where('apiToken.userId', '=', userId)
  if (isService !== undefined) {
    query = query.where('apiToken.serviceRole', isService ? 'is not' : 'is', null)
  }
  if (after !== undefined) query = query.where('apiToken.id', '<', after)
  const rows = await query.execute()
  return rows.map(({ makerName, day, calls, rows: brought, searches, bytes, ...row }) => {
    const { salt: _salt, hash: _hash, ...token } = toToken(key, row)
    const counts = {
      calls: calls ?? 0,
      rows: brought ?? 0,
      searches: searches ?? 0,
      bytes: bytes ?? 0,
    }
    const use = day === null ? null : { day, ...counts }
    return { ...token, makerName, use }
  })
}

/** Those that act for somebody in one workspace and that nobody has revoked. */
export async function selectUnrevokedOf(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  userId: UserId,
): Promise<readonly StoredToken[]> {
  const rows = await db
    .selectFrom('apiToken')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('userId', '=', userId)
    .where('serviceRole', 'is', null)
    .where('revokedAt', 'is', null)
    .execute()
  return rows.map((row) => toToken(key, row))
}

/** Of the same person, or of the workspace where it is a service token. */
export async function countLiveTokens(
  db: Handle,
  scope: WorkspaceScope,
  { userId, serviceRole }: Pick<StoredToken, 'userId' | 'serviceRole'>,
  now: Instant,
): Promise<number> {
  const rows = await db
    .selectFrom('apiToken')
    .select('id')
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where((eb) =>
      serviceRole === null
        ? eb.and([eb('userId', '=', userId), eb('serviceRole', 'is', null)])
        : eb('serviceRole', 'is not', null),
    )
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .execute()
  return rows.length
}

export async function setTokenRevoked(
  tx: Tx,
  key: RowKey,
  token: StoredToken,
  revokedAt: Instant,
): Promise<void> {
  const { mac } = withMac(key, 'apiToken', toRow({ ...token, revokedAt }))
  await tx.updateTable('apiToken').set({ revokedAt, mac }).where('id', '=', token.id).execute()
}

export async function setTokenExpiry(
  tx: Tx,
  key: RowKey,
  token: StoredToken,
  expiresAt: Instant,
): Promise<void> {
  const { mac } = withMac(key, 'apiToken', toRow({ ...token, expiresAt }))
  await tx.updateTable('apiToken').set({ expiresAt, mac }).where('id', '=', token.id).execute()
}

interface TokenEnd extends Pick<
  StoredToken,
  'id' | 'name' | 'userId' | 'serviceRole' | 'createdAt'
> {
  readonly endsAt: Instant
}

/** Of all that live: when each ends. Reads no digest, so nothing may be decided by it. */
export async function selectTokenEnds(
  db: Handle,
  scope: WorkspaceScope,
  now: Instant,
): Promise<readonly TokenEnd[]> {
  return db
    .selectFrom('apiToken')
    .select(['id', 'name', 'userId', 'serviceRole', 'createdAt', 'expiresAt as endsAt'])
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .execute()
}

/** Left out of the digest, because it changes with use. */
export async function setTokenUsed(tx: Tx, id: TokenId, usedAt: Instant): Promise<void> {
  await tx.updateTable('apiToken').set({ usedAt }).where('id', '=', id).execute()
}

export async function findTokenUse(db: Handle, id: TokenId): Promise<TokenUse | undefined> {
  const row = await db
    .selectFrom('tokenUse')
    .select(['day', 'calls', 'rows', 'searches', 'bytes'])
    .where('tokenId', '=', id)
    .executeTakeFirst()
  return row && { ...row, searches: row.searches ?? 0, bytes: row.bytes ?? 0 }
}

export async function saveTokenUse(tx: Tx, tokenId: TokenId, use: TokenUse): Promise<void> {
  await tx
    .insertInto('tokenUse')
    .values({ tokenId, ...use })
    .onConflict((conflict) => conflict.column('tokenId').doUpdateSet(use))
    .execute()
}

/** What an admin gave the token of its own. */
export async function findOwnBudget(db: Handle, id: TokenId): Promise<OwnBudget | undefined> {
  return db
    .selectFrom('tokenBudget')
    .select(['callsPerMinute', 'callsPerDay', 'rowsPerDay', 'searchesPerDay', 'megabytesPerDay'])
    .where('tokenId', '=', id)
    .executeTakeFirst()
}

export async function saveOwnBudget(tx: Tx, tokenId: TokenId, own: OwnBudget): Promise<void> {
  await tx
    .insertInto('tokenBudget')
    .values({ tokenId, ...own })
    .onConflict((conflict) => conflict.column('tokenId').doUpdateSet(own))
    .execute()
}

/** Those that have not ended yet, of every workspace: for a clock that was set back, or a restore. */
export async function selectUnendedTokens(
  db: Handle,
  key: RowKey,
): Promise<readonly StoredToken[]> {
  const rows = await db.selectFrom('apiToken').selectAll().where('revokedAt', 'is', null).execute()
  return rows.map((row) => toToken(key, row))
}

/** Those of a workspace that ended before `before`. */
export async function deleteEndedTokens(
  tx: Tx,
  scope: WorkspaceScope,
  before: Instant,
): Promise<void> {
  await tx
    .deleteFrom('apiToken')
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where((eb) => eb.or([eb('revokedAt', '<', before), eb('expiresAt', '<', before)]))
    .execute()
}

// What it is not narrowed to is not written: a row stays what it was when tokens reached everything.
function toRow({ scopes, networks, targets, groups, ...token }: StoredToken): Omit<Row, 'mac'> {
  const reached = { ...(targets.length > 0 && { targets }), ...(groups.length > 0 && { groups }) }
  const limits = JSON.stringify({ networks, ...reached })
  return { ...token, scopes: JSON.stringify(scopes), limits }
}

function toToken(key: RowKey, row: Row): StoredToken {
  const { mac: _, scopes, limits, ...token } = checkMac(key, 'apiToken', row)
  const { networks, targets, groups } = Limits.parse(JSON.parse(limits))
  const reached = { targets: targets as TargetId[], groups: groups as GroupId[] }
  return { ...token, networks, ...reached, scopes: Scopes.parse(JSON.parse(scopes)) }
}
