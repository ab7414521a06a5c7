// Queries over given events on Elastic itself, through the adapter: rows that nobody keeps, and an index
// that goes again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetLanguage } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { answers } from '#standins/faults.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { elasticWorld } from '#test/support/elastic.ts'
import { refusal } from '#test/support/siem.ts'

const { elasticsearch, open, seen } = await elasticWorld(
  documentsOf('logs-web', [{ '@timestamp': new Date(START - 1).toISOString(), status: 404 }]),
)
const never = new AbortController().signal

const EVENTS: readonly Json[] = [
  {
    process: { name: 'cmd.exe', args: ['/c', 'whoami "x" \\ y'] },
    status: 1,
    event: { category: 'process' },
  },
  { process: { name: 'ls' }, status: 2, event: { category: 'process' } },
  { 'process.name': 'cmd.exe', status: 3, is_new: true, event: { category: 'network' } },
]

test('ES|QL is tested over rows that Elasticsearch never keeps', async () => {
  const port = open()
  const run = (text: string) => port.test!({ language: 'esql', text }, EVENTS, never)
  const found = await run('FROM logs-* METADATA _id | WHERE process.name == "cmd.exe"')
  assert.deepEqual(found, { matched: [0, 2], rows: 2, completeness: { kind: 'complete' } })
  const counted = await run('FROM logs-* | STATS n = COUNT(*) BY process.name')
  assert.deepEqual([counted.matched, counted.rows], [null, 2])
  const one = await port.test!(
    { language: 'esql', text: 'FROM logs-*\n| WHERE status > 0 AND unheard IS NULL' },
    EVENTS.slice(0, 1),
    never,
  )
  assert.deepEqual(one.matched, [0])
  assert.equal(seen('POST', '/_query').at(-1)!.body.includes('FROM'), false)
  const sizes: readonly Json[] = [
    { n: 1 },
    { n: 3_000_000_000 },
    { n: 1.5, at: true, ip: '10.0.0.1' },
  ]
  const larger = await port.test!(
    { language: 'esql', text: 'FROM logs-* | WHERE n > 1 AND at IS NULL' },
    sizes,
    never,
  )
  assert.deepEqual(larger.matched, [1])
  const dated = await port.test!(
    { language: 'esql', text: 'FROM logs-* | WHERE @timestamp > "2026-01-01T00:00:00Z"' },
    [{ '@timestamp': START }, { '@timestamp': '2026-06-01T00:00:00Z' }, { '@timestamp': 1 }],
    never,
  )
  assert.deepEqual(dated.matched, [0, 1])
  const foreign = await refusal(port.test!({ language: 'spl', text: 'index=main' }, [], never))
  assert.equal(foreign.message, 'Elastic does not run spl.')
  assert.equal((await refusal(run('ROW a = 1'))).code, 'unsupported')
  assert.equal((await refusal(run('FROM logs-* | WHER x'))).code, 'invalid')
})

test('the other languages are tested by a rehearsal of a rule, in an index that goes again', async () => {
  const refused = await refusal(
    open('tester').test!({ language: 'eql', text: 'any where true' }, EVENTS, never),
  )
  assert.equal(refused.code, 'unsupported')
  assert.equal(seen('PUT', '').length, 0, 'without a prefix nothing is written')
  const port = open('tester', { testPrefix: 'rulewright-test' })
  const run = (language: TargetLanguage, text: string) =>
    port.test!({ language, text }, EVENTS, never)
  assert.deepEqual((await run('eql', 'process where process.name == "cmd.exe"')).matched, [0])
  assert.deepEqual((await run('kuery', 'process.name: cmd.exe')).matched, [0, 2])
  assert.deepEqual((await run('lucene', 'status:2')).matched, [1])
  const none = await run('kuery', 'process.name: nix')
  assert.deepEqual(
    [none.matched, none.rows],
    [[], 0],
    'four matches and none look the same until read',
  )
  const [made, gone] = [seen('PUT', 'rulewright-test-'), seen('DELETE', 'rulewright-test-')]
  assert.deepEqual(
    made.map(({ path }) => path),
    gone.map(({ path }) => path),
  )
  const wrong = await refusal(run('eql', 'process where'))
  assert.match(wrong.message, /^Kibana cannot run this query as a rule/)
  assert.equal(seen('DELETE', 'rulewright-test-').length, 5)
  elasticsearch.faults.on({ method: 'DELETE' }, answers(500))
  const left = await run('kuery', 'process.name: ls')
  assert.match(
    left.completeness.kind === 'partial' ? left.completeness.reason : '',
    /^The index rulewright-test-\w+ of this test could not be removed/,
  )
})
