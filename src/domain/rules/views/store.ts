// SQL of saved views: each is of one person in one workspace.

import type { UserId, ViewId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface SavedView {
  readonly id: ViewId
  readonly name: string
  /** The query string of the list. */
  readonly query: string
  /** Where its person begins. */
  readonly isDefault: boolean
}

/** By name. */
export async function selectViews(
  db: Handle,
  scope: WorkspaceScope,
  userId: UserId,
): Promise<readonly SavedView[]> {
  const rows = await db
    .selectFrom('savedView')
    .select(['id', 'name', 'query', 'isDefault'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('userId', '=', userId)
    .where('list', '=', 'rules')
    .orderBy('name')
    .execute()
  return rows.map((row) => ({ ...row, isDefault: row.isDefault === 1 }))
}

export interface NewView extends Pick<SavedView, 'id' | 'name' | 'query'> {
  readonly userId: UserId
  readonly createdAt: Instant
}

/** The same name again takes the new query. */
export async function insertView(tx: Tx, view: NewView): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('savedView')
    .values({ ...view, list: 'rules', workspaceId })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'userId', 'list', 'name'])
        .doUpdateSet({ query: view.query }),
    )
    .execute()
}

export async function renameView(tx: Tx, userId: UserId, id: ViewId, name: string): Promise<void> {
  await ofPerson(tx, userId).set({ name }).where('id', '=', id).execute()
}

/** One or none: whoever had it before has it no longer. */
export async function setDefaultView(tx: Tx, userId: UserId, id: ViewId | null): Promise<void> {
  await ofPerson(tx, userId).set({ isDefault: null }).execute()
  if (id !== null) await ofPerson(tx, userId).set({ isDefault: 1 }).where('id', '=', id).execute()
}

function ofPerson(tx: Tx, userId: UserId) {
  return tx
    .updateTable('savedView')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('userId', '=', userId)
    .where('list', '=', 'rules')
}

export async function deleteView(tx: Tx, userId: UserId, id: ViewId): Promise<void> {
  await tx
    .deleteFrom('savedView')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('userId', '=', userId)
    .where('id', '=', id)
    .execute()
}
