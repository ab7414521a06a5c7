// The OpenSearch stand-in, judged by the project's own client: what it cannot use is wrong.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Client } from '@opensearch-project/opensearch'
import { documentsOf, makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin } from '#standins/server.ts'
import { fakeClock, START } from '#test/support/clock.ts'

const clock = fakeClock()
const documents = documentsOf('logs-web', [
  { '@timestamp': new Date(START).toISOString(), url: { path: '/a' }, status: 200 },
  { '@timestamp': new Date(START + 1).toISOString(), url: { path: '/b' }, status: 404 },
  { '@timestamp': new Date(START + 2).toISOString(), url: { path: '/c' }, status: 404 },
])
const cluster = makeCluster({ clock, documents })
const standin = await startStandin(opensearchAnswers(cluster), { clock })
const client = new Client({ node: standin.url, auth: { username: 'writer', password: 'writer' } })
after(async () => {
  await client.close()
  await standin.stop()
})

const SIGMA = `title: A rule
id: 5f92fff9-82e2-48eb-8fc1-8b133556a551
status: experimental
logsource:
  product: windows
detection:
  selection:
    EventID: 22
  condition: selection
level: high
`

test('the client knows the cluster and is refused with a wrong password', async () => {
  const { body } = await client.info()
  assert.equal(body.version.distribution, 'opensearch')
  const stranger = new Client({ node: standin.url, auth: { username: 'writer', password: 'x' } })
  await assert.rejects(stranger.info(), { name: 'ResponseError', statusCode: 401 })
  await stranger.close()
})

test('the client pages a point in time by what was last seen, and closes it', async () => {
  const pit = await client.createPit({ index: ['logs-*'], keep_alive: '1m' })
  const { pit_id: id } = pit.body
  const query = { query_string: { query: 'status:404 AND NOT url.path:\\/c' } }
  const page = await client.search({ body: { pit: { id, keep_alive: '1m' }, query, size: 10 } })
  assert.deepEqual(
    page.body.hits.hits.map(({ _id: one }) => one),
    ['logs-web-000001'],
  )
  const sorted = { sort: [{ '@timestamp': 'desc' as const }], size: 2, pit: { id } }
  const first = await client.search({ body: sorted })
  const rest = await client.search({
    body: { ...sorted, search_after: first.body.hits.hits.at(-1)!.sort! },
  })
  assert.deepEqual([first.body.hits.hits.length, rest.body.hits.hits.length], [2, 1])
  const closed = await client.deletePit({ body: { pit_id: [id] } })
  assert.equal(closed.body.pits?.[0]?.successful, true)
  await assert.rejects(client.search({ body: sorted }), { statusCode: 404 })
})

test('a query is validated, and fields are mapped', async () => {
  const valid = (query: string) =>
    client.indices.validateQuery({
      index: 'logs-*',
      explain: true,
      body: { query: { query_string: { query } } },
    })
  assert.equal((await valid('status:404')).body.valid, true)
  assert.equal((await valid('status:(404')).body.valid, false)
  const { body } = await client.indices.getMapping({ index: 'logs-*' })
  assert.deepEqual(body['logs-web']!.mappings.properties!['status'], { type: 'long' })
})

test('rules and detectors of Security Analytics live as its own tests say', async () => {
  const base = '/_plugins/_security_analytics'
  const ask = async (method: string, path: string, body?: string | object) =>
    (
      await client.transport.request({
        method,
        path: `${base}${path}`,
        ...(body !== undefined && { body }),
      })
    ).body as Record<string, unknown>
  const made = await ask('POST', '/rules?category=windows', SIGMA)
  const id = made['_id'] as string
  assert.equal(made['_version'], 1)
  await assert.rejects(ask('POST', '/rules?category=nowhere', SIGMA), { statusCode: 400 })
  await assert.rejects(ask('POST', '/rules?category=windows', 'title: x'), { statusCode: 400 })
  const detector = await ask('POST', '/detectors', {
    name: 'd',
    detector_type: 'windows',
    enabled: true,
    schedule: { period: { interval: 1, unit: 'MINUTES' } },
    inputs: [
      { detector_input: { indices: ['logs-*'], custom_rules: [{ id }], pre_packaged_rules: [] } },
    ],
    triggers: [],
  })
  await assert.rejects(ask('DELETE', `/rules/${id}`), { statusCode: 400 })
  await ask('DELETE', `/detectors/${String(detector['_id'])}`)
  await ask('DELETE', `/rules/${id}?forced=true`)
  const found = await ask('POST', '/rules/_search?pre_packaged=false', { query: { match_all: {} } })
  assert.equal(((found['hits'] as Record<string, unknown>)['hits'] as unknown[]).length, 0)
  const findings = await client.securityAnalytics.getFindings({})
  assert.equal(findings.body.total_findings, 0)
})
