// `/searches`: one question to one or many targets, what became of it at each, and the rows.

import { z } from 'zod'
import { CapsInput, SearchQuestion } from '#domain/searches/input.ts'
import { TARGETS_MAX } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import { parseDuration, parseInstant, type Instant } from '#kernel/time.ts'
import { ndjson } from '#http/download.ts'
import { csvOfRows, lineOf, linesOfRows } from '#http/rows.ts'
import { downloadOperation, operation } from './operation.ts'
import { accepted, makeCursor, named, PAGE_QUERY, pageShape, readCursor } from './shapes.ts'
import {
  SavedSearchIdText,
  SearchPageShape,
  SearchPath,
  SearchIdText,
  searchShape,
  SearchShape,
  TargetIdText,
} from './search-shapes.ts'

/** Loaded by the first request and not by the start: what phrases a rule brings the compilers. */
const actions = () => import('#domain/searches/actions.ts')
const reading = () => import('#domain/searches/reading.ts')

const NewSearch = z
  .strictObject({
    question: SearchQuestion,
    targets: z.union([z.literal('all'), z.array(TargetIdText).min(1).max(TARGETS_MAX)]),
    /** Either `last`, or `from` and `to`. */
    last: z.string().max(20).optional(),
    from: z.string().max(40).optional(),
    to: z.string().max(40).optional(),
    ...CapsInput,
    purpose: z.string().max(500).default(''),
  })
  .register(accepted, { id: 'NewSearch' })

const list = operation({
  method: 'GET',
  path: '/searches',
  name: 'listSearches',
  summary: 'Searches, newest first',
  permission: 'search.run',
  about:
    'Every parameter narrows; `words` must all stand in the title, the question or the purpose.',
  query: z.strictObject({
    ...PAGE_QUERY,
    words: z.string().max(500).optional(),
    target: TargetIdText.optional(),
    saved: SavedSearchIdText.optional(),
    state: z.enum(['open', 'short']).optional(),
  }),
  answer: SearchPageShape,
  async run({ house, caller, query: { words, target, saved, state, ...page } }) {
    const filter = { words, targetId: target, savedId: saved, state }
    const { items, next } = await (await reading()).listSearches(house, caller, { ...page, filter })
    return { items: items.map(searchShape), next }
  },
})

const start = operation({
  method: 'POST',
  path: '/searches',
  name: 'startSearch',
  summary: 'Ask targets',
  about:
    'A query goes to the targets that speak its language, a Sigma rule to every kind of target as what it is compiled to there. `targets` names them, or is `all` for every target that speaks the language, and for a rule every target. A query that does more than read is refused. Each target has a segment with a job of its own, which `segments[].job` names; the answer of each says how complete it is.',
  permission: 'search.run',
  reach: 'named',
  body: NewSearch,
  status: 201,
  answer: SearchShape,
  async run({ house, caller, body }) {
    const { targets, last: _, ...rest } = body
    const input = { ...rest, targetIds: targets, ...rangeOf(body, caller.now) }
    return searchShape(await (await actions()).startSearch(house, caller, input))
  },
})

const get = operation({
  method: 'GET',
  path: '/searches/{id}',
  name: 'getSearch',
  summary: 'A search, and what became of it at each target',
  permission: 'search.run',
  params: SearchPath,
  answer: SearchShape,
  async run({ house, caller, params }) {
    return searchShape(await (await reading()).getSearch(house, caller, params.id))
  },
})

const cancel = operation({
  method: 'POST',
  path: '/searches/{id}/cancel',
  name: 'cancelSearch',
  summary: 'End what still runs',
  about:
    'A segment that runs ends when its target was told to stop; its reason says whether it did.',
  permission: 'search.run',
  reach: 'named',
  params: SearchPath,
  answer: SearchShape,
  async run({ house, caller, params }) {
    return searchShape(await (await actions()).cancelSearch(house, caller, params.id))
  },
})

const retry = operation({
  method: 'POST',
  path: '/searches/{id}/segments/{n}/retry',
  name: 'retrySearchSegment',
  summary: 'Ask one target again',
  about: 'Of a segment that failed, was cancelled, or of which nothing is known.',
  permission: 'search.run',
  reach: 'named',
  params: z.strictObject({ id: SearchIdText, n: z.coerce.number().int().min(1).max(TARGETS_MAX) }),
  answer: SearchShape,
  async run({ house, caller, params }) {
    return searchShape(await (await actions()).retrySegment(house, caller, params.id, params.n))
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/searches/{id}',
  name: 'deleteSearch',
  summary: 'Forget a search and its rows',
  permission: 'search.run',
  reach: 'named',
  params: SearchPath,
  async run({ house, caller, params }) {
    await (await actions()).deleteSearch(house, caller, params.id)
    return undefined
  },
})

const RowShape = z
  .strictObject({
    target: z.string(),
    row: z.int(),
    values: z.record(z.string(), z.unknown()),
  })
  .register(named, { id: 'FoundRow' })
const RowPage = pageShape(RowShape).register(named, { id: 'FoundRowPage' })

const rows = operation({
  method: 'GET',
  path: '/searches/{id}/rows',
  name: 'listSearchRows',
  summary: 'The rows that are kept, as they came',
  about: 'While the search runs, what there is so far. `words` must all stand somewhere in a row.',
  permission: 'search.run',
  params: SearchPath,
  query: z.strictObject({ ...PAGE_QUERY, words: z.string().max(500).optional() }),
  answer: RowPage,
  async run(call) {
    const { house, caller, params, query } = call
    const { words, limit, cursor } = query
    const place = { list: 'search-rows', filter: { id: params.id, words: words ?? null } }
    const offset = readCursor(call, place, cursor, z.int().min(0)) ?? 0
    const { getSearch, readFound } = await reading()
    const search = await getSearch(house, caller, params.id)
    const found = await readFound(house, caller, search, { offset, limit, words })
    const next = found.isEnd ? null : makeCursor(call, place, offset + limit)
    return { items: found.rows.map(lineOf), next }
  },
})

const exported = downloadOperation({
  method: 'GET',
  path: '/searches/{id}/rows/export',
  name: 'exportSearchRows',
  summary: 'All rows that are kept, as a file',
  permission: 'search.run',
  params: SearchPath,
  query: z.strictObject({ format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  types: ['application/x-ndjson', 'text/csv'],
  async run({ house, caller, params, query: { format } }) {
    const { search, rows: found } = await (await reading()).exportRows(house, caller, params.id)
    const name = `${search.id}.${format}`
    return format === 'csv'
      ? { name, type: 'text/csv', chunks: csvOfRows(search, found) }
      : { name, type: 'application/x-ndjson', chunks: ndjson(linesOfRows(found)) }
  },
})

function rangeOf(
  { last, from, to }: z.output<typeof NewSearch>,
  now: Instant,
): { readonly from: number; readonly to: number } {
  if (last !== undefined && from === undefined && to === undefined) {
    const span = parseDuration(last)
    if (span !== undefined) return { from: now - span, to: now }
  }
  const [begin, end] = [parseInstant(from ?? ''), parseInstant(to ?? '')]
  if (last === undefined && begin !== undefined && end !== undefined)
    return { from: begin, to: end }
  throw new AppError('invalid', 'Say last as 24h, or from and to as 2026-11-21T10:00:00Z.')
}

export const SEARCH_OPERATIONS = [list, start, get, cancel, retry, remove, rows, exported]
