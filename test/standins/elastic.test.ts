// The Elastic stand-in, judged by the vendor's own client and, where they are at hand, its own schemas:
// what they cannot use is wrong.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { Client } from '@elastic/elasticsearch'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { makeStack } from '#standins/elastic/stack.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { startStandin } from '#standins/server.ts'
import { fakeClock, START } from '#test/support/clock.ts'

const clock = fakeClock()
const event = (at: number, more: object) => ({
  '@timestamp': new Date(START - 60_000 + at).toISOString(),
  ...more,
})
const documents = documentsOf('logs-web', [
  event(0, { event: { category: 'process' }, url: { path: '/a' }, status: 200, user: 'ada' }),
  event(1, { event: { category: 'process' }, url: { path: '/b' }, status: 404, user: 'ada' }),
  event(2, { event: { category: 'network' }, url: { path: '/c' }, status: 404, user: 'ravi' }),
])
const stack = makeStack({ clock, documents })
const elasticsearch = await startStandin(elasticsearchAnswers(stack), { clock })
const kibana = await startStandin(kibanaAnswers(stack), { clock })
const client = new Client({
  node: elasticsearch.url,
  auth: { apiKey: { id: 'writer-id', api_key: 'writer-key' } },
  maxRetries: 0,
})
after(async () => {
  await client.close()
  await Promise.all([elasticsearch.stop(), kibana.stop()])
})

const specs = path.resolve(import.meta.dirname, '../../../shared/specs')

/** Judges by a schema of the vendor's where it is at hand. */
function fits(file: string, name: string, value: unknown): void {
  const at = path.join(specs, file)
  if (!existsSync(at)) return
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'it', ...(JSON.parse(readFileSync(at, 'utf8')) as object) })
  const validate = ajv.getSchema(`it#/$defs/${name}`)!
  assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`)
}

test('the client knows the cluster, who it is and what it may do', async () => {
  assert.equal((await client.info()).version.number, '9.1.0')
  const me = await client.security.authenticate()
  assert.equal(me.api_key?.id, 'writer-id')
  const rights = await client.security.hasPrivileges({
    cluster: ['monitor', 'manage'],
    index: [{ names: ['logs-*'], privileges: ['read', 'write'] }],
  })
  assert.deepEqual(rights.cluster, { monitor: true, manage: false })
  assert.deepEqual(rights.index['logs-*'], { read: true, write: false })
  const stranger = new Client({ node: elasticsearch.url, auth: { username: 'a', password: 'b' } })
  await assert.rejects(stranger.info(), { name: 'ResponseError', statusCode: 401 })
  await stranger.close()
})

test('the client runs ES|QL at once and under an id, stops and deletes it', async () => {
  const query =
    'FROM logs-* | WHERE status == 404 | STATS n = COUNT(*) BY user | SORT user | LIMIT 5'
  const table = await client.esql.query({ query })
  assert.deepEqual(table.values, [
    [1, 'ada'],
    [1, 'ravi'],
  ])
  stack.pollsToDone = 2
  const asked = {
    query: 'FROM logs-*',
    wait_for_completion_timeout: '1ms',
    keep_on_completion: true,
  }
  const begun = await client.esql.asyncQuery(asked, { meta: true })
  fits('elastic/esql-async.schema.json', 'AsyncEsqlResult', begun.body)
  assert.match(begun.warnings?.join() ?? '', /No limit defined/)
  const id = begun.headers['x-elasticsearch-async-id'] as string
  const running = await client.esql.asyncQueryGet({ id })
  assert.equal((running as unknown as { is_running: boolean }).is_running, true)
  const done = await client.esql.asyncQueryGet({ id })
  assert.equal(done.values.length, 3)
  fits('elastic/esql-async.schema.json', 'AsyncEsqlResult', done)
  await client.esql.asyncQueryDelete({ id })
  await assert.rejects(client.esql.asyncQueryGet({ id }), { statusCode: 404 })
  const other = await client.esql.asyncQuery(asked, { meta: true })
  const otherId = other.headers['x-elasticsearch-async-id'] as string
  const cut = await client.esql.asyncQueryStop({ id: otherId })
  assert.equal((cut as unknown as { is_partial: boolean }).is_partial, true)
  await assert.rejects(client.esql.query({ query: 'FROM logs-* | WHER x' }), { statusCode: 400 })
  await assert.rejects(client.esql.query({ query: 'FROM logs-* | WHERE nix == 1' }), /verification/)
})

test('the client runs EQL, pages a point in time, and reads fields', async () => {
  stack.pollsToDone = 1
  const sequence = 'sequence by user [process where status == 200] [process where status == 404]'
  const eql = await client.eql.search({
    index: 'logs-*',
    query: sequence,
    keep_on_completion: true,
  })
  const { is_running: isRunning } = await client.eql.getStatus({ id: eql.id! })
  assert.equal(isRunning, false)
  const found = await client.eql.get({ id: eql.id! })
  assert.equal(found.hits.sequences?.[0]?.events.length, 2)
  await client.eql.delete({ id: eql.id! })
  const pit = await client.openPointInTime({ index: 'logs-*', keep_alive: '1m' })
  const sort: Record<string, 'asc' | 'desc'>[] = [{ '@timestamp': 'desc' }, { _shard_doc: 'asc' }]
  const first = await client.search({ pit, sort, size: 2 })
  const rest = await client.search({ pit, sort, size: 2, search_after: first.hits.hits[1]!.sort! })
  assert.deepEqual([first.hits.hits.length, rest.hits.hits.length], [2, 1])
  assert.equal((await client.closePointInTime(pit)).num_freed, 1)
  await assert.rejects(client.search({ pit, sort }), { statusCode: 404 })
  const caps = await client.fieldCaps({ index: 'logs-*', fields: '*' })
  assert.ok(caps.fields['status']?.['long'])
  const query = { query_string: { query: 'status:(404' } }
  assert.equal((await client.indices.validateQuery({ index: 'logs-*', query })).valid, false)
})

test('Kibana keeps rules as its description says, and refuses in both its shapes', async () => {
  const engine = '/api/detection_engine'
  const ask = async (method: string, at: string, body?: unknown, headers: object = {}) => {
    const response = await fetch(kibana.url + at, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('writer:writer').toString('base64')}`,
        'kbn-xsrf': 'true',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, body: JSON.parse(await response.text()) as never }
  }
  const judged = (name: string, value: unknown) =>
    fits('kibana/detection-engine-responses.schema.json', name, value)
  const rule = {
    rule_id: 'one',
    name: 'One',
    description: 'd',
    risk_score: 21,
    severity: 'low',
    type: 'threshold',
    query: 'status: 404',
    index: ['logs-*'],
    threshold: { field: ['user'], value: 1 },
  }
  const made = await ask('POST', `${engine}/rules`, rule)
  judged('RuleResponseCommon', made.body)
  const twice = await ask('POST', `${engine}/rules`, rule)
  assert.equal(twice.status, 409)
  judged('SiemErrorResponse', twice.body)
  const bare = await fetch(`${kibana.url}${engine}/rules`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('writer:writer').toString('base64')}` },
  })
  assert.equal(bare.status, 400)
  judged('PlatformErrorResponse', await bare.json())
  const { body: list } = await ask('GET', `${engine}/rules/_find?per_page=5`)
  judged('FindRulesResponse', list)
  const { id } = made.body as { id: string }
  const bulk = await ask('POST', `${engine}/rules/_bulk_action`, {
    action: 'disable',
    ids: [id, 'none'],
  })
  assert.equal(bulk.status, 500)
  judged('BulkActionResponse', bulk.body)
  judged('ReadPrivilegesResponse', (await ask('GET', `${engine}/privileges`)).body)
  const file = `--x\r\nContent-Disposition: form-data; name="file"; filename="r.ndjson"\r\n\r\n${JSON.stringify(rule)}\r\n--x--`
  const imported = await ask('POST', `${engine}/rules/_import`, file)
  assert.deepEqual([imported.status, (imported.body as { success: boolean }).success], [200, false])
  judged('ImportRulesResponse', imported.body)
  const preview = await ask('POST', `${engine}/rules/preview`, {
    ...rule,
    invocationCount: 1,
    timeframeEnd: new Date(START).toISOString(),
  })
  const { previewId } = preview.body as { previewId: string }
  const alerts = await client.search({
    index: '.preview.alerts-security.alerts-default',
    query: { term: { 'kibana.alert.rule.uuid': previewId } },
  })
  assert.equal(alerts.hits.hits.length, 2, 'one for each user')
})
