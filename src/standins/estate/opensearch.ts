// OpenSearch of the laboratory: the indexes of the Beats, and Security Analytics over them.

import type { Clock } from '#kernel/time.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import { makeCluster, type Cluster, type SearchDocument } from '#standins/opensearch/cluster.ts'
import { elsewhere, placeEvents, type SampleEvent } from './events.ts'

const HALF_HOUR_MS = 1_800_000

export function makeLab(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Cluster {
  const there = elsewhere(events, { site: 'lab', laterMs: HALF_HOUR_MS })
  return makeCluster({ clock, documents: documentsOf(there) })
}

/** One index a day and beat, as the Beats make them. */
function documentsOf(events: readonly SampleEvent[]): readonly SearchDocument[] {
  return placeEvents(elasticRows('beat'), events).map(({ row, atMs, fields }, at) => {
    const time = new Date(atMs).toISOString()
    const [pattern = ''] = row.state!['index'] as readonly string[]
    const index = pattern.replace('*', `8.19.2-${time.slice(0, 10).replaceAll('-', '.')}`)
    return { id: `${index}-${at}`, index, source: { '@timestamp': time, ...fields } }
  })
}
