// `/searches`: one question to one or many targets, what became of it at each, and the rows.

import { z } from 'zod'
import { SEARCH_LANGUAGES, SearchQuestion } from '#domain/searches/input.ts'
import {
  CAPS_USUAL,
  outcomeOf,
  ROWS_MAX,
  SECONDS_MAX,
  SEGMENT_STATES,
  TARGETS_MAX,
  type Search,
  type Segment,
} from '#domain/searches/search.ts'
import type { Completeness } from '#domain/targets/port.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { AppError } from '#kernel/error.ts'
import { formatInstant, parseDuration, parseInstant, type Instant } from '#kernel/time.ts'
import { ndjson } from '#http/download.ts'
import { csvOfRows, lineOf, linesOfRows } from '#http/rows.ts'
import { downloadOperation, operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  instantOrNull,
  JobIdText,
  makeCursor,
  named,
  PAGE_QUERY,
  pageShape,
  readCursor,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start: what phrases a rule brings the compilers. */
const actions = () => import('#domain/searches/actions.ts')
const reading = () => import('#domain/searches/reading.ts')

const SearchIdText = idOf(ID_PREFIXES.search)
const TargetIdText = idOf(ID_PREFIXES.target)
const SearchPath = z.strictObject({ id: SearchIdText })

const CompletenessShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('complete') }),
    z.strictObject({ kind: z.literal('partial'), reason: z.string() }),
    z.strictObject({ kind: z.literal('truncated'), limit: z.string() }),
  ])
  .register(named, { id: 'Completeness' })

const SegmentShape = z
  .strictObject({
    n: z.int(),
    target: TargetIdText,
    targetName: z.string(),
    kind: z.string(),
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string(),
    state: z.enum(SEGMENT_STATES),
    attempt: z.int(),
    job: JobIdText.nullable(),
    progress: z.number().nullable(),
    scanned: z.number().nullable(),
    found: z.number().nullable(),
    rows: z.int(),
    columns: z.array(z.strictObject({ name: z.string(), type: z.string().nullable() })),
    completeness: CompletenessShape.nullable(),
    notices: z.array(z.string()),
    reason: z.string().nullable(),
    startedAt: InstantText.nullable(),
    endedAt: InstantText.nullable(),
  })
  .register(named, { id: 'SearchSegment' })

const SearchShape = z
  .strictObject({
    id: SearchIdText,
    title: z.string(),
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string(),
    rule: RuleIdText.nullable(),
    purpose: z.string(),
    from: InstantText,
    to: InstantText,
    isSaved: z.boolean(),
    createdAt: InstantText,
    createdBy: z.string(),
    outcome: z.enum(['running', 'complete', 'some', 'nothing']),
    segments: z.array(SegmentShape),
  })
  .register(named, { id: 'Search' })
const SearchPageShape = pageShape(SearchShape).register(named, { id: 'SearchPage' })

const NewSearch = z
  .strictObject({
    question: SearchQuestion,
    targets: z.array(TargetIdText).min(1).max(TARGETS_MAX),
    /** Either `last`, or `from` and `to`. */
    last: z.string().max(20).optional(),
    from: z.string().max(40).optional(),
    to: z.string().max(40).optional(),
    rows: z.int().min(1).max(ROWS_MAX).default(CAPS_USUAL.rows),
    seconds: z.int().min(1).max(SECONDS_MAX).default(CAPS_USUAL.seconds),
    purpose: z.string().max(500).default(''),
  })
  .register(accepted, { id: 'NewSearch' })

const list = operation({
  method: 'GET',
  path: '/searches',
  name: 'listSearches',
  summary: 'Searches, newest first',
  permission: 'search.run',
  query: z.strictObject({ ...PAGE_QUERY, saved: z.enum(['yes', 'no']).default('no') }),
  answer: SearchPageShape,
  async run({ house, caller, query: { saved, ...page } }) {
    const { items, next } = await (
      await reading()
    ).listSearches(house, caller, { ...page, isSaved: saved === 'yes' })
    return { items: items.map(searchShape), next }
  },
})

const start = operation({
  method: 'POST',
  path: '/searches',
  name: 'startSearch',
  summary: 'Ask targets',
  about:
    'A query goes to the targets that speak its language, a Sigma rule to every kind of target as what it is compiled to there. A query that does more than read is refused. Each target has a segment with a job of its own, which `segments[].job` names; the answer of each says how complete it is.',
  permission: 'search.run',
  body: NewSearch,
  status: 201,
  answer: SearchShape,
  async run({ house, caller, body }) {
    const { question, targets, rows, seconds, purpose } = body
    const range = rangeOf(body, caller.now)
    const input = { question, targetIds: targets, ...range, rows, seconds, purpose }
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

function searchShape(search: Search): z.input<typeof SearchShape> {
  const { id, title, language, text, ruleId, purpose, isSaved, createdBy, segments } = search
  return {
    id,
    title,
    language,
    text,
    rule: ruleId,
    purpose,
    from: formatInstant(search.from),
    to: formatInstant(search.to),
    isSaved,
    createdAt: formatInstant(search.createdAt),
    createdBy,
    outcome: outcomeOf(segments)?.kind ?? 'running',
    segments: segments.map(segmentShape),
  }
}

function segmentShape(segment: Segment): z.input<typeof SegmentShape> {
  const { position, targetId, jobId, rowCount, columns, notices, completeness } = segment
  const { targetName, kind, language, text, state, attempt, progress } = segment
  const { scanned, found, reason, startedAt, endedAt } = segment
  return {
    n: position,
    target: targetId,
    targetName,
    kind,
    language,
    text,
    state,
    attempt,
    job: jobId,
    progress,
    scanned,
    found,
    rows: rowCount,
    columns: columns.map(({ name, type }) => ({ name, type })),
    completeness: completeness && { ...(completeness satisfies Completeness) },
    notices: [...notices],
    reason,
    startedAt: instantOrNull(startedAt),
    endedAt: instantOrNull(endedAt),
  }
}

export const SEARCH_OPERATIONS = [list, start, get, cancel, retry, remove, rows, exported]
