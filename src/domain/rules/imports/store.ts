// SQL of imports.

import type { Expression, ExpressionBuilder, Selectable, SqlBool, Updateable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { ImportId, RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { Counts, Finding, ImportItem, ImportResult, RuleImport } from './import.ts'

type Handle = Pick<Reader, 'selectFrom'>
type ItemRow = Selectable<Tables['ruleImportItem']>
export type NewItem = Omit<ItemRow, 'workspaceId' | 'importId' | 'result'>

const Problems = z.array(z.custom<Problem>())
const ROWS_AT_ONCE = 200
const IMPORTS_SHOWN = 20

export async function insertImport(tx: Tx, row: RuleImport): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleImport')
    .values({ ...row, workspaceId })
    .execute()
}

export async function insertItems(
  tx: Tx,
  importId: ImportId,
  items: readonly NewItem[],
): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
    const rows = items.slice(at, at + ROWS_AT_ONCE)
    await tx
      .insertInto('ruleImportItem')
      .values(rows.map((row) => ({ ...row, workspaceId, importId, result: null })))
      .execute()
  }
}

/** Throws `forbidden` for an import that is not of this workspace, or is nowhere. */
export async function getImport(
  db: Handle,
  scope: WorkspaceScope,
  id: ImportId,
): Promise<RuleImport> {
  const row = await db
    .selectFrom('ruleImport')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  const { workspaceId: _, ...rest } = row
  return rest
}

/** Newest first. */
export function selectImports(db: Handle, scope: WorkspaceScope): Promise<RuleImport[]> {
  return db
    .selectFrom('ruleImport')
    .select(['id', 'state', 'source', 'fileCount', 'conflicts', 'jobId', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('id', 'desc')
    .limit(IMPORTS_SHOWN)
    .execute()
}

export async function updateImport(
  tx: Tx,
  id: ImportId,
  change: Updateable<Tables['ruleImport']>,
): Promise<void> {
  await tx
    .updateTable('ruleImport')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function countItems<Key extends 'finding' | 'result'>(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
  by: Key,
): Promise<Counts<Key extends 'finding' ? Finding : ImportResult>> {
  const rows = await db
    .selectFrom('ruleImportItem')
    .select([by, (eb) => eb.fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('importId', '=', importId)
    .groupBy(by)
    .execute()
  const counted = rows.flatMap((row) => {
    const key = (row as Record<string, unknown>)[by]
    return typeof key === 'string' ? [[key, Number(row.count)] as const] : []
  })
  return Object.fromEntries(counted) as Counts<Key extends 'finding' ? Finding : ImportResult>
}

/** Of the rules that an import wrote or found the same: how many compile for each kind of place. */
export async function countCompiling(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
): Promise<Counts<Kind>> {
  // No join: its plan would walk the renderings once for each document.
  const written = db
    .selectFrom('ruleImportItem')
    .select('ruleId')
    .where('workspaceId', '=', scope.workspaceId)
    .where('importId', '=', importId)
    .where('result', 'in', ['created', 'saved', 'same'])
  const rows = await db
    .selectFrom('ruleRender')
    .select(['kind', (eb) => eb.fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('state', '=', 'ok')
    .where('target', '=', '')
    .where('ruleId', 'in', written)
    .groupBy('kind')
    .execute()
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
}

export interface ImportGlance {
  readonly importId: ImportId
  readonly finding: Finding
  readonly result: ImportResult | null
  readonly count: number
  /** Of one of them. */
  readonly title: string | null
}

/** Of each of these imports: how many documents there are of each kind, and one of them by name. */
export async function selectGlances(
  db: Handle,
  scope: WorkspaceScope,
  importIds: readonly ImportId[],
): Promise<readonly ImportGlance[]> {
  if (importIds.length === 0) return []
  return db
    .selectFrom('ruleImportItem')
    .select([
      'importId',
      'finding',
      'result',
      (eb) => eb.fn.countAll<number>().as('count'),
      (eb) => eb.fn.min('title').as('title'),
    ])
    .where('workspaceId', '=', scope.workspaceId)
    .where('importId', 'in', importIds)
    .groupBy(['importId', 'finding', 'result'])
    .execute()
}

/** Of the same rules: how many lack a case that fires or one that stays silent. */
export function countLackingTests(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
): Promise<number> {
  return countWritten(db, scope, importId, (eb) =>
    eb.or([eb('rule.positiveTests', '=', 0), eb('rule.negativeTests', '=', 0)]),
  )
}

/** Of the same rules: how many say what to look for in the words of a place alone. */
export function countNative(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
): Promise<number> {
  return countWritten(db, scope, importId, (eb) => eb('rule.format', '=', 'native'))
}

async function countWritten(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
  which: (eb: ExpressionBuilder<Tables, 'rule'>) => Expression<SqlBool>,
): Promise<number> {
  const { count } = await db
    .selectFrom('ruleImportItem')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'ruleImportItem.workspaceId')
        .onRef('rule.id', '=', 'ruleImportItem.ruleId'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('ruleImportItem.workspaceId', '=', scope.workspaceId)
    .where('ruleImportItem.importId', '=', importId)
    .where('ruleImportItem.result', 'in', ['created', 'saved', 'same'])
    .where('rule.workspaceId', '=', scope.workspaceId)
    .where(which)
    .executeTakeFirstOrThrow()
  return count
}

export interface ItemSearch {
  readonly finding?: Finding | undefined
  readonly result?: ImportResult | undefined
  readonly limit: number
  /** Position of the last item of the page before. */
  readonly after: number | null
}

export async function selectItems(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
  { finding, result, limit, after }: ItemSearch,
): Promise<readonly ImportItem[]> {
  let query = db
    .selectFrom('ruleImportItem')
    .select(['position', 'path', 'title', 'finding', 'problems', 'ruleId', 'result'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('importId', '=', importId)
    .where('position', '>', after ?? 0)
  if (finding !== undefined) query = query.where('finding', '=', finding)
  if (result !== undefined) query = query.where('result', '=', result)
  const rows = await query.orderBy('position').limit(limit).execute()
  return rows.map((row) => ({ ...row, problems: Problems.parse(JSON.parse(row.problems)) }))
}

/** With its text. Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getItem(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
  position: number,
): Promise<ImportItem & { readonly text: string }> {
  const row = await db
    .selectFrom('ruleImportItem')
    .select(['position', 'path', 'title', 'finding', 'problems', 'ruleId', 'result', 'text'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('importId', '=', importId)
    .where('position', '=', position)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return { ...row, problems: Problems.parse(JSON.parse(row.problems)) }
}

export async function updateItem(
  tx: Tx,
  importId: ImportId,
  position: number,
  change: Updateable<Tables['ruleImportItem']>,
): Promise<void> {
  await tx
    .updateTable('ruleImportItem')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('importId', '=', importId)
    .where('position', '=', position)
    .execute()
}

/** What the job has still to do, in order: the rules, then what is laid over them. */
export function selectOpen(
  db: Handle,
  scope: WorkspaceScope,
  importId: ImportId,
  which: 'rules' | 'exclusions',
  limit: number,
): Promise<ItemRow[]> {
  return (
    db
      .selectFrom('ruleImportItem')
      .selectAll()
      .where('workspaceId', '=', scope.workspaceId)
      .where('importId', '=', importId)
      .where('result', 'is', null)
      // Told by the problem that the preview wrote; nothing else writes this code into a text of JSON.
      .where('problems', which === 'exclusions' ? 'like' : 'not like', '%"import/exclusion"%')
      .orderBy('position')
      .limit(limit)
      .execute()
  )
}

export interface ImportedFrom {
  readonly path: string
  readonly title: string | null
  readonly ruleId: RuleId
}

/** Which rules these paths became at earlier imports, the oldest first. */
export async function selectImportedFrom(
  db: Handle,
  scope: WorkspaceScope,
  paths: readonly string[],
): Promise<readonly ImportedFrom[]> {
  if (paths.length === 0) return []
  const rows = await db
    .selectFrom('ruleImportItem')
    .select(['path', 'title', 'ruleId'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('path', 'in', paths)
    .where('result', 'in', ['created', 'saved', 'same'])
    .orderBy('importId')
    .execute()
  return rows.flatMap(({ ruleId, ...row }) => (ruleId === null ? [] : [{ ...row, ruleId }]))
}

/** The text that the newest import brought for this rule; what an edit here is compared with. */
export async function findBase(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<{ readonly text: string; readonly contentHash: string } | undefined> {
  return db
    .selectFrom('ruleImportItem')
    .select(['text', 'contentHash'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('result', 'in', ['created', 'saved', 'same'])
    .orderBy('importId', 'desc')
    .limit(1)
    .executeTakeFirst()
}
