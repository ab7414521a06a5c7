// SQL of changes to many rules: what was asked for, and what became of each rule.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>

export type Bulk = Omit<Selectable<Tables['ruleBulk']>, 'workspaceId'>
export type BulkItem = Omit<Selectable<Tables['ruleBulkItem']>, 'workspaceId' | 'jobId'>
export type BulkOutcome = BulkItem['result']
export type BulkCounts = Readonly<Record<BulkOutcome, number>>

export async function insertBulk(tx: Tx, bulk: Bulk): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleBulk')
    .values({ ...bulk, workspaceId })
    .execute()
}

/** With what was told of each rule: nobody takes back what is older than the job itself is kept. */
export async function deleteBulksBefore(tx: Tx, before: Instant): Promise<void> {
  const { workspaceId } = tx.scope
  const old = tx
    .selectFrom('ruleBulk')
    .select('jobId')
    .where('workspaceId', '=', workspaceId)
    .where('createdAt', '<', before)
  await tx
    .deleteFrom('ruleBulkItem')
    .where('workspaceId', '=', workspaceId)
    .where('jobId', 'in', old)
    .execute()
  await tx
    .deleteFrom('ruleBulk')
    .where('workspaceId', '=', workspaceId)
    .where('createdAt', '<', before)
    .execute()
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getBulk(db: Handle, scope: WorkspaceScope, jobId: JobId): Promise<Bulk> {
  const row = await db
    .selectFrom('ruleBulk')
    .select(['jobId', 'title', 'undoes', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('jobId', '=', jobId)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

/** The change that takes this one back, if somebody asked for it. */
export async function findUndo(
  db: Handle,
  scope: WorkspaceScope,
  jobId: JobId,
): Promise<JobId | null> {
  const row = await db
    .selectFrom('ruleBulk')
    .select('jobId')
    .where('workspaceId', '=', scope.workspaceId)
    .where('undoes', '=', jobId)
    .executeTakeFirst()
  return row?.jobId ?? null
}

/** What a repeated run says of a rule that was done already is left out: the first word stays. */
export async function insertBulkItems(
  tx: Tx,
  jobId: JobId,
  items: readonly BulkItem[],
): Promise<void> {
  if (items.length === 0) return
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleBulkItem')
    .values(items.map((item) => ({ ...item, workspaceId, jobId })))
    .onConflict((conflict) => conflict.columns(['workspaceId', 'jobId', 'ruleId']).doNothing())
    .execute()
}

export async function countBulkItems(
  db: Handle,
  scope: WorkspaceScope,
  jobId: JobId,
): Promise<BulkCounts> {
  const rows = await db
    .selectFrom('ruleBulkItem')
    .select(({ fn }) => ['result', fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('jobId', '=', jobId)
    .groupBy('result')
    .execute()
  const counted = Object.fromEntries(rows.map(({ result, count }) => [result, count]))
  return { changed: 0, same: 0, refused: 0, ...counted }
}

export interface BulkItemSearch {
  readonly result?: BulkOutcome | undefined
  readonly limit: number
  readonly after: RuleId | null
}

/** In the order of the ids of the rules. */
export async function selectBulkItems(
  db: Handle,
  scope: WorkspaceScope,
  jobId: JobId,
  { result, limit, after }: BulkItemSearch,
): Promise<readonly BulkItem[]> {
  let query = db
    .selectFrom('ruleBulkItem')
    .select(['ruleId', 'title', 'result', 'before', 'after', 'message'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('jobId', '=', jobId)
  if (result !== undefined) query = query.where('result', '=', result)
  if (after !== null) query = query.where('ruleId', '>', after)
  return query.orderBy('ruleId').limit(limit).execute()
}
