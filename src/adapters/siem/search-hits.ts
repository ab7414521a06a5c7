// Rows out of what an index gives, on Elasticsearch and OpenSearch alike: fields by dotted path.

import type { RowsPage } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'

export const TIME_FIELD = '@timestamp'

interface Hit {
  readonly _id: string
  readonly _index: string
  readonly _source: { readonly [key: string]: Json }
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
