// What the Elasticsearch stand-in answers, held to the vendor's own description of its API where that is at
// hand.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { elasticWorld } from '#test/support/elastic.ts'

const file = path.resolve(
  import.meta.dirname,
  '../../../shared/specs/elastic/elasticsearch-openapi-subset.json',
)

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: object }>>>>
}

const { elasticsearch, stack } = await elasticWorld(
  documentsOf('logs-web', [
    {
      '@timestamp': new Date(START - 1).toISOString(),
      event: { category: 'process' },
      status: 404,
    },
  ]),
)

async function ask(method: string, at: string, body?: object): Promise<unknown> {
  const response = await fetch(elasticsearch.url + at, {
    method,
    headers: { authorization: `ApiKey ${Buffer.from('writer-id:writer-key').toString('base64')}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  assert.ok(response.ok, `${at}: ${response.status}`)
  return response.json()
}

const eql = { query: 'process where true', keep_on_completion: true }

/** What is asked, and where the description has it. */
const CALLS: readonly (readonly [method: string, at: string, named: string, body?: object])[] = [
  ['GET', '/_security/_authenticate', '/_security/_authenticate'],
  ['GET', '/_security/api_key?id=writer-id', '/_security/api_key'],
  [
    'POST',
    '/_security/user/_has_privileges',
    '/_security/user/_has_privileges',
    {
      cluster: ['monitor'],
      index: [{ names: ['logs-*'], privileges: ['read'] }],
      application: [{ application: 'kibana-.kibana', privileges: ['all'], resources: ['*'] }],
    },
  ],
  ['GET', '/_resolve/index/logs-*', '/_resolve/index/{name}'],
  ['POST', '/logs-*/_field_caps?fields=*', '/{index}/_field_caps'],
  ['POST', '/logs-*/_pit?keep_alive=1m', '/{index}/_pit'],
  ['POST', '/logs-*/_search', '/{index}/_search', { sort: [{ '@timestamp': 'asc' }] }],
  ['POST', '/_query', '/_query', { query: 'FROM logs-* | LIMIT 1' }],
  ['POST', '/logs-*/_eql/search', '/{index}/_eql/search', eql],
  [
    'POST',
    '/logs-*/_validate/query',
    '/{index}/_validate/query',
    { query: { query_string: { query: 'status:404' } } },
  ],
]

test("answers are of the shape that the vendor's description gives them", async () => {
  if (!existsSync(file)) return
  // Its unions overlap: a whole number is also a number.
  const text = readFileSync(file, 'utf8').replaceAll('"oneOf"', '"anyOf"')
  const described = JSON.parse(text) as Description
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema({ $id: 'api', ...described })
  const pointer = (...parts: readonly string[]) =>
    parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  const judge = (named: string, method: string, value: unknown) => {
    const answers = described.paths[named]![method.toLowerCase()]!.responses as {
      200: { $ref?: string }
    }
    const { $ref = `#/${pointer('paths', named, method.toLowerCase(), 'responses', '200')}` } =
      answers[200]
    const validate = ajv.compile({
      $ref: `api${$ref}/${pointer('content', 'application/json', 'schema')}`,
    })
    assert.ok(validate(value), `${named}: ${ajv.errorsText(validate.errors?.slice(0, 3))}`)
  }
  for (const [method, at, named, body] of CALLS) judge(named, method, await ask(method, at, body))
  const { id } = (await ask('POST', '/logs-*/_eql/search', eql)) as { id: string }
  judge('/_eql/search/status/{id}', 'GET', await ask('GET', `/_eql/search/status/${id}`))
  judge('/_eql/search/{id}', 'GET', await ask('GET', `/_eql/search/${id}`))
  judge('/_eql/search/{id}', 'DELETE', await ask('DELETE', `/_eql/search/${id}`))
  assert.equal(stack.searches.size, 1)
})
