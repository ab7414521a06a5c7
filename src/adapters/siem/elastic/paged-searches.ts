// Lucene and Kibana queries over a point in time: pages follow each other in a frozen view, found again by
// its id after a restart. Each page is one call; giving up the call ends it, and the view is closed.

import { z } from 'zod'
import { TIME_FIELD, tableOf } from '#adapters/siem/search-hits.ts'
import type { Completeness, RowsPage, SearchRequest, SearchState } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import { readAs, type ElasticClient } from './client.ts'
import { queryDsl } from './query-dsl.ts'
import { found, pit, type Found } from './replies.ts'
import type { ElasticSettings } from './settings.ts'
import { COMPLETE, failedClusters, failedShards, timeFilter, truncatedAt } from './table.ts'

/** Every call puts the end of the view off by so long. */
const KEPT = '10m'
/** What one page gives at most (index.max_result_window). */
const ROWS_PER_PAGE_MAX = 10_000

export const pagedSearch = z.object({
  via: z.literal('pit'),
  pit: z.string(),
  query: z.custom<Json>((value) => value !== undefined),
  opaqueId: z.string(),
  rowsMax: z.number(),
  seconds: z.number(),
})
export type PagedSearch = z.infer<typeof pagedSearch>

/** A page may give the view another id, which counts from then on. */
const cursor = z.object({
  after: z.array(z.custom<Json>()),
  given: z.number(),
  pit: z.string(),
})

export async function startPaged(
  client: ElasticClient,
  { indices }: ElasticSettings,
  { request, opaqueId }: { readonly request: SearchRequest; readonly opaqueId: string },
  signal: AbortSignal,
): Promise<PagedSearch> {
  const what = 'the search'
  const query = { bool: { filter: [timeFilter(request), queryDsl(request.query)] } }
  const reply = await client.send({
    method: 'POST',
    path: `/${encodeURIComponent(indices)}/_pit`,
    query: { keep_alive: KEPT },
    // A second view is forgotten by itself; nothing runs in it.
    effect: 'read',
    what,
    signal,
  })
  const { id } = readAs(pit, reply.body, what)
  const { rowsMax, secondsMax } = request
  return { via: 'pit', pit: id, query, opaqueId, rowsMax, seconds: secondsMax }
}

export async function pollPaged(
  client: ElasticClient,
  search: PagedSearch,
  signal: AbortSignal,
): Promise<SearchState> {
  const size = { size: 0, track_total_hits: search.rowsMax + 1 }
  const counted = await ask(client, search, size, signal)
  if (counted === null) {
    const reason = 'Elasticsearch does not know this search: its view has expired or was closed.'
    return { kind: 'gone', reason }
  }
  const total = totalOf(counted)
  const cut = total !== null && total > search.rowsMax ? truncatedAt(search.rowsMax) : COMPLETE
  const completeness = missingIn(counted) ?? cut
  return { kind: 'done', found: total, scanned: null, completeness, notices: [] }
}

function totalOf({ hits: { total } }: Found): number | null {
  if (total === undefined) return null
  return typeof total === 'number' ? total : total.value
}

/** A 200 may hold what some shards said and the others did not. */
function missingIn({ timed_out: isLate, _shards, _clusters }: Found): Completeness | undefined {
  if (isLate)
    return { kind: 'partial', reason: 'Elasticsearch ran out of time before it was through.' }
  const shards = _shards === undefined ? null : failedShards(_shards.failures, _shards)
  const reason = shards ?? failedClusters(_clusters)
  return reason === null ? undefined : { kind: 'partial', reason }
}

/** null: the view is not there any more. */
async function ask(
  client: ElasticClient,
  { pit: id, query, seconds, opaqueId }: PagedSearch,
  more: { readonly [key: string]: Json },
  signal: AbortSignal,
): Promise<Found | null> {
  const what = 'the search'
  const reply = await client.send({
    method: 'POST',
    path: '/_search',
    body: { pit: { id, keep_alive: KEPT }, query, timeout: `${seconds}s`, ...more },
    opaqueId,
    what,
    accepts: [404],
    firstByteMs: (seconds + 30) * SECOND,
    signal,
  })
  return reply.status === 404 ? null : readAs(found, reply.body, what)
}

/** Oldest first, also where some indices keep nanoseconds; the place of a document tells the rest apart. */
const SORT: Json = [
  {
    [TIME_FIELD]: {
      order: 'asc',
      format: 'strict_date_optional_time_nanos',
      numeric_type: 'date_nanos',
    },
  },
  { _shard_doc: 'asc' },
]

export async function readPaged(
  client: ElasticClient,
  search: PagedSearch,
  page: { readonly after: Json | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RowsPage> {
  const before = page.after === null ? null : cursor.parse(page.after)
  const given = before?.given ?? 0
  const wanted = Math.min(page.limit, ROWS_PER_PAGE_MAX - 1, search.rowsMax - given)
  if (wanted <= 0)
    return { columns: [], rows: [], next: null, completeness: truncatedAt(search.rowsMax) }
  const current = { ...search, pit: before?.pit ?? search.pit }
  const answer = await askFewer(
    client,
    current,
    // One more than wanted tells whether there are more.
    {
      size: wanted + 1,
      sort: SORT,
      track_total_hits: false,
      ...(before && { search_after: before.after }),
    },
    signal,
  )
  if (answer === null)
    throw new AppError('not_found', 'Elasticsearch does not know this search any more.')
  const hits = answer.found.hits.hits.slice(0, Math.min(wanted, answer.size - 1))
  const hasMore = answer.found.hits.hits.length > hits.length
  const total = given + hits.length
  const last = hits.at(-1)?.sort
  if (
    before !== null &&
    last !== undefined &&
    JSON.stringify(last) === JSON.stringify(before.after)
  ) {
    throw new AppError(
      'upstream',
      'Elasticsearch gave other rows of the search than were asked for.',
    )
  }
  const isCapped = hasMore && total >= search.rowsMax
  const next =
    hasMore && !isCapped && last !== undefined
      ? { after: last, given: total, pit: answer.found.pit_id ?? current.pit }
      : null
  return {
    ...tableOf(hits.map((hit) => ({ hit }))),
    next,
    completeness: missingIn(answer.found) ?? (isCapped ? truncatedAt(search.rowsMax) : COMPLETE),
  }
}

/** Fewer than asked for where events are so large that an answer would be, too. */
async function askFewer(
  client: ElasticClient,
  search: PagedSearch,
  asked: { readonly size: number; readonly [key: string]: Json },
  signal: AbortSignal,
): Promise<{ readonly found: Found; readonly size: number } | null> {
  try {
    const answer = await ask(client, search, asked, signal)
    return answer === null ? null : { found: answer, size: asked.size }
  } catch (error) {
    const isTooMuch = error instanceof AppError && error.code === 'too_large'
    if (!isTooMuch || asked.size <= 2) throw error
    return askFewer(client, search, { ...asked, size: Math.ceil(asked.size / 4) + 1 }, signal)
  }
}

export async function cancelPaged(client: ElasticClient, search: PagedSearch, signal: AbortSignal) {
  await client.send({
    method: 'DELETE',
    path: '/_pit',
    body: { id: search.pit },
    effect: 'read',
    what: 'the end of the search',
    accepts: [404],
    signal,
  })
  const isGone = (await ask(client, search, { size: 0 }, signal)) === null
  return isGone
    ? { isConfirmed: true, reason: 'The view is closed.' }
    : { isConfirmed: false, reason: 'Elasticsearch has not closed the view of the search.' }
}
