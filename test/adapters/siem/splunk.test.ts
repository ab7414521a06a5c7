// Splunk through the adapter, against a stand-in that the vendor's client has judged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowsPage, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import { answers } from '#standins/faults.ts'
import { START } from '#test/support/clock.ts'
import { refusal } from '#test/support/siem.ts'
import { account, savedSearch, searchFor, splunkWorld } from '#test/support/splunk.ts'

const second = START / 1_000
const WEB = Array.from({ length: 25 }, (_, at) => ({
  _time: second - 600 + at,
  index: 'main',
  sourcetype: 'web',
  status: at % 5 === 0 ? 404 : 200,
  user: at === 5 ? ['ada', 'vera'] : 'ravi',
}))
const { estate, standin, open, seen } = await splunkWorld(() => ({ events: WEB }))
const never = new AbortController().signal

async function allRows(port: SiemPort, remote: Json, limit: number): Promise<RowsPage[]> {
  const pages: RowsPage[] = []
  let after: Json | null = null
  do {
    const page: RowsPage = await port.search.rows(remote, { after, limit }, never)
    pages.push(page)
    after = page.next
  } while (after !== null)
  return pages
}

test('a check says what is there, who we are, and how the clocks stand', async () => {
  const answer = await open().check(never)
  assert.deepEqual(answer, {
    product: 'Splunk Enterprise',
    version: '9.3.1',
    identity: 'writer',
    clockSkewMs: 0,
    expiresAt: null,
  })
  const payload = Buffer.from(JSON.stringify({ exp: second + 86_400 })).toString('base64url')
  const token = `e30.${payload}.sig`
  estate.tokens[token] = { user: 'reader', expiresAt: second + 86_400 }
  const byToken = await open({ credential: { kind: 'token', token } }).check(never)
  assert.equal(byToken.identity, 'reader')
  assert.equal(byToken.expiresAt, addMs(START, 24 * HOUR))
})

test('privileges name what is needed, what is missing with its step, and what is too much', async () => {
  const writer = await open().privileges('write', never)
  assert.deepEqual(
    writer.needed.map(({ name, isHeld }) => [name, isHeld]),
    [
      ['search', true],
      ['rest_properties_get', true],
      ['list_search_scheduler', true],
      ['index _internal', true],
      ['schedule_search', true],
      ['write search', true],
    ],
  )
  assert.deepEqual(writer.excess, [])
  const narrow = await open({ credential: account('narrow') }).privileges('write', never)
  const missing = narrow.needed.filter(({ isHeld }) => isHeld === false)
  assert.deepEqual(
    missing.map(({ name }) => name),
    [
      'rest_properties_get',
      'list_search_scheduler',
      'index _internal',
      'schedule_search',
      'write search',
    ],
  )
  assert.match(missing[3]!.fix, /\[role_narrow\] schedule_search = enabled/)
  const admin = await open({ credential: account('admin') }).privileges('read', never)
  assert.deepEqual(
    admin.excess.map(({ name }) => name),
    ['admin_all_objects', 'delete_by_keyword', 'edit_user', 'schedule_search'],
  )
  standin.faults.on({ path: '/authorization/roles/' }, answers(403, { messages: [] }))
  const closed = await open().privileges('read', never)
  assert.equal(closed.needed.find(({ name }) => name === 'index _internal')?.isHeld, null)
  assert.equal(closed.completeness.kind, 'partial')
})

test('a search runs as a job of ours and its rows are paged to the end', async () => {
  estate.pollsToDone = 3
  const port = open()
  const asked = searchFor('index=main | table _time user status')
  const { remote, first } = await port.search.start(asked, never)
  assert.equal(first, null)
  assert.equal(
    (await port.search.rows(remote, { after: null, limit: 10 }, never)).completeness.kind,
    'partial',
  )
  const states: string[] = []
  for (;;) {
    const state = await port.search.poll(remote, never)
    states.push(state.kind)
    if (state.kind !== 'running') {
      assert.deepEqual(state, {
        kind: 'done',
        found: 25,
        scanned: 25,
        completeness: { kind: 'complete' },
        notices: [],
      })
      break
    }
    assert.ok(state.pollAfterMs > 0)
  }
  assert.ok(states.length > 1)
  const pages = await allRows(port, remote, 10)
  assert.deepEqual(
    pages.map(({ rows, completeness }) => [rows.length, completeness.kind]),
    [
      [10, 'complete'],
      [10, 'complete'],
      [5, 'complete'],
    ],
  )
  assert.deepEqual(
    pages[0]!.columns.map(({ name }) => name),
    ['_time', 'user', 'status'],
  )
  assert.deepEqual(pages[0]!.rows[5]!.slice(1), [['ada', 'vera'], '404'])
  const sent = new URLSearchParams(seen('POST', '/search/v2/jobs').at(-1)!.body)
  assert.equal(sent.get('id'), `rulewright_${asked.segmentId}`)
  assert.match(sent.get('search')!, /^search index=main .*```Rulewright, ada: hunt```$/)
})

test('a search that found more than the cap says so, and gives the cap', async () => {
  const port = open()
  const { remote } = await port.search.start(searchFor('index=main', { rowsMax: 20 }), never)
  const state = await port.search.poll(remote, never)
  assert.equal(state.kind === 'done' && state.completeness.kind, 'truncated')
  const pages = await allRows(port, remote, 8)
  assert.equal(pages.flatMap(({ rows }) => rows).length, 20)
  assert.deepEqual(pages.at(-1)!.completeness, { kind: 'truncated', limit: '20 rows' })
  const exact = await port.search.start(
    searchFor('index=main', { rowsMax: 25, segmentId: 'seg_2' }),
    never,
  )
  assert.equal((await allRows(port, exact.remote, 25)).at(-1)!.completeness.kind, 'complete')
})

test('a query is judged by the parser of the target and reads no data', async () => {
  const port = open()
  assert.deepEqual(
    await port.validate({ language: 'spl', text: '```why``` index=main | stats count' }, never),
    [],
  )
  assert.deepEqual(await port.validate({ language: 'spl', text: 'index=main | statz' }, never), [
    { code: 'splunk/refused', severity: 'error', message: "Unknown search command 'statz'." },
  ])
  assert.equal(estate.jobs.size, 0)
})

test('the schema is indexes and source types with the fields of recent events', async () => {
  const { tables, completeness } = await open().schema(never)
  assert.deepEqual(completeness, { kind: 'complete' })
  assert.equal(tables[0]!.name, 'index=main sourcetype=web')
  assert.deepEqual(
    tables[0]!.columns.find(({ name }) => name === 'status'),
    {
      name: 'status',
      type: 'number',
    },
  )
  assert.equal(tables[0]!.lastSeenAt, addMs(START, -10 * MINUTE + 24_000))
})

const SCHEDULER = ['success', 'success', 'skipped'].map((status, at) => ({
  _time: second - 600 + at * 60,
  index: '_internal',
  sourcetype: 'scheduler',
  savedsearch_name: 'Rule A',
  app: 'search',
  // Who it runs as: its owner, also where everybody sees it.
  user: 'writer',
  status,
  ...(status === 'success' && { run_time: 1.5, dispatch_time: 105, scheduled_time: 100 }),
  ...(at === 0 && { alert_actions: 'notable' }),
  ...(status === 'skipped' && { reason: 'The maximum number of concurrent searches was reached' }),
}))

test("health is counted from the scheduler's log, and unknown where that is closed", async () => {
  estate.events = [...WEB, ...SCHEDULER]
  const range = { from: addMs(START, -HOUR), to: START }
  assert.deepEqual(await open().health!.runs(range, never), {
    completeness: { kind: 'complete' },
    runs: [
      {
        ref: 'nobody/search/Rule A',
        ran: 2,
        failed: 0,
        skipped: 1,
        alerts: 1,
        latencyMs: 1_500,
        lagMs: 5_000,
        lastRunAt: addMs(START, -480_000),
        lastError: 'The maximum number of concurrent searches was reached',
      },
    ],
  })
  estate.savedSearches = [savedSearch('Rule A', { owner: 'writer', sharing: 'user' })]
  const [mine] = (await open().health!.runs(range, never)).runs
  assert.equal(mine!.ref, 'writer/search/Rule A')
  estate.fired = [{ savedSearch: 'Rule A', app: 'search', sid: 's', severity: 4, at: START }]
  const narrow = open({ credential: account('narrow') })
  const closed = await narrow.health!.runs(range, never)
  assert.deepEqual(
    closed.runs.map(({ ran, failed, skipped, alerts }) => [ran, failed, skipped, alerts]),
    [[null, null, null, 1]],
  )
  assert.equal(closed.completeness.kind, 'partial')
})

test('a query is tested on events that Splunk never keeps', async () => {
  const events = [
    { status: 404, path: 'C:\\x "y"' },
    { status: 200, path: 'z' },
  ]
  const port = open()
  const run = (text: string) => port.test!({ language: 'spl', text }, events, never)
  assert.deepEqual(await run('index=main sourcetype=web status=404 | eval a=1'), {
    matched: [0],
    rows: 1,
    completeness: { kind: 'complete' },
  })
  assert.deepEqual((await run('index=main path="C:\\\\x \\"y\\""')).matched, [0])
  const counted = await run('(index=main OR index=web) | stats count')
  assert.deepEqual([counted.matched, counted.rows], [null, 1])
  assert.equal((await refusal(run('NOT index=main status=404'))).code, 'unsupported')
  assert.equal((await refusal(run('| tstats count from datamodel=Web'))).code, 'unsupported')
})
