// SQL of the tokens of directories. They are found before there is a scope. Every row that is read is
// checked against its digest.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { ProviderId, ScimTokenId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { StoredScimToken } from './scim-token.ts'

type Handle = Pick<Reader, 'selectFrom'>

const Networks = z.array(z.string())

export async function insertScimToken(tx: Tx, key: RowKey, token: StoredScimToken): Promise<void> {
  const row = { ...token, networks: JSON.stringify(token.networks) }
  await tx
    .insertInto('scimToken')
    .values(withMac(key, 'scimToken', row))
    .execute()
}

export async function findScimToken(
  db: Handle,
  key: RowKey,
  id: ScimTokenId,
): Promise<StoredScimToken | undefined> {
  const row = await db.selectFrom('scimToken').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toToken(key, row)
}

/** Oldest first. */
export async function selectScimTokens(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
): Promise<readonly StoredScimToken[]> {
  const rows = await db
    .selectFrom('scimToken')
    .selectAll()
    .where('providerId', '=', providerId)
    .orderBy('id')
    .execute()
  return rows.map((row) => toToken(key, row))
}

export async function deleteScimToken(tx: Tx, id: ScimTokenId): Promise<void> {
  await tx.deleteFrom('scimToken').where('id', '=', id).execute()
}

/** Left out of the digest, because it changes with use. */
export async function setScimTokenUsed(tx: Tx, id: ScimTokenId, usedAt: Instant): Promise<void> {
  await tx.updateTable('scimToken').set({ usedAt }).where('id', '=', id).execute()
}

function toToken(key: RowKey, row: Selectable<Tables['scimToken']>): StoredScimToken {
  const { mac: _, networks, ...token } = checkMac(key, 'scimToken', row)
  return { ...token, networks: Networks.parse(JSON.parse(networks)) }
}

/** When the last token of each directory ends: an older one is exchanged for it. */
export async function selectLastScimTokenEnds(db: Handle, scope: WorkspaceScope) {
  return db
    .selectFrom('scimToken')
    .select('providerId')
    .select((eb) => eb.fn.max<Instant>('expiresAt').as('endsAt'))
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .groupBy('providerId')
    .execute()
}
