// SQL of saved searches.

import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Actor } from '#kernel/actor.ts'
import { forbidden } from '#kernel/error.ts'
import type { SavedSearchId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { SavedSearch } from './saved.ts'

type Handle = Pick<Reader, 'selectFrom'>
type SavedRow = Selectable<Tables['savedSearch']>
export type NewSavedSearch = Omit<Insertable<Tables['savedSearch']>, 'workspaceId'>

export async function insertSaved(tx: Tx, saved: NewSavedSearch): Promise<void> {
  await tx
    .insertInto('savedSearch')
    .values({ ...saved, workspaceId: tx.scope.workspaceId })
    .execute()
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getSaved(
  db: Handle,
  scope: WorkspaceScope,
  id: SavedSearchId,
): Promise<SavedSearch> {
  const row = await db
    .selectFrom('savedSearch')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toSaved(row)
}

/** Those of this person and what others share, by name. */
export async function selectSaved(
  db: Handle,
  scope: WorkspaceScope,
  owner: Actor,
): Promise<readonly SavedSearch[]> {
  const rows = await db
    .selectFrom('savedSearch')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) => eb.or([eb('owner', '=', owner), eb('isShared', '=', 1)]))
    .orderBy('name')
    .orderBy('id')
    .execute()
  return rows.map(toSaved)
}

export async function countSaved(db: Handle, scope: WorkspaceScope): Promise<number> {
  const { count } = await db
    .selectFrom('savedSearch')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspaceId', '=', scope.workspaceId)
    .executeTakeFirstOrThrow()
  return count
}

export async function updateSaved(
  tx: Tx,
  id: SavedSearchId,
  change: Updateable<Tables['savedSearch']>,
): Promise<void> {
  await tx
    .updateTable('savedSearch')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Its runs stay, as searches of their own. */
export async function deleteSaved(tx: Tx, id: SavedSearchId): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .updateTable('search')
    .set({ savedId: null })
    .where('workspaceId', '=', workspaceId)
    .where('savedId', '=', id)
    .execute()
  await tx
    .deleteFrom('savedSearch')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .execute()
}

function toSaved(row: SavedRow): SavedSearch {
  const { workspaceId: _, rowsMax, bytesMax, secondsMax, scannedMax, ...rest } = row
  return {
    ...rest,
    // Written by the product from its own lists.
    language: row.language as SavedSearch['language'],
    targetIds: JSON.parse(row.targetIds) as SavedSearch['targetIds'],
    caps: { rows: rowsMax, bytes: bytesMax, seconds: secondsMax, scanned: scannedMax },
    isShared: row.isShared === 1,
    isPaused: row.isPaused === 1,
  }
}
