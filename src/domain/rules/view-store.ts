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
}

/** By name. */
export async function selectViews(
  db: Handle,
  scope: WorkspaceScope,
  userId: UserId,
): Promise<readonly SavedView[]> {
  return db
    .selectFrom('savedView')
    .select(['id', 'name', 'query'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('userId', '=', userId)
    .where('list', '=', 'rules')
    .orderBy('name')
    .execute()
}

export async function insertView(
  tx: Tx,
  view: SavedView & { readonly userId: UserId; readonly createdAt: Instant },
): Promise<void> {
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

export async function deleteView(tx: Tx, userId: UserId, id: ViewId): Promise<void> {
  await tx
    .deleteFrom('savedView')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('userId', '=', userId)
    .where('id', '=', id)
    .execute()
}
