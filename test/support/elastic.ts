// An Elastic stand-in for a file of tests, both its ends, emptied before each of them, and the adapter
// over it.

import { after, afterEach, beforeEach } from 'node:test'
import { openElastic } from '#adapters/siem/elastic/open.ts'
import type { Credential, SiemPort } from '#domain/targets/port.ts'
import type { SeenRequest } from '#standins/exchange.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { makeStack, type Stack } from '#standins/elastic/stack.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { connectionTo } from './siem.ts'

export interface ElasticWorld {
  readonly clock: FakeClock
  readonly stack: Stack
  readonly elasticsearch: Standin
  readonly kibana: Standin
  /** With the key of this person, or another credential. */
  readonly open: (as?: string | Credential, settings?: Readonly<Record<string, string>>) => SiemPort
  /** Requests of this test, to both ends. */
  readonly seen: (method: string, part: string) => readonly SeenRequest[]
}

export function keyOf(name: string): Credential {
  return { kind: 'api_key', id: `${name}-id`, key: `${name}-key` }
}

export async function elasticWorld(documents: Stack['documents'] = []): Promise<ElasticWorld> {
  const clock = fakeClock()
  const stack = makeStack({ clock })
  const fresh = { ...stack }
  const elasticsearch = await startStandin(elasticsearchAnswers(stack), { clock })
  const kibana = await startStandin(kibanaAnswers(stack), { clock })
  after(() => Promise.all([elasticsearch.stop(), kibana.stop()]))
  const connections: { close(): void }[] = []
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.close()
  })
  const first = { elasticsearch: 0, kibana: 0 }
  beforeEach(() => {
    elasticsearch.faults.clear()
    kibana.faults.clear()
    Object.assign(stack, fresh, { documents, rules: [] })
    for (const kept of [stack.pits, stack.searches, stack.lingering]) kept.clear()
    stack.emptyIndices.clear()
    first.elasticsearch = elasticsearch.requests.length
    first.kibana = kibana.requests.length
  })
  return {
    clock,
    stack,
    elasticsearch,
    kibana,
    open(as = 'writer', settings = {}) {
      const credential = typeof as === 'string' ? keyOf(as) : as
      const connection = connectionTo(
        { api: elasticsearch.url, kibana: kibana.url },
        { kind: 'elastic', credential, settings, clock },
      )
      connections.push(connection)
      return openElastic(connection)
    },
    seen: (method, part) =>
      [
        ...elasticsearch.requests.slice(first.elasticsearch),
        ...kibana.requests.slice(first.kibana),
      ].filter((each) => each.method === method && each.path.includes(part)),
  }
}
