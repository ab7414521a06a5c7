// What searches were asked and what they found: from the rows of the database, and from evidence while it
// is kept.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { SearchId } from '#kernel/id.ts'
import { definedIn, type Json } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { piecesOf, readRows } from './evidence.ts'
import { isOver, textOf, type Column, type Search, type Segment } from './search.ts'
import * as store from './store.ts'

/** Throws `forbidden` for a search that is not here. */
export async function getSearch(house: House, caller: Caller, id: SearchId): Promise<Search> {
  permit(caller, 'search.run')
  const found = await store.getSearch(house.db.read(caller.scope), caller.scope, id)
  const segments: Segment[] = []
  for (const segment of found.segments) segments.push(await settled(house, caller, segment))
  return { ...found, segments }
}

/** A segment whose job is over said nothing more: the process died in its last run. */
async function settled(house: House, { scope }: Caller, segment: Segment): Promise<Segment> {
  if (isOver(segment.state) || segment.jobId === null) return segment
  const job = await house.jobs.find(scope, segment.jobId).catch(orForgotten)
  if (job && job.endedAt === null) return segment
  const reason = job?.reason ?? 'Nothing is known of it any more.'
  return { ...segment, state: 'unknown', reason, endedAt: job?.endedAt ?? segment.startedAt }
}

function orForgotten(error: unknown): undefined {
  if (error instanceof AppError) return undefined
  throw error
}

export interface SearchesWanted {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly filter?: store.SearchFilter
}

export interface SearchPage extends Page<Search> {
  readonly count: number
}

/** Newest first. */
export async function listSearches(
  house: House,
  caller: Caller,
  { limit, cursor, filter = {} }: SearchesWanted,
): Promise<SearchPage> {
  permit(caller, 'search.run')
  const reader = house.db.read(caller.scope)
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: caller.scope.workspaceId,
      list: 'searches',
      ...definedIn(filter),
    },
    limit,
    cursor,
    placeOf: ({ id }: Search) => id,
    select: (wanted) => store.selectSearches(reader, caller.scope, filter, wanted),
  })
  return { ...page, count: await store.countSearches(reader, caller.scope, filter) }
}

/** One row as it came, and where from. */
export interface FoundRow {
  readonly segment: Segment
  /** In its segment, from 0. */
  readonly index: number
  readonly columns: readonly Column[]
  readonly values: readonly Json[]
}

export interface RowsWanted {
  /** Rows to pass over, of those that fit. */
  readonly offset: number
  readonly limit: number
  /** Words that must all stand somewhere in the row, without case. */
  readonly words?: string | undefined
  /** `name=value` of one column, exactly. */
  readonly where?: { readonly column: string; readonly value: string } | undefined
  readonly sort?: { readonly column: string; readonly isDescending: boolean } | undefined
  /** Only this segment. */
  readonly position?: number | undefined
}

export interface FoundRows {
  readonly rows: readonly FoundRow[]
  /** Those that fit; of an unsorted answer, those known so far: `isEnd` says whether that is all. */
  readonly fitting: number
  readonly isEnd: boolean
  /** Sorted over so many rows only; null when sorted over all, or not at all. */
  readonly sortedOver: number | null
}

/** More than a person looks through; sorting holds them in memory. */
const SORT_ROWS_MAX = 20_000

/** Rows whose time is over are simply gone. */
export async function readFound(
  house: House,
  caller: Caller,
  search: Search,
  wanted: RowsWanted,
): Promise<FoundRows> {
  permit(caller, 'search.run')
  const { offset, limit, sort } = wanted
  const fits = fitter(wanted)
  if (sort === undefined) {
    const rows: FoundRow[] = []
    // Where every row fits, those before the page need not be opened.
    const isWhole = wanted.where === undefined && (wanted.words ?? '').trim() === ''
    const { position } = wanted
    const skip = isWhole ? Math.min(offset, countKept(house, caller, search, position)) : 0
    let seen = skip
    for await (const row of everyRow(house, caller, search, { position, skip })) {
      if (!fits(row)) continue
      if (seen++ < offset) continue
      if (rows.length === limit) return { rows, fitting: seen, isEnd: false, sortedOver: null }
      rows.push(row)
    }
    return { rows, fitting: seen, isEnd: true, sortedOver: null }
  }
  const held: FoundRow[] = []
  let isCut = false
  for await (const row of everyRow(house, caller, search, wanted)) {
    if (!fits(row)) continue
    if (held.length === SORT_ROWS_MAX) {
      isCut = true
      break
    }
    held.push(row)
  }
  held.sort(comparer(sort))
  return {
    rows: held.slice(offset, offset + limit),
    fitting: held.length,
    isEnd: !isCut && offset + limit >= held.length,
    sortedOver: isCut ? SORT_ROWS_MAX : null,
  }
}

interface RowsSkipped {
  /** Only this segment. */
  readonly position?: number | undefined
  /** So many rows are passed over, whole pieces unopened. */
  readonly skip?: number
}

function countKept(
  house: House,
  { scope }: Caller,
  { id, segments }: Search,
  position?: number,
): number {
  const wanted = segments.filter((one) => position === undefined || one.position === position)
  return piecesOf(house, scope, id, wanted).reduce((sum, { rowCount }) => sum + rowCount, 0)
}

/** Every row that is kept, in the order of segments, a piece in memory at a time. */
export async function* everyRow(
  house: House,
  { scope }: Caller,
  search: Search,
  { position, skip = 0 }: RowsSkipped = {},
): AsyncGenerator<FoundRow> {
  const segments = search.segments.filter(
    (one) => position === undefined || one.position === position,
  )
  const next = new Map<number, number>()
  let left = skip
  for (const piece of piecesOf(house, scope, search.id, segments)) {
    const { segment, rowCount } = piece
    const first = next.get(segment.position) ?? 0
    next.set(segment.position, first + rowCount)
    const skipped = Math.min(left, rowCount)
    left -= skipped
    if (skipped === rowCount) continue
    await nextTurn()
    const { columns, rows } = await readRows(house, scope, search.id, piece)
    for (const [at, values] of rows.slice(skipped).entries()) {
      yield { segment, index: first + skipped + at, columns, values }
    }
  }
}

/** Throws `forbidden` for a search that is not here. */
export async function exportRows(
  house: House,
  caller: Caller,
  id: SearchId,
): Promise<{ readonly search: Search; readonly rows: AsyncGenerator<FoundRow> }> {
  const search = await getSearch(house, caller, id)
  return { search, rows: everyRow(house, caller, search) }
}

function fitter({ words, where }: RowsWanted): (row: FoundRow) => boolean {
  const wanted = (words ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return ({ columns, values }) => {
    if (where !== undefined) {
      const at = columns.findIndex(({ name }) => name === where.column)
      if (at < 0 || textOf(values[at]) !== where.value) return false
    }
    if (wanted.length === 0) return true
    const text = values.map(textOf).join('\n').toLowerCase()
    return wanted.every((word) => text.includes(word))
  }
}

function comparer({
  column,
  isDescending,
}: NonNullable<RowsWanted['sort']>): (a: FoundRow, b: FoundRow) => number {
  const direction = isDescending ? -1 : 1
  const valueOf = ({ columns, values }: FoundRow) =>
    values[columns.findIndex(({ name }) => name === column)] ?? null
  return (rowA, rowB) => {
    const [a, b] = [valueOf(rowA), valueOf(rowB)]
    // Nothing comes last, whichever way.
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction
    const [textA, textB] = [textOf(a), textOf(b)]
    return (textA < textB ? -1 : textA > textB ? 1 : 0) * direction
  }
}
