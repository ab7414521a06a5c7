// Rows and completeness out of what Elasticsearch gives: fields by dotted path, and in one sentence what
// shards or clusters did not bring.

import type { Completeness, RowsPage, SearchRequest } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { tidy } from './client.ts'
import type { EqlAnswer, Found, Hit } from './replies.ts'

export const TIME_FIELD = '@timestamp'
export const COMPLETE: Completeness = { kind: 'complete' }

export function truncatedAt(rows: number, why = ''): Completeness {
  return { kind: 'truncated', limit: `${rows.toLocaleString('en')} rows${why}` }
}

export function timeFilter({ from, to }: Pick<SearchRequest, 'from' | 'to'>): Json {
  return { range: { [TIME_FIELD]: { gte: from, lt: to, format: 'epoch_millis' } } }
}

/** null: every cluster gave what it has. */
export function failedClusters(clusters: Found['_clusters']): string | null {
  const bad = Object.entries(clusters?.details ?? {}).filter(
    ([, { status }]) => status !== '' && status !== 'successful' && status !== 'running',
  )
  if (bad.length === 0) return null
  return bad
    .map(([name, { status, failures }]) => {
      const said = failures[0]?.reason?.reason ?? ''
      const cluster = name === '(local)' ? 'This cluster' : `The cluster ${name}`
      return `${cluster} was ${status}${said === '' ? '' : `: ${tidy(said)}`}.`
    })
    .join(' ')
}

/** null: none failed. */
export function failedShards(
  failures: EqlAnswer['shard_failures'],
  { failed, total }: { readonly failed: number; readonly total: number | null } = {
    failed: failures.length,
    total: null,
  },
): string | null {
  if (failed === 0) return null
  const said = failures[0]?.reason?.reason ?? ''
  const of = total === null ? '' : ` of ${total}`
  return `${failed}${of} shards gave nothing${said === '' ? '' : `: ${tidy(said)}`}`
}

export interface Row {
  readonly hit: Hit
  /** Columns that stand before the fields. */
  readonly more?: Readonly<Record<string, Json>>
}

/** Lists as they are; the time first, index and id last. */
export function tableOf(rows: readonly Row[]): Pick<RowsPage, 'columns' | 'rows'> {
  const flat = rows.map(({ hit: { _id, _index, _source }, more = {} }) => {
    const row = new Map<string, Json>(Object.entries(more))
    spread(row, '', _source, 0)
    return row.set('_index', _index).set('_id', _id)
  })
  const names = new Set<string>([TIME_FIELD])
  for (const row of flat) for (const name of row.keys()) names.add(name)
  const columns = flat.length === 0 ? [] : [...names]
  return {
    columns: columns.map((name) => ({ name, type: null })),
    rows: flat.map((row) => columns.map((name) => row.get(name) ?? null)),
  }
}

const DEPTH_MAX = 32

function spread(
  row: Map<string, Json>,
  prefix: string,
  value: { readonly [key: string]: Json },
  depth: number,
): void {
  for (const [key, item] of Object.entries(value)) {
    const isNested = typeof item === 'object' && item !== null && !Array.isArray(item)
    if (!isNested || depth >= DEPTH_MAX) row.set(prefix + key, item)
    else spread(row, `${prefix}${key}.`, item as { readonly [key: string]: Json }, depth + 1)
  }
}
