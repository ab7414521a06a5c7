// Searches over a point in time: pages follow each other in a frozen view, found again by its id after a
// restart. Each page is one call; giving up the call ends it on the cluster, and the view is closed.

import { z } from 'zod'
import { TIME_FIELD, tableOf } from '#adapters/siem/search-hits.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import type { Completeness, RowsPage, SiemSearch } from '#domain/targets/port.ts'
import { readAs, tidy, type OpensearchClient } from './client.ts'
import { found, pit, type Found } from './replies.ts'
import type { OpensearchSettings } from './settings.ts'

/** Every call puts the end of the view off by so long. */
const KEPT = '10m'
/** What one page gives at most (index.max_result_window). */
const ROWS_PER_PAGE_MAX = 10_000

const remoteSearch = z.object({
  pit: z.string(),
  text: z.string(),
  from: z.number(),
  to: z.number(),
  rowsMax: z.number(),
  seconds: z.number(),
})
type Remote = z.infer<typeof remoteSearch>

const cursor = z.object({ after: z.array(z.custom<Json>()), given: z.number() })

export function openSearch(client: OpensearchClient, settings: OpensearchSettings): SiemSearch {
  return {
    languages: ['lucene'],
    isResumable: true,
    async start({ query, from, to, rowsMax, secondsMax }, signal) {
      const what = 'the search'
      const reply = await client.send({
        method: 'POST',
        path: `/${encodeURIComponent(settings.indices)}/_search/point_in_time`,
        query: { keep_alive: KEPT },
        // A second view is forgotten by itself; nothing runs in it.
        effect: 'read',
        what,
        signal,
      })
      const { pit_id: id } = readAs(pit, reply.body, what)
      const remote: Remote = { pit: id, text: query.text, from, to, rowsMax, seconds: secondsMax }
      return { remote, first: null }
    },
    async poll(given, signal) {
      const remote = remoteSearch.parse(given)
      const size = { size: 0, track_total_hits: remote.rowsMax + 1 }
      const counted = await ask(client, remote, size, signal)
      if (counted === null) {
        const reason = 'OpenSearch does not know this search: its view has expired or was closed.'
        return { kind: 'gone', reason }
      }
      const total = totalOf(counted)
      const truncated = total !== null && total > remote.rowsMax ? truncatedAt(remote) : COMPLETE
      const completeness = missingIn(counted) ?? truncated
      return { kind: 'done', found: total, scanned: null, completeness, notices: [] }
    },
    rows: (given, page, signal) => readRows(client, remoteSearch.parse(given), page, signal),
    async cancel(given, signal) {
      const remote = remoteSearch.parse(given)
      const reply = await client.send({
        method: 'DELETE',
        path: '/_search/point_in_time',
        body: { pit_id: [remote.pit] },
        effect: 'read',
        what: 'the end of the search',
        accepts: [404],
        signal,
      })
      const closed = closing.safeParse(reply.body)
      const isOpen = closed.success && closed.data.pits.some(({ successful }) => !successful)
      if (reply.status === 404 || !isOpen)
        return { isConfirmed: true, reason: 'The view is closed.' }
      const isGone = (await ask(client, remote, { size: 0 }, signal)) === null
      return isGone
        ? { isConfirmed: true, reason: 'OpenSearch does not know this search any more.' }
        : { isConfirmed: false, reason: 'OpenSearch has not closed the view of the search.' }
    },
  }
}

const closing = z.object({ pits: z.array(z.object({ successful: z.boolean() })) })
const COMPLETE: Completeness = { kind: 'complete' }

function truncatedAt({ rowsMax }: Remote): Completeness {
  return { kind: 'truncated', limit: `${rowsMax.toLocaleString('en')} rows` }
}

/** null: the view is not there any more. */
async function ask(
  client: OpensearchClient,
  remote: Remote,
  more: { readonly [key: string]: Json },
  signal: AbortSignal,
): Promise<Found | null> {
  const what = 'the search'
  const range = { gte: remote.from, lt: remote.to, format: 'epoch_millis' }
  const reply = await client.send({
    method: 'POST',
    path: '/_search',
    body: {
      pit: { id: remote.pit, keep_alive: KEPT },
      query: {
        bool: {
          filter: [
            { range: { [TIME_FIELD]: range } },
            { query_string: { query: remote.text, analyze_wildcard: true } },
          ],
        },
      },
      timeout: `${remote.seconds}s`,
      ...more,
    },
    what,
    accepts: [404],
    firstByteMs: (remote.seconds + 30) * SECOND,
    signal,
  })
  return reply.status === 404 ? null : readAs(found, reply.body, what)
}

function totalOf({ hits: { total } }: Found): number | null {
  if (total === undefined) return null
  return typeof total === 'number' ? total : total.value
}

/** A 200 may hold what some shards said and the others did not. */
function missingIn({ timed_out: isLate, _shards: shards }: Found): Completeness | undefined {
  if (isLate)
    return { kind: 'partial', reason: 'OpenSearch ran out of time before it was through.' }
  if (shards === undefined || shards.failed === 0) return undefined
  const [first] = shards.failures
  const said = first?.reason?.reason
  const why = said === undefined || said === '' ? '' : `: ${tidy(said)}`
  return {
    kind: 'partial',
    reason: `${shards.failed} of ${shards.total} shards gave nothing${why}`,
  }
}

/** Oldest first; the id tells apart what happened at the same time. */
const SORT: Json = [{ [TIME_FIELD]: { order: 'asc' } }, { _id: { order: 'asc' } }]

async function readRows(
  client: OpensearchClient,
  remote: Remote,
  page: { readonly after: Json | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RowsPage> {
  const { after, given } =
    page.after === null ? { after: null, given: 0 } : cursor.parse(page.after)
  const wanted = Math.min(page.limit, ROWS_PER_PAGE_MAX - 1, remote.rowsMax - given)
  if (wanted <= 0) return { columns: [], rows: [], next: null, completeness: truncatedAt(remote) }
  const answer = await askFewer(
    client,
    remote,
    // One more than wanted tells whether there are more.
    {
      size: wanted + 1,
      sort: SORT,
      track_total_hits: false,
      ...(after && { search_after: after }),
    },
    signal,
  )
  if (answer === null)
    throw new AppError('not_found', 'OpenSearch does not know this search any more.')
  const hits = answer.found.hits.hits.slice(0, Math.min(wanted, answer.size - 1))
  const hasMore = answer.found.hits.hits.length > hits.length
  const total = given + hits.length
  const last = hits.at(-1)?.sort
  if (after !== null && last !== undefined && JSON.stringify(last) === JSON.stringify(after)) {
    throw new AppError('upstream', 'OpenSearch gave other rows of the search than were asked for.')
  }
  const isCapped = hasMore && total >= remote.rowsMax
  return {
    ...tableOf(hits.map((hit) => ({ hit }))),
    next: hasMore && !isCapped && last !== undefined ? { after: last, given: total } : null,
    completeness: missingIn(answer.found) ?? (isCapped ? truncatedAt(remote) : COMPLETE),
  }
}

/** Fewer than asked for where events are so large that an answer would be, too. */
async function askFewer(
  client: OpensearchClient,
  remote: Remote,
  asked: { readonly size: number; readonly [key: string]: Json },
  signal: AbortSignal,
): Promise<{ readonly found: Found; readonly size: number } | null> {
  try {
    const answer = await ask(client, remote, asked, signal)
    return answer === null ? null : { found: answer, size: asked.size }
  } catch (error) {
    const isTooMuch = error instanceof AppError && error.code === 'too_large'
    if (!isTooMuch || asked.size <= 2) throw error
    return askFewer(client, remote, { ...asked, size: Math.ceil(asked.size / 4) + 1 }, signal)
  }
}
