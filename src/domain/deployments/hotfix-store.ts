// SQL of hotfixes.

import type { Selectable, Updateable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { DeploymentId, HotfixId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { StoredHotfix } from './hotfix.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['hotfix']>

export async function insertHotfix(tx: Tx, hotfix: StoredHotfix): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('hotfix')
    .values({ ...hotfix, workspaceId })
    .execute()
}

export async function updateHotfix(
  tx: Tx,
  id: HotfixId,
  change: Pick<
    Updateable<Tables['hotfix']>,
    'state' | 'undoId' | 'jobId' | 'review' | 'reviewedBy' | 'reviewedAt' | 'comment'
  >,
): Promise<void> {
  await tx
    .updateTable('hotfix')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getHotfixRow(
  db: Handle,
  scope: WorkspaceScope,
  id: HotfixId,
): Promise<StoredHotfix> {
  const row = await db
    .selectFrom('hotfix')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toHotfix(row)
}

/** Newest first. */
export async function selectHotfixes(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after }: { readonly limit: number; readonly after: HotfixId | null },
): Promise<readonly StoredHotfix[]> {
  let query = db.selectFrom('hotfix').selectAll().where('workspaceId', '=', scope.workspaceId)
  if (after !== null) query = query.where('id', '<', after)
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toHotfix)
}

/** Those that run or are being taken back, and those that nobody has looked at, newest first. */
export async function selectOpenHotfixes(
  db: Handle,
  scope: WorkspaceScope,
  limit: number,
): Promise<{ readonly items: readonly StoredHotfix[]; readonly count: number }> {
  const open = db
    .selectFrom('hotfix')
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) => eb.or([eb('state', 'in', ['running', 'reverting']), eb('review', '=', 'open')]))
  const rows = await open.selectAll().orderBy('id', 'desc').limit(limit).execute()
  const { count } = await open
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return { items: rows.map(toHotfix), count }
}

/** A broken glass that nobody has looked at. */
export async function findUnseenGlass(
  db: Handle,
  scope: WorkspaceScope,
): Promise<StoredHotfix | undefined> {
  const row = await db
    .selectFrom('hotfix')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('kind', '=', 'breakglass')
    .where('review', '=', 'open')
    .limit(1)
    .executeTakeFirst()
  return row && toHotfix(row)
}

/** Whether a deployment puts a hotfix there, breaks the glass or takes either back. */
export async function isOfHotfix(
  db: Handle,
  scope: WorkspaceScope,
  id: DeploymentId,
): Promise<boolean> {
  const row = await db
    .selectFrom('hotfix')
    .select('id')
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) => eb.or([eb('deploymentId', '=', id), eb('undoId', '=', id)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Of a rule, one whose end lies behind this instant. */
export async function findHotfixSince(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  since: Instant,
): Promise<StoredHotfix | undefined> {
  const row = await db
    .selectFrom('hotfix')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('endsAt', '>', since)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toHotfix(row)
}

function toHotfix({ workspaceId: _, ...row }: Row): StoredHotfix {
  return row
}
