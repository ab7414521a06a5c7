// OpenSearch through the adapter, against a stand-in that the project's client has judged; and what a
// person is told when it misbehaves while it is searched.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowsPage, SearchRequest, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR, MINUTE } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  edited,
  redirected,
  tooManyRequests,
  truncatedJson,
} from '#standins/faults.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { opensearchWorld } from '#test/support/opensearch.ts'
import { refusal } from '#test/support/siem.ts'

const DOCUMENTS = documentsOf(
  'logs-web',
  Array.from({ length: 25 }, (_, at) => ({
    '@timestamp': new Date(START - HOUR / 2 + Math.floor(at / 2)).toISOString(),
    status: at % 5 === 0 ? 404 : 200,
    url: { path: `/${at}` },
    tags: ['a', 'b'],
  })),
)
const { clock, cluster, standin, open } = await opensearchWorld(DOCUMENTS)
const never = new AbortController().signal

function asked(text: string, more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { language: 'lucene', text },
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 100,
    secondsMax: 60,
    segmentId: 'seg_1',
    person: 'ada',
    purpose: 'hunt',
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

test('a check says what is there, and refuses what is no OpenSearch', async () => {
  assert.deepEqual(await open().check(never), {
    product: 'OpenSearch',
    version: '3.1.0',
    identity: 'writer',
    clockSkewMs: 0,
    expiresAt: null,
  })
  const skewed = standin.faults.on(
    { path: /^\/$/ },
    clockSkewed(9 * MINUTE, () => clock.now()),
  )
  assert.equal((await open().check(never)).clockSkewMs, 9 * MINUTE)
  skewed.off()
  standin.faults.on(
    { path: /^\/$/ },
    edited(() => ({ version: { number: '9.1.0' } })),
  )
  assert.equal((await refusal(open().check(never))).code, 'unsupported')
})

test('privileges name what is missing with its step, and what is too much', async () => {
  const held = async (name: string, need: 'read' | 'write') =>
    (await open(name).privileges(need, never)).needed.map(({ isHeld }) => isHeld)
  assert.deepEqual(await held('writer', 'write'), [true, true, true])
  assert.deepEqual(await held('reader', 'write'), [true, true, false])
  assert.deepEqual(await held('nobody', 'read'), [false, false])
  const admin = await open('admin').privileges('read', never)
  assert.deepEqual(
    admin.excess.map(({ name }) => name),
    ['all_access'],
  )
  const writer = await open('writer').privileges('read', never)
  assert.match(writer.excess[0]!.fix, /security_analytics_full_access, Mapped users, remove writer/)
})

test('a search is paged in a frozen view, whatever is written meanwhile', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('status:200'), never)
  const state = await port.search.poll(remote, never)
  assert.deepEqual(state, {
    kind: 'done',
    found: 20,
    scanned: null,
    completeness: { kind: 'complete' },
    notices: [],
  })
  cluster.documents = []
  // As after a restart.
  const pages = await allRows(open(), JSON.parse(JSON.stringify(remote)) as Json, 7)
  assert.deepEqual(
    pages.map(({ rows, completeness }) => [rows.length, completeness.kind]),
    [
      [7, 'complete'],
      [7, 'complete'],
      [6, 'complete'],
    ],
  )
  const ids = pages.flatMap(({ rows }) => rows.map((row) => row.at(-1)))
  assert.equal(new Set(ids).size, 20)
  assert.deepEqual(
    pages[0]!.columns.map(({ name }) => name),
    ['@timestamp', 'status', 'url.path', 'tags', '_index', '_id'],
  )
  assert.deepEqual(pages[0]!.rows[0]!.slice(1, 4), [200, '/1', ['a', 'b']])
})

test('a search over its cap gives the cap and says so', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('*', { rowsMax: 10 }), never)
  const state = await port.search.poll(remote, never)
  assert.deepEqual(state.kind === 'done' && state.completeness, {
    kind: 'truncated',
    limit: '10 rows',
  })
  const pages = await allRows(port, remote, 4)
  assert.equal(pages.flatMap(({ rows }) => rows).length, 10)
  assert.equal(pages.at(-1)!.completeness.kind, 'truncated')
})

test('a cancelled search is closed on the cluster, and one that expired is gone', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('*'), never)
  assert.equal((await port.search.cancel(remote, never)).isConfirmed, true)
  assert.equal(cluster.pits.size, 0)
  assert.equal((await port.search.cancel(remote, never)).isConfirmed, true)
  const late = await port.search.start(asked('*'), never)
  clock.advance(DAY)
  assert.equal((await port.search.poll(late.remote, never)).kind, 'gone')
  clock.advance(-DAY)
  cluster.pits.clear()
  const error = await refusal(port.search.rows(late.remote, { after: null, limit: 1 }, never))
  assert.equal(error.code, 'not_found')
})

test('shards that failed and time that ran out make a result partial', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('*'), never)
  const shards = { total: 5, failed: 2, failures: [{ reason: { reason: 'too many\nclauses' } }] }
  const bite = standin.faults.on(
    { path: '/_search' },
    edited((value) => ({ ...(value as object), _shards: shards })),
  )
  const reason = '2 of 5 shards gave nothing: too many clauses'
  const state = await port.search.poll(remote, never)
  assert.deepEqual(state.kind === 'done' && state.completeness, { kind: 'partial', reason })
  const page = await port.search.rows(remote, { after: null, limit: 5 }, never)
  assert.deepEqual([page.rows.length, page.completeness], [5, { kind: 'partial', reason }])
  bite.off()
  standin.faults.on(
    { path: '/_search' },
    edited((value) => ({ ...(value as object), timed_out: true })),
  )
  const late = await port.search.rows(remote, { after: null, limit: 5 }, never)
  assert.equal(late.completeness.kind, 'partial')
})

test('whole numbers beyond a double keep every digit', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('*'), never)
  const long = '12345678901234567890'
  standin.faults.on(
    { path: '/_search' },
    answers(
      200,
      `{"hits":{"hits":[{"_id":"a","_index":"i","_source":{"n":${long},"m":1.5},"sort":[1,"a"]}]}}`,
    ),
  )
  const page = await port.search.rows(remote, { after: null, limit: 5 }, never)
  assert.deepEqual(page.rows[0]!.slice(1, 3), [long, 1.5])
})

test('a page given twice is noticed', async () => {
  const port = open()
  const { remote } = await port.search.start(asked('*'), never)
  const page = await port.search.rows(remote, { after: null, limit: 1 }, never)
  standin.faults.on(
    { path: '/_search' },
    edited(() => ({
      hits: { hits: [{ _id: 'x', _source: {}, sort: (page.next as { after: Json }).after }] },
    })),
  )
  const error = await refusal(port.search.rows(remote, { after: page.next, limit: 1 }, never))
  assert.equal(error.message, 'OpenSearch gave other rows of the search than were asked for.')
})

test('a query is judged by the cluster without running it', async () => {
  assert.deepEqual(await open().validate({ language: 'lucene', text: 'status:404' }, never), [])
  const [problem] = await open().validate({ language: 'lucene', text: 'status:(404' }, never)
  assert.match(problem!.message, /^Failed to parse query/)
})

test('the schema is indices with their fields', async () => {
  const { tables } = await open().schema(never)
  assert.equal(tables[0]!.name, 'logs-web')
  assert.deepEqual(
    tables[0]!.columns.filter(({ name }) => name !== 'tags'),
    [
      { name: '@timestamp', type: 'date' },
      { name: 'status', type: 'long' },
      { name: 'url.path', type: 'text' },
    ],
  )
})

test('what stands between is told as it is', async () => {
  const port = open()
  const told = async () => {
    const { code, message } = await refusal(port.check(never))
    standin.faults.clear()
    return [code, message]
  }
  const at = { path: /^\/$/ }
  standin.faults.on(at, badGateway())
  assert.deepEqual(await told(), [
    'upstream',
    'OpenSearch, or what stands before it, answered 502 to who it is.',
  ])
  standin.faults.on(at, redirected('https://elsewhere.example/'))
  assert.deepEqual(await told(), [
    'upstream',
    'OpenSearch sends who it is to another address, which is not followed.',
  ])
  standin.faults.on(at, truncatedJson())
  assert.deepEqual(await told(), [
    'upstream',
    'The answer of OpenSearch is cut off, or something else spoke for it.',
  ])
  standin.faults.on(at, tooManyRequests())
  assert.equal((await told())[0], 'rate_limited')
  assert.equal((await refusal(open('stranger').check(never))).code, 'unauthenticated')
})
