// SQL of the keys that we have towards identity providers. They are found before there is a scope. Every
// row that is read is checked against its digest.

import type { Selectable } from 'kysely'
import type { ProviderId, ProviderKeyId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** With the private key, sealed. */
export type StoredOwnKey = Omit<Selectable<Tables['providerKey']>, 'mac'>

export async function insertOwnKey(tx: Tx, key: RowKey, own: StoredOwnKey): Promise<void> {
  await tx
    .insertInto('providerKey')
    .values(withMac(key, 'providerKey', own))
    .execute()
}

/** Oldest first. */
export async function selectOwnKeys(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
): Promise<readonly StoredOwnKey[]> {
  const rows = await db
    .selectFrom('providerKey')
    .selectAll()
    .where('providerId', '=', providerId)
    .orderBy('id')
    .execute()
  return rows.map((row) => {
    const { mac: _, ...own } = checkMac(key, 'providerKey', row)
    return own
  })
}

export async function deleteOwnKey(tx: Tx, id: ProviderKeyId): Promise<void> {
  await tx.deleteFrom('providerKey').where('id', '=', id).execute()
}

/** When the last key of each provider ends: an older one is exchanged for it. */
export async function selectLastKeyEnds(db: Handle, scope: WorkspaceScope) {
  return db
    .selectFrom('providerKey')
    .select('providerId')
    .select((eb) => eb.fn.max<Instant>('endsAt').as('endsAt'))
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .groupBy('providerId')
    .execute()
}
