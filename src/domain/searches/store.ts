// SQL of searches and their segments.

import type { Selectable, Updateable } from 'kysely'
import type { Actor } from '#kernel/actor.ts'
import { forbidden } from '#kernel/error.ts'
import type { SavedSearchId, SearchId, TargetId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { hasWord, wordsOf } from '#platform/db/words.ts'
import {
  EMPTY_HISTOGRAM,
  SEGMENT_BYTES_MAX,
  timeColumnOf,
  type Search,
  type Segment,
} from './search.ts'

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
  scannedBytes: null,
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

/** Every part that is there narrows. */
export interface SearchFilter {
  /** Somewhere in the title, the question or the purpose, without case. */
  readonly words?: string | undefined
  readonly targetId?: TargetId | undefined
  readonly askedBy?: Actor | undefined
  readonly savedId?: SavedSearchId | undefined
  /** `open`: something still runs; `short`: a target failed, was cancelled, or is unknown. */
  readonly state?: 'open' | 'short' | undefined
}

export interface SearchListPage {
  readonly limit: number
  readonly after: SearchId | null
}

/** Newest first. */
export async function selectSearches(
  db: Handle,
  scope: WorkspaceScope,
  filter: SearchFilter,
  { limit, after }: SearchListPage,
): Promise<readonly Search[]> {
  let query = narrowed(db, scope, filter).selectAll()
  if (after !== null) query = query.where('id', '<', after)
  const rows = await query.orderBy('id', 'desc').limit(limit).execute()
  return withSegments(db, scope, rows)
}

export async function countSearches(
  db: Handle,
  scope: WorkspaceScope,
  filter: SearchFilter,
): Promise<number> {
  const query = narrowed(db, scope, filter).select((eb) => eb.fn.countAll<number>().as('count'))
  return (await query.executeTakeFirstOrThrow()).count
}

function narrowed(db: Handle, { workspaceId }: WorkspaceScope, filter: SearchFilter) {
  const { words, targetId, askedBy, savedId, state } = filter
  let query = db.selectFrom('search').where('workspaceId', '=', workspaceId)
  for (const word of wordsOf(words ?? '')) {
    query = query.where((eb) =>
      eb.or(['title', 'text', 'purpose'].map((column) => hasWord(column, word))),
    )
  }
  if (askedBy !== undefined) query = query.where('createdBy', '=', askedBy)
  if (savedId !== undefined) query = query.where('savedId', '=', savedId)
  const segments = db.selectFrom('searchSegment').where('workspaceId', '=', workspaceId)
  if (targetId !== undefined) {
    const asked = segments.select('searchId').where('targetId', '=', targetId)
    query = query.where('id', 'in', asked)
  }
  if (state !== undefined) {
    const such = segments.select('searchId').where('state', 'in', [...STATES_OF[state]])
    query = query.where('id', 'in', such)
  }
  return query
}

const STATES_OF = {
  open: ['queued', 'running'],
  short: ['failed', 'cancelled', 'unknown'],
} as const satisfies Record<string, readonly SegmentRow['state'][]>

/** A run of a saved search. */
export interface SearchRun extends Search {
  readonly pinCount: number
}

/** Newest first. */
export async function selectRuns(
  db: Handle,
  scope: WorkspaceScope,
  savedId: SavedSearchId,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly SearchRun[]> {
  const { workspaceId } = scope
  const rows = await db
    .selectFrom('search')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('searchPin')
        .select((pin) => pin.fn.countAll<number>().as('count'))
        .where('searchPin.workspaceId', '=', workspaceId)
        .whereRef('searchPin.searchId', '=', 'search.id')
        .as('pinCount'),
    )
    .where('search.workspaceId', '=', workspaceId)
    .where('savedId', '=', savedId)
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  const searches = await withSegments(db, scope, rows)
  return searches.map((search, at) => ({ ...search, pinCount: rows[at]!.pinCount ?? 0 }))
}

async function withSegments(
  db: Handle,
  scope: WorkspaceScope,
  rows: readonly SearchRow[],
): Promise<readonly Search[]> {
  const segments = await selectSegments(
    db,
    scope,
    rows.map(({ id }) => id),
  )
  const bySearch = Map.groupBy(segments, ({ searchId }) => searchId)
  return rows.map((row) => toSearch(row, bySearch.get(row.id) ?? []))
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
  change: Pick<Updateable<Tables['search']>, 'savedId'>,
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
    ['searchPin', 'searchId'],
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
  const { workspaceId: _, fromAt, toAt, language, ...others } = row
  const { rowsMax, bytesMax, secondsMax, scannedMax, ...rest } = others
  return {
    ...rest,
    // Written by the product from its own lists.
    language: language as Search['language'],
    from: fromAt,
    to: toAt,
    caps: {
      rows: rowsMax,
      bytes: bytesMax ?? SEGMENT_BYTES_MAX,
      seconds: secondsMax,
      scanned: scannedMax,
    },
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
