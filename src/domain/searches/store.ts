// SQL of searches and their segments.

import type { Selectable, Updateable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { SearchId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { EMPTY_HISTOGRAM, timeColumnOf, type Search, type Segment } from './search.ts'

type Handle = Pick<Reader, 'selectFrom'>
type SearchRow = Selectable<Tables['search']>
export type SegmentRow = Selectable<Tables['searchSegment']>
export type NewSearch = Omit<SearchRow, 'workspaceId'>
export type NewSegment = Omit<SegmentRow, 'workspaceId' | 'searchId'>
export type SegmentChange = Updateable<Tables['searchSegment']>

/** Of a segment that nobody has asked yet. */
export const UNASKED = {
  attempt: 1,
  sentAt: null,
  remote: null,
  progress: null,
  scanned: null,
  found: null,
  rowCount: 0,
  byteCount: 0,
  columns: '[]',
  histogram: JSON.stringify(EMPTY_HISTOGRAM),
  completeness: null,
  notices: '[]',
  reason: null,
  startedAt: null,
  endedAt: null,
} as const satisfies Partial<NewSegment>

export async function insertSearch(
  tx: Tx,
  search: NewSearch,
  segments: readonly NewSegment[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('search')
    .values({ ...search, workspaceId })
    .execute()
  await tx
    .insertInto('searchSegment')
    .values(segments.map((segment) => ({ ...segment, workspaceId, searchId: search.id })))
    .execute()
}

/** Throws `forbidden` for a search that is not of this workspace, or is nowhere. */
export async function getSearch(db: Handle, scope: WorkspaceScope, id: SearchId): Promise<Search> {
  const row = await db
    .selectFrom('search')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  const segments = await selectSegments(db, scope, [id])
  return toSearch(row, segments)
}

async function selectSegments(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly SearchId[],
): Promise<readonly SegmentRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('searchSegment')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('searchId', 'in', ids)
    .orderBy('searchId')
    .orderBy('position')
    .execute()
}

/** Throws `forbidden` as getSearch. */
export async function getSegment(
  db: Handle,
  scope: WorkspaceScope,
  id: SearchId,
  position: number,
): Promise<SegmentRow> {
  const row = await db
    .selectFrom('searchSegment')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('searchId', '=', id)
    .where('position', '=', position)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export interface SearchListPage {
  readonly limit: number
  readonly after: SearchId | null
  readonly isSaved: boolean
}

/** Newest first. */
export async function selectSearches(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after, isSaved }: SearchListPage,
): Promise<readonly Search[]> {
  let query = db.selectFrom('search').selectAll().where('workspaceId', '=', scope.workspaceId)
  if (isSaved) query = query.where('isSaved', '=', 1)
  if (after !== null) query = query.where('id', '<', after)
  const rows = await query.orderBy('id', 'desc').limit(limit).execute()
  const segments = await selectSegments(
    db,
    scope,
    rows.map(({ id }) => id),
  )
  return rows.map((row) =>
    toSearch(
      row,
      segments.filter(({ searchId }) => searchId === row.id),
    ),
  )
}

export async function countSearches(
  db: Handle,
  scope: WorkspaceScope,
  isSaved: boolean,
): Promise<number> {
  let query = db
    .selectFrom('search')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspaceId', '=', scope.workspaceId)
  if (isSaved) query = query.where('isSaved', '=', 1)
  return (await query.executeTakeFirstOrThrow()).count
}

export async function updateSegment(
  tx: Tx,
  id: SearchId,
  position: number,
  change: SegmentChange,
): Promise<void> {
  await tx
    .updateTable('searchSegment')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('searchId', '=', id)
    .where('position', '=', position)
    .execute()
}

export async function updateSearch(
  tx: Tx,
  id: SearchId,
  change: Pick<Updateable<Tables['search']>, 'isSaved' | 'title'>,
): Promise<void> {
  await tx
    .updateTable('search')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function deleteSearch(tx: Tx, id: SearchId): Promise<void> {
  for (const [table, column] of [
    ['searchSegment', 'searchId'],
    ['search', 'id'],
  ] as const) {
    await tx
      .deleteFrom(table)
      .where('workspaceId', '=', tx.scope.workspaceId)
      .where(column, '=', id)
      .execute()
  }
}

function toSearch(row: SearchRow, segments: readonly SegmentRow[]): Search {
  const { workspaceId: _, fromAt, toAt, rowsMax, secondsMax, isSaved, language, ...rest } = row
  return {
    ...rest,
    // Written by the product from its own lists.
    language: language as Search['language'],
    from: fromAt,
    to: toAt,
    caps: { rows: rowsMax, seconds: secondsMax },
    isSaved: isSaved === 1,
    segments: segments.map(toSegment),
  }
}

export function toSegment(row: SegmentRow): Segment {
  const { workspaceId: _, searchId: __, sentAt: ___, remote: ____, ...rest } = row
  const columns = JSON.parse(row.columns) as Segment['columns']
  return {
    ...rest,
    kind: row.kind as Segment['kind'],
    language: row.language as Segment['language'],
    progress: row.progress === null ? null : row.progress / 1_000,
    columns,
    timeColumn: columns[timeColumnOf(columns)]?.name ?? null,
    histogram: JSON.parse(row.histogram) as Segment['histogram'],
    completeness:
      row.completeness === null ? null : (JSON.parse(row.completeness) as Segment['completeness']),
    notices: JSON.parse(row.notices) as readonly string[],
  }
}
