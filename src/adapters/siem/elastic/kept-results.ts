// What an ES|QL or EQL search brought, as a table that says how complete it is: cut by what was asked for, by
// Elasticsearch's own limits, or missing what a cluster or a shard did not give.

import type { Completeness, RowsPage } from '#domain/targets/port.ts'
import type { ElasticReply } from './client.ts'
import type { EqlAnswer, EsqlAnswer } from './replies.ts'
import { COMPLETE, failedClusters, failedShards, tableOf, truncatedAt } from './table.ts'

/** `esql.query.result_truncation_max_size`, and what EQL gives at most. */
export const ROWS_MAX = 10_000

export interface KeptResult extends Pick<RowsPage, 'columns' | 'rows'> {
  readonly found: number | null
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

export function eqlResult(answer: EqlAnswer, rowsMax: number): KeptResult {
  const { hits, is_partial: isPartial, timed_out: isLate } = answer
  const events = hits?.events
  const sequences = hits?.sequences ?? []
  const count = events?.length ?? sequences.length
  const missing = failedShards(answer.shard_failures)
  const completeness: Completeness =
    missing !== null
      ? { kind: 'partial', reason: missing }
      : isLate || isPartial
        ? { kind: 'partial', reason: 'Elasticsearch ran out of time before it was through.' }
        : cutAt(count, rowsMax, null)
  const table =
    events !== undefined
      ? tableOf(events.slice(0, rowsMax).map((hit) => ({ hit })))
      : tableOf(
          sequences
            .slice(0, rowsMax)
            .flatMap(({ join_keys: keys, events: own }, at) =>
              own
                .filter((hit) => !hit.missing)
                .map((hit) => ({ hit, more: { sequence: at + 1, join_keys: keys } })),
            ),
        )
  return { ...table, found: Math.min(count, rowsMax), completeness, notices: [] }
}
