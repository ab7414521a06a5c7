// Searches of Elastic at their edges, through the adapter: what a person is told when a result is not
// whole, a search does not end, or what stands between speaks.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SearchRequest, SearchState, TargetLanguage } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR, MINUTE } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  dropped,
  edited,
  redirected,
  repeatedPage,
  tooManyRequests,
  truncatedJson,
} from '#standins/faults.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { elasticWorld } from '#test/support/elastic.ts'
import { refusal } from '#test/support/siem.ts'

const DOCUMENTS = documentsOf(
  'logs-web',
  Array.from({ length: 25 }, (_, at) => ({
    '@timestamp': new Date(START - HOUR / 2 + Math.floor(at / 2)).toISOString(),
    event: { category: at % 2 === 0 ? 'process' : 'network' },
    status: at % 5 === 0 ? 404 : 200,
    url: { path: `/${at} x` },
    user: { name: at % 2 === 0 ? 'ada' : 'ravi' },
    tags: ['a', 'b'],
  })),
)
const { clock, stack, elasticsearch, kibana, open, seen } = await elasticWorld(DOCUMENTS)
const never = new AbortController().signal

function asked(
  language: TargetLanguage,
  text: string,
  more: Partial<SearchRequest> = {},
): SearchRequest {
  return {
    query: { language, text },
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 100,
    secondsMax: 60,
    segmentId: 'sea_1-1-1',
    person: 'ada',
    purpose: 'hunt',
    ...more,
  }
}

async function count(language: TargetLanguage, text: string): Promise<number> {
  const port = open()
  const { remote } = await port.search.start(asked(language, text), never)
  await port.search.poll(remote, never)
  return (await port.search.rows(remote, { after: null, limit: 100 }, never)).rows.length
}

async function ended(
  port: ReturnType<typeof open>,
  request: SearchRequest,
): Promise<readonly [Json, SearchState]> {
  const { remote } = await port.search.start(request, never)
  return [remote, await port.search.poll(remote, never)]
}

function completenessOf(state: SearchState) {
  assert.equal(state.kind, 'done')
  return state.kind === 'done' ? state.completeness : undefined
}

// ── The four languages ───────────────────────────────────────────────────────────────────────────

test('all four languages find the same events', async () => {
  assert.equal(await count('esql', 'FROM logs-* | WHERE status == 404'), 5)
  assert.equal(await count('eql', 'any where status == 404'), 5)
  assert.equal(await count('lucene', 'status:404'), 5)
  assert.equal(await count('kuery', 'status: 404'), 5)
})

test("a Kibana query is written as Kibana writes it: values, wildcards, ranges, every field's name", async () => {
  const finds: readonly (readonly [string, number])[] = [
    ['', 25],
    ['user.name: (ada or ravi) and not status: 200', 5],
    ['user.name: (ada and not ravi)', 13],
    ['status >= 404', 5],
    ['url.path: /1*', 11],
    ['url.path: "/3 x"', 1],
    ['user.*: ada', 13],
    ['user.name: *', 25],
    ['nothing.here: *', 0],
    ['ada and tags: b', 13],
    ['user: { name: ravi }', 0],
  ]
  for (const [text, wanted] of finds) {
    assert.equal(await count('kuery', text), wanted, text)
  }
  const error = await refusal(open().search.start(asked('kuery', 'status: ('), never))
  assert.equal(error.message, 'This query cannot be read.')
})

test('a sequence of EQL is a row for each of its events, with the sequence they belong to', async () => {
  const port = open()
  const text = 'sequence with maxspan=1m [process where true] [network where true]'
  const [remote] = await ended(port, asked('eql', text))
  const { columns, rows } = await port.search.rows(remote, { after: null, limit: 100 }, never)
  const at = columns.findIndex(({ name }) => name === 'sequence')
  assert.deepEqual(
    rows.slice(0, 4).map((row) => row[at]),
    [1, 1, 2, 2],
  )
})

test('EQL that finds more than was asked for keeps the newest, and whole sequences', async () => {
  const port = open()
  const [remote, state] = await ended(port, asked('eql', 'any where true', { rowsMax: 3 }))
  assert.deepEqual(completenessOf(state), { kind: 'truncated', limit: '3 rows' })
  const { columns, rows } = await port.search.rows(remote, { after: null, limit: 100 }, never)
  const path = columns.findIndex(({ name }) => name === 'url.path')
  assert.deepEqual(
    rows.map((row) => row[path]),
    ['/22 x', '/23 x', '/24 x'],
  )
  const text = 'sequence with maxspan=1m [process where true] [network where true]'
  const [pairs, cut] = await ended(port, asked('eql', text, { rowsMax: 5 }))
  assert.deepEqual(completenessOf(cut), { kind: 'truncated', limit: '5 rows' })
  const page = await port.search.rows(pairs, { after: null, limit: 100 }, never)
  assert.equal(page.rows.length, 4)
})

test('a view is paged whatever is written meanwhile, and found again after a restart', async () => {
  const port = open()
  const [remote, state] = await ended(port, asked('lucene', '*'))
  assert.equal(state.kind === 'done' && state.found, 25)
  stack.documents = []
  const again = open()
  const ids: Json[] = []
  let after: Json | null = null
  for (;;) {
    const page = await again.search.rows(remote, { after, limit: 7 }, never)
    ids.push(...page.rows.map((row) => row.at(-1)!))
    after = page.next
    if (after === null) break
  }
  assert.equal(new Set(ids).size, 25)
  elasticsearch.faults.on(
    { path: '/_search' },
    edited((value) => ({ ...(value as object), pit_id: 'pit-renamed' })),
  )
  const page = await again.search.rows(remote, { after: null, limit: 7 }, never)
  assert.equal((page.next as { pit: string }).pit, 'pit-renamed')
  elasticsearch.faults.clear()
  elasticsearch.faults.on({ path: '/_search' }, repeatedPage())
  const first = await again.search.rows(remote, { after: null, limit: 7 }, never)
  const error = await refusal(again.search.rows(remote, { after: first.next, limit: 7 }, never))
  assert.equal(error.message, 'Elasticsearch gave other rows of the search than were asked for.')
})

// ── Not whole ────────────────────────────────────────────────────────────────────────────────────

test('ES|QL that is partial says so, with what each cluster did or without', async () => {
  const port = open()
  const request = asked('esql', 'FROM logs-*')
  const clusters = {
    details: {
      '(local)': { status: 'successful', indices: 'logs-*' },
      europe: { status: 'skipped', failures: [{ reason: { reason: 'no route\nto host' } }] },
    },
  }
  const bite = elasticsearch.faults.on(
    { method: 'GET', path: '/_query/async/' },
    edited((value) => ({ ...(value as object), _clusters: clusters })),
  )
  const [, skipped] = await ended(port, request)
  assert.deepEqual(completenessOf(skipped), {
    kind: 'partial',
    reason: 'The cluster europe was skipped: no route to host.',
  })
  bite.off()
  // A frozen tier that is away: no shard is said to have failed.
  elasticsearch.faults.on(
    { method: 'GET', path: '/_query/async/' },
    edited((value) => ({ ...(value as object), is_partial: true })),
  )
  const [, silent] = await ended(port, request)
  assert.deepEqual(completenessOf(silent), {
    kind: 'partial',
    reason: 'Elasticsearch says that something is missing, and not what.',
  })
})

test("Elasticsearch's own limits are told: the default one, and the most of one answer", async () => {
  const port = open()
  stack.documents = documentsOf(
    'logs-many',
    Array.from({ length: 10_050 }, () => ({ '@timestamp': new Date(START - 1).toISOString() })),
  )
  const [, most] = await ended(port, asked('esql', 'FROM logs-*', { rowsMax: 50_000 }))
  assert.deepEqual(completenessOf(most), {
    kind: 'truncated',
    limit: '10,000 rows, the most that one answer holds',
  })
  elasticsearch.faults.on(
    { method: 'GET', path: '/_query/async/' },
    {
      name: 'default-limit',
      async apply(answer) {
        const reply = await answer()
        const value = JSON.parse(reply.body.toString()) as { values: Json[] }
        const body = Buffer.from(JSON.stringify({ ...value, values: value.values.slice(0, 1_000) }))
        const warning = '299 Elasticsearch-9.1.0 "No limit defined, adding default limit of [1000]"'
        return { ...reply, body, headers: { ...reply.headers, warning } }
      },
    },
  )
  const [, branch] = await ended(port, asked('esql', 'FROM logs-*', { rowsMax: 50_000 }))
  assert.deepEqual(branch.kind === 'done' && [branch.completeness, branch.notices], [
    { kind: 'truncated', limit: "1,000 rows, Elasticsearch's default" },
    ['Elasticsearch added a limit of 1,000 rows.'],
  ])
})

test('shards that failed and time that ran out make a result partial', async () => {
  const port = open()
  const shards = { total: 5, failed: 2, failures: [{ reason: { reason: 'too many\nclauses' } }] }
  const bite = elasticsearch.faults.on(
    { path: '/_search' },
    edited((value) => ({ ...(value as object), _shards: shards })),
  )
  const [, broken] = await ended(port, asked('lucene', '*'))
  const reason = '2 of 5 shards gave nothing: too many clauses'
  assert.deepEqual(completenessOf(broken), { kind: 'partial', reason })
  bite.off()
  for (const path of ['/_search', '/_eql/search/']) {
    elasticsearch.faults.on(
      { path, where: ({ path: at }) => !at.includes('status') },
      edited((value) => ({ ...(value as object), timed_out: true })),
    )
  }
  for (const request of [asked('lucene', '*'), asked('eql', 'any where true')]) {
    const [, late] = await ended(port, request)
    assert.deepEqual(completenessOf(late), {
      kind: 'partial',
      reason: 'Elasticsearch ran out of time before it was through.',
    })
  }
})

test('a result larger than Elasticsearch keeps is told with what to do', async () => {
  stack.storedBytesMax = 900
  const [, state] = await ended(open(), asked('esql', 'FROM logs-*'))
  assert.equal(
    state.kind === 'failed' && state.reason,
    'The result is larger than Elasticsearch keeps for one search. Name fewer columns with KEEP, or ask for less.',
  )
})

test('whole numbers beyond a double keep every digit', async () => {
  const port = open()
  const [remote] = await ended(port, asked('esql', 'FROM logs-*'))
  const long = '12345678901234567890'
  elasticsearch.faults.on(
    { path: '/_query/async/' },
    answers(200, `{"columns":[{"name":"n","type":"unsigned_long"}],"values":[[${long}]]}`),
  )
  const page = await open().search.rows(remote, { after: null, limit: 5 }, never)
  assert.deepEqual(page.rows, [[long]])
})

// ── Not ended, and gone ──────────────────────────────────────────────────────────────────────────

test('a search that was cancelled is confirmed only when no task of it runs', async () => {
  stack.pollsToDone = 100
  stack.looksToCancel = 2
  const port = open()
  const { remote } = await port.search.start(asked('esql', 'FROM logs-*'), never)
  assert.deepEqual(await port.search.cancel(remote, never), {
    isConfirmed: false,
    reason: 'Elasticsearch accepted the cancellation, and the search still runs.',
  })
  assert.equal((await port.search.cancel(remote, never)).isConfirmed, false)
  assert.deepEqual(await port.search.cancel(remote, never), {
    isConfirmed: true,
    reason: 'Elasticsearch has ended the search.',
  })
  assert.equal((await port.search.poll(remote, never)).kind, 'gone')
  const view = await port.search.start(asked('kuery', ''), never)
  assert.equal((await port.search.cancel(view.remote, never)).reason, 'The view is closed.')
  assert.equal((await port.search.poll(view.remote, never)).kind, 'gone')
})

test('a search whose time is over is gone, and nobody starts it again', async () => {
  const port = open()
  const kept = await port.search.start(asked('eql', 'any where true'), never)
  clock.advance(DAY)
  const state = await port.search.poll(kept.remote, never)
  assert.deepEqual(state, {
    kind: 'gone',
    reason: 'Elasticsearch does not know this search: it has expired or was deleted.',
  })
  clock.advance(-DAY)
  assert.equal(seen('POST', '_eql/search').length, 1)
})

test('an answer to the start that never came is ambiguous, and nothing is sent twice', async () => {
  elasticsearch.faults.on({ method: 'POST', path: '/_query/async' }, dropped('after'))
  const error = await refusal(open().search.start(asked('esql', 'FROM logs-*'), never))
  assert.equal(error.details['ambiguous'], true)
  assert.equal(seen('POST', '/_query/async').length, 1)
})

test('what Elasticsearch says of a query stands with it', async () => {
  const port = open()
  const unknown = await refusal(
    port.search.start(asked('esql', 'FROM logs-* | WHERE nix > 1'), never),
  )
  assert.equal(unknown.message, 'Elasticsearch refuses the search.')
  assert.match(JSON.stringify(unknown.details['problems']), /line 1:2\d: .*nix/)
  const judged = async (language: TargetLanguage, text: string) =>
    (await port.validate({ language, text }, never)).map(({ message }) => message).join()
  assert.equal(await judged('esql', 'FROM logs-* | WHERE status == 404'), '')
  assert.match(await judged('esql', 'FROM logs-* | WHERE nix > 1'), /nix/)
  assert.equal(await judged('eql', 'process where true'), '')
  assert.match(await judged('eql', 'process where'), /line 1/)
  assert.equal(await judged('lucene', 'status:404'), '')
  assert.match(await judged('lucene', 'status:(404'), /Failed to parse query/)
  assert.equal(await judged('kuery', 'status: 404'), '')
  assert.match(await judged('kuery', 'status: ('), /expected|closed|value/i)
})

// ── Between, and around ──────────────────────────────────────────────────────────────────────────

test('what stands between is told as it is', async () => {
  const port = open()
  const at = { path: /^\/$/ }
  const told = async () => {
    const { code, message } = await refusal(port.check(never))
    elasticsearch.faults.clear()
    kibana.faults.clear()
    return [code, message]
  }
  elasticsearch.faults.on(at, badGateway())
  assert.deepEqual(await told(), [
    'upstream',
    'Elasticsearch, or what stands before it, answered 502 to who it is.',
  ])
  elasticsearch.faults.on(at, redirected('https://elsewhere.example/'))
  assert.deepEqual(await told(), [
    'upstream',
    'Elasticsearch sends who it is to another address, which is not followed.',
  ])
  elasticsearch.faults.on(at, truncatedJson())
  assert.equal(
    (await told())[1],
    'The answer of Elasticsearch is cut off, or something else spoke for it.',
  )
  elasticsearch.faults.on(at, tooManyRequests())
  assert.deepEqual(await told(), [
    'rate_limited',
    'Elasticsearch is too busy, and asks for fewer requests.',
  ])
  elasticsearch.faults.on(
    at,
    edited(() => ({ version: { number: '3.1.0', distribution: 'opensearch' } })),
  )
  assert.deepEqual(await told(), [
    'unsupported',
    'What answers there is opensearch, not Elasticsearch.',
  ])
  kibana.faults.on({ path: '/api/status' }, badGateway())
  assert.match((await told())[1]!, /^Kibana, or what stands before it, answered 502/)
})

test('a proxy that takes the product header away changes nothing, and a clock that is off is told', async () => {
  elasticsearch.faults.on(
    {},
    {
      name: 'no-product-header',
      async apply(answer) {
        const reply = await answer()
        const { 'x-elastic-product': _, ...headers } = reply.headers
        return { ...reply, headers }
      },
    },
  )
  elasticsearch.faults.on(
    { path: /^\/$/ },
    clockSkewed(9 * MINUTE, () => clock.now()),
  )
  const { product, clockSkewMs } = await open().check(never)
  assert.deepEqual([product, clockSkewMs], ['Elastic', 9 * MINUTE])
})

test('privileges are asked for by name, with what nobody should have, and tried in Kibana', async () => {
  const lacking = async (name: string, need: 'read' | 'write') =>
    (await open(name).privileges(need, never)).needed
      .filter(({ isHeld }) => isHeld !== true)
      .map(({ name: one }) => one)
  assert.deepEqual(await lacking('writer', 'write'), [])
  assert.deepEqual(await lacking('reader', 'read'), [])
  assert.deepEqual(await lacking('reader', 'write'), [
    'write .alerts-security.alerts-default*',
    'maintenance .alerts-security.alerts-default*',
    'Kibana Security: All',
  ])
  assert.equal((await lacking('nobody', 'read')).length, 5)
  stack.hasEncryptionKey = false
  assert.deepEqual(await lacking('writer', 'write'), ['an encryption key of Kibana'])
  const tester = await open('reader', { testPrefix: 'rulewright-test' }).privileges('read', never)
  assert.deepEqual(
    tester.needed.filter(({ isHeld }) => isHeld !== true).map(({ name: one }) => one),
    ['create_index', 'write', 'delete_index'].map((one) => `${one} rulewright-test-*`),
  )
  const away = await open('reader', { indices: 'logs-*,europe:logs-*' }).privileges('read', never)
  assert.equal(away.completeness.kind, 'partial', 'only that cluster knows')
  const excess = async (name: string, need: 'read' | 'write') =>
    (await open(name).privileges(need, never)).excess.map(({ name: one }) => one)
  assert.deepEqual(await excess('writer', 'write'), [])
  assert.deepEqual(await excess('writer', 'read'), ['Kibana Security: All'])
  const admin = await excess('admin', 'write')
  assert.ok(
    ['manage_security', 'write logs-*', 'all of Kibana'].every((one) => admin.includes(one)),
  )
  assert.equal(
    seen('POST', '/_bulk_action').every(({ query }) => query.get('dry_run')),
    true,
  )
})

test('the schema is indices with their fields', async () => {
  const { tables, completeness } = await open().schema(never)
  assert.equal(completeness.kind, 'complete')
  assert.equal(tables[0]!.name, 'logs-web')
  assert.deepEqual(
    tables[0]!.columns.find(({ name }) => name === 'url.path'),
    { name: 'url.path', type: 'text' },
  )
})
