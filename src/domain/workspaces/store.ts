// SQL of workspaces. The directory belongs to the instance, so these take no scope of a workspace;
// the actions say who may call them.

import { forbidden } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Workspace } from './workspace.ts'

/** More than an instance is made for; a list never answers with more. */
const WORKSPACES_MAX = 1_000

const COLUMNS = ['id', 'slug', 'name', 'createdAt', 'suspendedAt'] as const

export async function insertWorkspace(tx: Tx, workspace: Workspace): Promise<void> {
  await tx.insertInto('workspace').values(workspace).execute()
}

export function findBySlug(db: Pick<Reader, 'selectFrom'>, slug: string) {
  const rows = db.selectFrom('workspace').select(COLUMNS).where('slug', '=', slug)
  return rows.executeTakeFirst()
}

export function findById(db: Pick<Reader, 'selectFrom'>, id: WorkspaceId) {
  const rows = db.selectFrom('workspace').select(COLUMNS).where('id', '=', id)
  return rows.executeTakeFirst()
}

/** The one that was there first. */
export function findOldest(db: Pick<Reader, 'selectFrom'>) {
  return db
    .selectFrom('workspace')
    .select(COLUMNS)
    .orderBy('createdAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** By name. */
export function selectWorkspaces(db: Pick<Reader, 'selectFrom'>): Promise<Workspace[]> {
  return db
    .selectFrom('workspace')
    .select(COLUMNS)
    .orderBy('name')
    .orderBy('id')
    .limit(WORKSPACES_MAX)
    .execute()
}

/** The name before. Throws `forbidden` when there is no such workspace. */
export async function updateName(tx: Tx, scope: WorkspaceScope, name: string): Promise<string> {
  const id = scope.workspaceId as WorkspaceId
  const before = await tx
    .selectFrom('workspace')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirst()
  if (!before) throw forbidden()
  await tx.updateTable('workspace').set({ name }).where('id', '=', id).execute()
  return before.name
}

export async function updateSuspended(
  tx: Tx,
  id: WorkspaceId,
  suspendedAt: Instant | null,
): Promise<void> {
  await tx.updateTable('workspace').set({ suspendedAt }).where('id', '=', id).execute()
}

export async function selectSuspended(
  db: Pick<Reader, 'selectFrom'>,
): Promise<readonly WorkspaceId[]> {
  const rows = await db
    .selectFrom('workspace')
    .select('id')
    .where('suspendedAt', 'is not', null)
    .execute()
  return rows.map(({ id }) => id)
}
