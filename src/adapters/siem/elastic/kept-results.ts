// What an ES|QL or EQL search brought, as a table that says how complete it is: cut by what was asked for, by
// Elasticsearch's own limits, or missing what a cluster or a shard did not give.

import { tableOf, type Row } from '#adapters/siem/search-hits.ts'
import type { Completeness, RowsPage } from '#domain/targets/port.ts'
import type { ElasticReply } from './client.ts'
import type { EqlAnswer, EsqlAnswer } from './replies.ts'
import { COMPLETE, failedClusters, failedShards, truncatedAt } from './table.ts'

/** `esql.query.result_truncation_max_size`, and what EQL gives at most. */
export const ROWS_MAX = 10_000

export interface KeptResult extends Pick<RowsPage, 'columns' | 'rows'> {
  readonly found: number | null
  /** Documents taken up; null where Elasticsearch does not tell: before 8.19 and 9.1, and for EQL. */
  readonly scanned: number | null
  readonly completeness: Completeness
  readonly notices: readonly string[]
}

export function defaultLimitIn({ headers }: ElasticReply): number | null {
  const [, limit] =
    /adding default limit of \[(\d+)\]/.exec([headers['warning']].flat().join(' ')) ?? []
  return limit === undefined ? null : Number(limit)
}

export function esqlResult(answer: EsqlAnswer, rowsMax: number, limit: number | null): KeptResult {
  const { columns, values } = answer
  const missing = failedClusters(answer._clusters)
  const unsaid = 'Elasticsearch says that something is missing, and not what.'
  const completeness: Completeness =
    missing !== null
      ? { kind: 'partial', reason: missing }
      : answer.is_partial
        ? { kind: 'partial', reason: unsaid }
        : cutAt(values.length, rowsMax, limit)
  return {
    columns,
    rows: values.slice(0, rowsMax),
    found: Math.min(values.length, rowsMax),
    scanned: answer.documents_found ?? null,
    completeness,
    notices:
      limit === null ? [] : [`Elasticsearch added a limit of ${limit.toLocaleString('en')} rows.`],
  }
}

function cutAt(count: number, rowsMax: number, limit: number | null): Completeness {
  if (count > rowsMax) return truncatedAt(rowsMax)
  if (count >= ROWS_MAX) return truncatedAt(ROWS_MAX, ', the most that one answer holds')
  return limit !== null && count >= limit
    ? truncatedAt(limit, ", Elasticsearch's default")
    : COMPLETE
}

/** EQL gives the newest of what it found: where that is more than was asked for, the oldest of it go. */
export function eqlResult(answer: EqlAnswer, rowsMax: number): KeptResult {
  const { hits, is_partial: isPartial, timed_out: isLate } = answer
  const matches = hits?.events?.map((hit) => [{ hit }]) ?? (hits?.sequences ?? []).map(rowsOf)
  const kept = newest(matches, rowsMax)
  const missing = failedShards(answer.shard_failures)
  const completeness: Completeness =
    missing !== null
      ? { kind: 'partial', reason: missing }
      : isLate || isPartial
        ? { kind: 'partial', reason: 'Elasticsearch ran out of time before it was through.' }
        : kept.length < matches.length
          ? truncatedAt(rowsMax)
          : cutAt(matches.length, rowsMax, null)
  const rows = kept.flat()
  return { ...tableOf(rows), found: rows.length, scanned: null, completeness, notices: [] }
}

type Sequence = NonNullable<NonNullable<EqlAnswer['hits']>['sequences']>[number]

function rowsOf({ join_keys: keys, events }: Sequence, at: number): readonly Row[] {
  return events
    .filter((hit) => !hit.missing)
    .map((hit) => ({ hit, more: { sequence: at + 1, join_keys: keys } }))
}

/** As many whole matches as fit, from the end. */
function newest(matches: readonly (readonly Row[])[], rowsMax: number): typeof matches {
  let room = rowsMax
  const first = matches.findLastIndex((rows) => (room -= rows.length) < 0)
  return matches.slice(first + 1)
}
