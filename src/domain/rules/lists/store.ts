// SQL of reference lists: a row with the newest values, and every set of values that each had.

import type { Selectable, Updateable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { ExclusionId, ListId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { hasWord, wordsOf } from '#platform/db/words.ts'
import { listReference, type ListVersion, type ReferenceList } from './list.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type ListRow = Omit<Selectable<Tables['referenceList']>, 'workspaceId'>

const Items = z.array(z.string())

export async function insertList(tx: Tx, row: ListRow): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('referenceList')
    .values({ ...row, workspaceId })
    .execute()
}

export async function updateList(
  tx: Tx,
  id: ListId,
  change: Updateable<Tables['referenceList']>,
): Promise<void> {
  await tx
    .updateTable('referenceList')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function insertListVersion(
  tx: Tx,
  row: Omit<Selectable<Tables['referenceListVersion']>, 'workspaceId'>,
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('referenceListVersion')
    .values({ ...row, workspaceId })
    .execute()
}

/** With all its versions. */
export async function deleteList(tx: Tx, id: ListId): Promise<void> {
  await tx
    .deleteFrom('referenceList')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Throws `forbidden` for a list that is not of this workspace, or is nowhere. */
export async function getListRow(db: Handle, scope: WorkspaceScope, id: ListId): Promise<ListRow> {
  const row = await db
    .selectFrom('referenceList')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

/** Those of them that are here, by name. */
export async function selectListsNamed(
  db: Handle,
  scope: WorkspaceScope,
  names: readonly string[],
): Promise<readonly ReferenceList[]> {
  if (names.length === 0) return []
  const rows = await db
    .selectFrom('referenceList')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('name', 'in', names)
    .orderBy('name')
    .execute()
  return rows.map(toList)
}

export interface ListFilter {
  readonly words?: string | undefined
  /** Only those whose day of review has passed by then. */
  readonly overdueAt?: Instant | undefined
}

/** By name. */
export async function selectLists(
  db: Handle,
  scope: WorkspaceScope,
  filter: ListFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<readonly ReferenceList[]> {
  let query = narrowed(db, scope, filter).selectAll()
  if (after !== null) query = query.where('name', '>', after)
  return (await query.orderBy('name').limit(limit).execute()).map(toList)
}

export async function countLists(
  db: Handle,
  scope: WorkspaceScope,
  filter: ListFilter,
): Promise<number> {
  const { count } = await narrowed(db, scope, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function narrowed(db: Handle, { workspaceId }: WorkspaceScope, filter: ListFilter) {
  let query = db.selectFrom('referenceList').where('workspaceId', '=', workspaceId)
  for (const word of wordsOf(filter.words ?? '')) {
    query = query.where((eb) =>
      eb.or(['name', 'about', 'owner'].map((column) => hasWord(column, word))),
    )
  }
  if (filter.overdueAt !== undefined) query = query.where('reviewBy', '<', filter.overdueAt)
  return query
}

/** Newest first; of a list that is not here none. */
export async function selectListVersions(
  db: Handle,
  scope: WorkspaceScope,
  id: ListId,
  limit: number,
): Promise<readonly ListVersion[]> {
  const rows = await db
    .selectFrom('referenceListVersion')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('listId', '=', id)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ number, items, why, createdAt, createdBy }) => ({
    number,
    values: Items.parse(JSON.parse(items)),
    why,
    createdAt,
    createdBy,
  }))
}

export interface ListUse {
  readonly rules: readonly { readonly id: RuleId; readonly title: string }[]
  readonly exclusions: readonly { readonly id: ExclusionId; readonly title: string }[]
}

/** Rules whose newest text names it, and exclusions in force that do; each by title. */
export async function selectListUse(
  db: Handle,
  scope: WorkspaceScope,
  name: string,
  limit: number,
): Promise<ListUse> {
  const reference = listReference(name)
  const rules = await db
    .selectFrom('ruleReference')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'ruleReference.workspaceId')
        .onRef('rule.id', '=', 'ruleReference.ruleId'),
    )
    .select(['rule.id', 'rule.title'])
    .where('ruleReference.workspaceId', '=', scope.workspaceId)
    .where('ruleReference.reference', '=', reference)
    .orderBy('rule.sortTitle')
    .limit(limit)
    .execute()
  const exclusions = await db
    .selectFrom('exclusion')
    .innerJoin('exclusionVersion', (join) =>
      join
        .onRef('exclusionVersion.workspaceId', '=', 'exclusion.workspaceId')
        .onRef('exclusionVersion.exclusionId', '=', 'exclusion.id')
        .onRef('exclusionVersion.number', '=', 'exclusion.version'),
    )
    .select(['exclusion.id', 'exclusion.title'])
    .where('exclusion.workspaceId', '=', scope.workspaceId)
    .where('exclusion.state', '=', 'in_force')
    .where(hasWord('exclusionVersion.text', reference))
    .orderBy('exclusion.title')
    .limit(limit)
    .execute()
  return { rules, exclusions }
}

/** Pure. */
export function toList({ items, valueCount: _, ...row }: ListRow): ReferenceList {
  return { ...row, values: Items.parse(JSON.parse(items)) }
}
