// Searching an OpenSearch stand-in: `_search` over indices or a point in time, sorted and paged by
// `search_after`, and the validation of a query.

import type { Json } from '#kernel/json.ts'
import { valuesOf } from '#languages/evaluation.ts'
import type { Cluster, SearchDocument } from './cluster.ts'
import { OpensearchError } from './errors.ts'
import { compileQuery, fieldsOf, QueryError, timeOf, type Members } from './query.ts'

const WINDOW_MAX = 10_000

/** What a search needs; Elasticsearch's stand-in brings the same. */
type Searched = Pick<Cluster, 'documents' | 'pits' | 'clock' | 'serial'>

export function matchingDocuments(
  cluster: Pick<Cluster, 'documents'>,
  pattern: string,
): readonly SearchDocument[] {
  const parts = pattern.split(',')
  const wanted = parts.filter((part) => !part.startsWith('-'))
  const excluded = parts.filter((part) => part.startsWith('-')).map((part) => part.slice(1))
  const fits = (index: string, glob: string) =>
    glob === '_all' ||
    new RegExp(`^${glob.replaceAll(/[.+^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(
      index,
    )
  return cluster.documents.filter(
    ({ index }) =>
      wanted.some((glob) => fits(index, glob)) && !excluded.some((glob) => fits(index, glob)),
  )
}

export function openPit(cluster: Searched, pattern: string, keepAlive: string): Json {
  const id = `pit-${++cluster.serial}`
  const documents = matchingDocuments(cluster, pattern)
  cluster.pits.set(id, { documents, expiresAt: cluster.clock.now() + millisecondsOf(keepAlive) })
  return { pit_id: id, _shards: SHARDS, creation_time: cluster.clock.now() }
}

const SHARDS = { total: 1, successful: 1, skipped: 0, failed: 0 }

function millisecondsOf(text: string): number {
  const [, count = '1', unit = 'm'] = /^(\d+)([smhd])$/.exec(text) ?? []
  return Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0)
}

export function search(cluster: Searched, pattern: string | null, body: Members): Json {
  const pit = body['pit'] as { id: string; keep_alive?: string } | undefined
  const documents =
    pit === undefined ? matchingDocuments(cluster, pattern ?? '_all') : inPit(cluster, pit)
  const check = compiled(body['query'])
  const found = documents
    .map((document, place) => ({ document, place, fields: fieldsOf(document.source) }))
    .filter(({ fields }) => check(fields))
  const sorts = sortsOf(body['sort'])
  const keyed = found.map((each) => ({
    ...each,
    key: sorts.map((sort) => keyOf(each, sort)),
  }))
  keyed.sort((a, b) => compareKeys(a.key, b.key, sorts))
  const after = body['search_after'] as readonly Json[] | undefined
  const rest =
    after === undefined ? keyed : keyed.filter(({ key }) => compareKeys(key, after, sorts) > 0)
  const [from, size] = [Number(body['from'] ?? 0), Number(body['size'] ?? 10)]
  if (from + size > WINDOW_MAX) {
    throw new OpensearchError(400, 'illegal_argument_exception', 'Result window is too large')
  }
  return {
    took: 3,
    timed_out: false,
    ...(pit && { pit_id: pit.id }),
    _shards: SHARDS,
    hits: {
      ...(body['track_total_hits'] !== false && { total: { value: found.length, relation: 'eq' } }),
      max_score: null,
      hits: rest.slice(from, from + size).map(({ document, key }) => ({
        _index: document.index,
        _id: document.id,
        _score: null,
        _source: document.source as Json,
        ...(sorts.length > 0 && { sort: key }),
      })),
    },
  }
}

function inPit(
  cluster: Searched,
  { id, keep_alive: keepAlive }: { id: string; keep_alive?: string },
) {
  const pit = cluster.pits.get(id)
  if (pit === undefined || pit.expiresAt <= cluster.clock.now()) {
    throw new OpensearchError(
      404,
      'search_context_missing_exception',
      `No search context found for id [${id}]`,
    )
  }
  if (keepAlive !== undefined) pit.expiresAt = cluster.clock.now() + millisecondsOf(keepAlive)
  return pit.documents
}

function compiled(query: Json | undefined) {
  try {
    return compileQuery(query)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new OpensearchError(400, 'query_shard_exception', error.message)
  }
}

interface Sort {
  readonly field: string
  /** Times go out, and come back in `search_after`, as text. */
  readonly isFormatted: boolean
  readonly isDescending: boolean
}

function sortsOf(sort: Json | undefined): readonly Sort[] {
  const list = sort === undefined ? [] : Array.isArray(sort) ? (sort as Json[]) : [sort]
  return list.map((each) => {
    if (typeof each === 'string') return { field: each, isFormatted: false, isDescending: false }
    const [[field, how] = ['_doc', 'asc']] = Object.entries(each as Members)
    const members: Members = typeof how === 'string' ? { order: how } : (how as Members)
    const isFormatted = members['format'] !== undefined
    return { field, isFormatted, isDescending: members['order'] === 'desc' }
  })
}

function keyOf(
  {
    document,
    place,
    fields,
  }: { document: SearchDocument; place: number; fields: ReturnType<typeof fieldsOf> },
  { field, isFormatted }: Sort,
): Json {
  if (field === '_id') return document.id
  if (field === '_shard_doc') return place
  const [value] = valuesOf(fields.get(field))
  if (value === undefined) return null
  const at = timeOf(value)
  if (Number.isNaN(at)) return value
  return isFormatted ? new Date(at).toISOString() : at
}

function compareKeys(a: readonly Json[], b: readonly Json[], sorts: readonly Sort[]): number {
  for (const [at, { isDescending }] of sorts.entries()) {
    const [x, y] = [a[at] ?? null, b[at] ?? null]
    if (x === y) continue
    // Missing values stand last.
    if (x === null || y === null) return x === null ? 1 : -1
    const order = x < y ? -1 : 1
    return isDescending ? -order : order
  }
  return 0
}

export function validateQuery(body: Members): Json {
  try {
    compileQuery(body['query'])
    return { valid: true, _shards: SHARDS, explanations: [] }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const explanations = [{ index: 'logs', valid: false, error: error.message }]
    return { valid: false, _shards: SHARDS, explanations }
  }
}

/** Types as dynamic mapping would choose them. */
export function mappingOf(cluster: Pick<Cluster, 'documents'>, pattern: string): Json {
  const indices = Map.groupBy(matchingDocuments(cluster, pattern), ({ index }) => index)
  return Object.fromEntries(
    [...indices].map(([index, documents]) => {
      const properties: Record<string, Json> = {}
      for (const { source } of documents) Object.assign(properties, propertiesOf(source as Members))
      return [index, { mappings: { properties } }]
    }),
  )
}

function propertiesOf(source: Members): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(source).map(([name, value]): [string, Json] => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return [name, { properties: propertiesOf(value as Members) }]
      }
      if (name === '@timestamp') return [name, { type: 'date' }]
      if (typeof value === 'number') return [name, { type: 'long' }]
      if (typeof value === 'boolean') return [name, { type: 'boolean' }]
      return [name, { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } }]
    }),
  )
}
