// SQL of workspaces. The directory belongs to the instance, so these take no scope of a workspace;
// the actions say who may call them. Rows carry a digest: it is checked where one is changed, where
// its members come in (access) and where jobs ask which are suspended; lists only show.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, isGenuine, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { Workspace } from './workspace.ts'

/** More than an instance is made for; a list never answers with more. */
const WORKSPACES_MAX = 1_000

const COLUMNS = ['id', 'slug', 'name', 'createdAt', 'suspendedAt'] as const

export async function insertWorkspace(tx: Tx, key: RowKey, workspace: Workspace): Promise<void> {
  const row = withMac(key, 'workspace', { ...workspace, policyVersion: null })
  await tx.insertInto('workspace').values(row).execute()
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

type Row = Selectable<Tables['workspace']>

/**
 * Changes what may change of one, and answers the row before. Throws `forbidden` when there is no such
 * workspace, `conflict` for one that was edited in the file.
 */
export async function updateWorkspace(
  tx: Tx,
  key: RowKey,
  id: WorkspaceId,
  change: Partial<Pick<Row, 'name' | 'suspendedAt' | 'policyVersion'>>,
): Promise<Row> {
  const before = await getRow(tx, key, id)
  const { id: _, ...row } = withMac(key, 'workspace', { ...before, ...change })
  await tx.updateTable('workspace').set(row).where('id', '=', id).execute()
  return before
}

/** Throws as updateWorkspace. */
export async function getPolicyVersion(
  db: Pick<Reader, 'selectFrom'>,
  key: RowKey,
  id: WorkspaceId,
): Promise<number> {
  return (await getRow(db, key, id)).policyVersion ?? 0
}

/** Those that stand still: also any that was edited in the file, whatever it says. */
export async function selectSuspended(
  db: Pick<Reader, 'selectFrom'>,
  key: RowKey,
): Promise<readonly WorkspaceId[]> {
  const rows = await db.selectFrom('workspace').selectAll().execute()
  return rows
    .filter((row) => row.suspendedAt !== null || !isGenuine(key, 'workspace', row))
    .map(({ id }) => id)
}

async function getRow(db: Pick<Reader, 'selectFrom'>, key: RowKey, id: WorkspaceId): Promise<Row> {
  const row = await db.selectFrom('workspace').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw forbidden()
  return checkMac(key, 'workspace', row)
}
