// SQL of pinned rows.

import type { Selectable } from 'kysely'
import type { SearchId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type PinRow = Selectable<Tables['searchPin']>

export async function insertPin(tx: Tx, pin: Omit<PinRow, 'workspaceId'>): Promise<void> {
  await tx
    .insertInto('searchPin')
    .values({ ...pin, workspaceId: tx.scope.workspaceId })
    .execute()
}

/** In the order in which they were pinned. */
export async function selectPins(
  db: Handle,
  scope: WorkspaceScope,
  searchId: SearchId,
): Promise<readonly PinRow[]> {
  return db
    .selectFrom('searchPin')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('searchId', '=', searchId)
    .orderBy('number')
    .execute()
}

export async function countPins(
  db: Handle,
  scope: WorkspaceScope,
  searchId: SearchId,
): Promise<number> {
  const { count } = await db
    .selectFrom('searchPin')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspaceId', '=', scope.workspaceId)
    .where('searchId', '=', searchId)
    .executeTakeFirstOrThrow()
  return count
}

export async function deletePin(tx: Tx, searchId: SearchId, number: number): Promise<void> {
  await tx
    .deleteFrom('searchPin')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('searchId', '=', searchId)
    .where('number', '=', number)
    .execute()
}
