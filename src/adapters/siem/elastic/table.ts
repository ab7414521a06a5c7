// How complete it is what Elasticsearch gives: in one sentence what shards or clusters did not bring.

import { TIME_FIELD } from '#adapters/siem/search-hits.ts'
import type { Completeness, SearchRequest } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { tidy } from './client.ts'
import type { EqlAnswer, Found } from './replies.ts'

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
