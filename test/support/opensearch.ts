// An OpenSearch stand-in for a file of tests, emptied before each of them, and the adapter over it.

import { after, afterEach, beforeEach } from 'node:test'
import { openOpensearch } from '#adapters/siem/opensearch/open.ts'
import type { SiemPort } from '#domain/targets/port.ts'
import type { SeenRequest } from '#standins/exchange.ts'
import { makeCluster, type Cluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { connectionTo } from './siem.ts'

export interface OpensearchWorld {
  readonly clock: FakeClock
  readonly cluster: Cluster
  readonly standin: Standin
  /** As this person, who is their own password. */
  readonly open: (name?: string) => SiemPort
  /** Requests of this test. */
  readonly seen: (method: string, part: string) => readonly SeenRequest[]
}

export async function opensearchWorld(
  documents: Cluster['documents'] = [],
): Promise<OpensearchWorld> {
  const clock = fakeClock()
  const cluster = makeCluster({ clock })
  const standin = await startStandin(opensearchAnswers(cluster), { clock })
  after(() => standin.stop())
  const connections: { close(): void }[] = []
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close()
  })
  let first = 0
  beforeEach(() => {
    standin.faults.clear()
    Object.assign(cluster, { documents, findings: [], mappingFails: null })
    const { pits, rules, detectors, monitorErrors } = cluster
    for (const kept of [pits, rules, detectors, monitorErrors]) kept.clear()
    first = standin.requests.length
  })
  return {
    clock,
    cluster,
    standin,
    open(name = 'writer') {
      const credential = { kind: 'basic', user: name, password: name } as const
      const settings = { indices: 'logs-*' }
      const options = { kind: 'opensearch', credential, settings, clock } as const
      const connection = connectionTo({ api: standin.url }, options)
      connections.push(connection)
      return openOpensearch(connection)
    },
    seen: (method, part) =>
      standin.requests
        .slice(first)
        .filter((each) => each.method === method && each.path.includes(part)),
  }
}
