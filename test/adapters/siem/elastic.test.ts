// Elastic through the adapter, against a stand-in that the vendor's client has judged: both ends are
// checked, a search is kept and found again, a rule is written and read back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowsPage, SearchRequest, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR } from '#kernel/time.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { elasticWorld } from '#test/support/elastic.ts'
import { refusal } from '#test/support/siem.ts'

const DOCUMENTS = documentsOf(
  'logs-web',
  Array.from({ length: 25 }, (_, at) => ({
    '@timestamp': new Date(START - HOUR / 2 + Math.floor(at / 2)).toISOString(),
    event: { category: 'web' },
    status: at % 5 === 0 ? 404 : 200,
    url: { path: `/${at}` },
    user: { name: at % 2 === 0 ? 'ada' : 'ravi' },
  })),
)
const { stack, open, seen } = await elasticWorld(DOCUMENTS)
const never = new AbortController().signal

function asked(query: SearchRequest['query'], more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query,
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 100,
    secondsMax: 60,
    segmentId: 'sea_1-1-1',
    person: 'ada',
    purpose: 'Fall Ünna',
    ...more,
  }
}

async function allRows(port: SiemPort, remote: Json, limit: number): Promise<RowsPage[]> {
  const pages: RowsPage[] = []
  let cursor: Json | null = null
  do {
    const page: RowsPage = await port.search.rows(remote, { after: cursor, limit }, never)
    pages.push(page)
    cursor = page.next
  } while (cursor !== null)
  return pages
}

test('a check says what is at both ends, and until when the key lasts', async () => {
  const expiresAt = addMs(START, 30 * DAY)
  stack.apiKeys = { ...stack.apiKeys, 'writer-id': { ...stack.apiKeys['writer-id']!, expiresAt } }
  const answer = {
    product: 'Elastic',
    version: '9.1.0',
    identity: 'writer, key rulewright-writer (writer-id)',
    clockSkewMs: 0,
    expiresAt,
  }
  assert.deepEqual(await open().check(never), answer)
  stack.kibanaVersion = '9.0.3'
  assert.equal((await open().check(never)).version, '9.1.0, Kibana 9.0.3')
  const lost = await refusal(open('writer', { space: 'soc' }).check(never))
  assert.equal(lost.message, 'Kibana has no space soc for this credential.')
  assert.equal((await refusal(open('stranger').check(never))).code, 'unauthenticated')
})

test('ES|QL runs under an id, is found again, paged from one answer, and cut at its cap', async () => {
  stack.pollsToDone = 2
  const port = open()
  const text = 'FROM logs-web | WHERE status == 200 // only what was found'
  const { remote } = await port.search.start(asked({ language: 'esql', text }), never)
  assert.equal((await port.search.poll(remote, never)).kind, 'running')
  // As after a restart.
  const again = open()
  const kept = JSON.parse(JSON.stringify(remote)) as Json
  const state = await again.search.poll(kept, never)
  assert.deepEqual(state, {
    kind: 'done',
    found: 20,
    scanned: 25,
    completeness: { kind: 'complete' },
    notices: [],
  })
  const pages = await allRows(again, kept, 8)
  assert.deepEqual(
    pages.map(({ rows, completeness }) => [rows.length, completeness.kind]),
    [
      [8, 'complete'],
      [8, 'complete'],
      [4, 'complete'],
    ],
  )
  assert.deepEqual(
    pages[0]!.columns.find(({ name }) => name === 'status'),
    { name: 'status', type: 'long' },
  )
  assert.equal(
    seen('GET', '/_query/async/').length,
    2,
    'the answer is read once for state and rows',
  )
  const [start] = seen('POST', '/_query/async')
  assert.equal(start!.headers['x-opaque-id'], 'rulewright sea_1-1-1 ada Fall Unna')
  Object.assign(stack, { tellsReads: false, pollsToDone: 0 })
  const capped = await port.search.start(asked({ language: 'esql', text }, { rowsMax: 5 }), never)
  const untold = await port.search.poll(capped.remote, never)
  assert.equal(untold.kind === 'done' && untold.scanned, null)
  const [only] = await allRows(port, capped.remote, 100)
  assert.deepEqual(
    [only!.rows.length, only!.completeness],
    [5, { kind: 'truncated', limit: '5 rows' }],
  )
})

const BODY = {
  name: 'A rule',
  description: 'What it finds',
  type: 'query',
  language: 'kuery',
  query: 'status: 404',
  index: ['logs-*'],
  severity: 'high',
  risk_score: 73,
  enabled: true,
  interval: '5m',
  from: 'now-10m',
  tags: ['b', 'a'],
}

test('a rule is made under our id, changed by what is named, switched and removed', async () => {
  const { rules } = open()
  assert.ok(rules)
  const ref = 'rulewright-1'
  const made = await rules.put({ ref, body: BODY, replaces: null }, never)
  assert.deepEqual(
    [made.ref, made.isEnabled, made.etag, made.changedBy],
    [ref, true, '0', 'writer'],
  )
  assert.match(made.notices.join(), /API key that wrote it last/)
  stack.rules[0]!.body = { ...stack.rules[0]!.body, note: 'A note of theirs' }
  const seenNow = await rules.read(ref, never)
  const changed = await rules.put({ ref, body: { severity: 'low' }, replaces: seenNow }, never)
  assert.deepEqual(
    [changed.normalised['severity'], changed.normalised['note'], changed.etag],
    ['low', 'A note of theirs', '1'],
  )
  const late = await refusal(rules.put({ ref, body: BODY, replaces: made }, never))
  assert.deepEqual(
    [late.code, late.message],
    ['stale', 'A rule was changed in Kibana by writer meanwhile.'],
  )
  const off = await rules.setEnabled(ref, false, never)
  assert.equal(off.isEnabled, false)
  const { rules: list, completeness } = await rules.list(never)
  assert.deepEqual([list.length, completeness.kind], [1, 'complete'])
  await rules.remove(ref, off, never)
  assert.equal(await rules.read(ref, never), null)
})
