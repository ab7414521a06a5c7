// Each fault of Log Analytics and of signing in that is known, and what a person is told of it. No token
// follows an address elsewhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SearchRequest, SearchState, SiemPort } from '#domain/targets/port.ts'
import type { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  dropped,
  edited,
  gate,
  gzipped,
  invalidUtf8,
  redirected,
  retypedFields,
  tooManyRequests,
  truncatedJson,
  unknownFields,
} from '#standins/faults.ts'
import { partialError } from '#standins/microsoft/log-analytics.ts'
import { START } from '#test/support/clock.ts'
import { CLIENT_ID } from '#test/support/microsoft.ts'
import { sentinelWorld } from '#test/support/sentinel.ts'
import { refusal } from '#test/support/siem.ts'

const ago = (ms: number) => new Date(START - ms).toISOString()
const EVENTS = Array.from({ length: 16 }, (_, index) => ({
  TimeGenerated: ago(HOUR - index * MINUTE),
  UserPrincipalName: `user${index}`,
  ResultType: '0',
}))
const { clock, workspace, standin, open, seen } = await sentinelWorld({
  SigninLogs: EVENTS,
})
const { faults } = standin
const never = new AbortController().signal
const QUERY = { path: '/query' }
type Members = { readonly [key: string]: Json }

function asked(text: string, more: Partial<SearchRequest> = {}): SearchRequest {
  return {
    query: { language: 'kusto', text },
    from: addMs(START, -HOUR),
    to: START,
    rowsMax: 100,
    secondsMax: 60,
    segmentId: 'sea_1-0-1',
    person: 'usr_ada',
    purpose: 'hunt',
    ...more,
  }
}

async function begin(text: string, port: SiemPort = open(), more: Partial<SearchRequest> = {}) {
  const { remote } = await port.search.start(asked(text, more), never)
  return { port, remote }
}

async function poll(text: string, more: Partial<SearchRequest> = {}): Promise<SearchState> {
  const { port, remote } = await begin(text, open(), more)
  return port.search.poll(remote, never)
}

async function firstRows(text = 'SigninLogs | project UserPrincipalName') {
  const { port, remote } = await begin(text)
  return port.search.rows(remote, { after: null, limit: 100 }, never)
}

const rules = () => open().rules!

const told = ({ code, message }: AppError) => `${code}: ${message}`

// ── Answers that are not whole ───────────────────────────────────────────────────────────────────

test('an error beside rows makes a search partial, and its cause is what is told', async () => {
  faults.on(
    QUERY,
    edited((body) => ({
      ...(body as Members),
      error: partialError('-2133196797', 'Query execution has exceeded\n the allowed memory.'),
    })),
  )
  const state = await poll('SigninLogs | summarize count()')
  const reason = 'Query execution has exceeded the allowed memory.'
  assert.deepEqual(state.kind === 'done' && state.completeness, { kind: 'partial', reason })
})

test('an error that names no cause is told all the same', async () => {
  const broken = (error: Json) =>
    faults.on(
      { ...QUERY, times: 1 },
      edited((body) => ({ ...(body as Members), error })),
    )
  const completeness = async () => {
    const state = await poll('SigninLogs | summarize count()')
    return state.kind === 'done' && state.completeness
  }
  broken({ code: 'PartialError', message: 'There were some errors.' })
  assert.deepEqual(await completeness(), { kind: 'partial', reason: 'There were some errors.' })
  broken({ code: 'PartialError' })
  assert.deepEqual(await completeness(), {
    kind: 'partial',
    reason: 'Log Analytics names no reason.',
  })
})

test('what cannot be asked for in parts is cut off, and the limit is named', async () => {
  workspace.limits = { rows: 5, bytes: 64_000_000 }
  const state = await poll('SigninLogs | sort by UserPrincipalName')
  assert.deepEqual(state.kind === 'done' && [state.completeness, state.found], [
    { kind: 'truncated', limit: '5 records of Log Analytics' },
    5,
  ])
  assert.equal(seen('POST', '/query').length, 1)
})

test('bytes that are too many are asked for in parts, whatever their number', async () => {
  workspace.limits = { rows: 500_000, bytes: 60 }
  const { port, remote } = await begin('SigninLogs | project UserPrincipalName')
  const names: Json[] = []
  for (let after: Json | null = null; ;) {
    const page = await port.search.rows(remote, { after, limit: 3 }, never)
    assert.equal(page.completeness.kind, 'complete')
    names.push(...page.rows.map(([name]) => name!))
    after = page.next
    if (after === null) break
  }
  assert.deepEqual(
    names,
    EVENTS.map(({ UserPrincipalName }) => UserPrincipalName),
  )
})

test('a search over its cap gives the cap and says so, also in parts', async () => {
  const state = await poll('SigninLogs', { rowsMax: 10 })
  const truncated = { kind: 'truncated', limit: '10 rows' }
  assert.deepEqual(state.kind === 'done' && [state.completeness, state.found], [truncated, null])
  workspace.limits = { rows: 4, bytes: 64_000_000 }
  const { port, remote } = await begin('SigninLogs', open(), { rowsMax: 10 })
  let rows = 0
  for (let after: Json | null = null; ;) {
    const page = await port.search.rows(remote, { after, limit: 100 }, never)
    rows += page.rows.length
    after = page.next
    if (after !== null) continue
    assert.deepEqual([rows, page.completeness], [10, truncated])
    break
  }
})

test('a query that narrows its time itself and finds nothing says why that may be', async () => {
  const text = `SigninLogs | where TimeGenerated < datetime(${ago(2 * HOUR)})`
  const state = await poll(text)
  assert.match(
    state.kind === 'done' ? state.notices.join() : '',
    /lies in its time and in the search/,
  )
  const [query] = seen('POST', '/query')
  const { body, headers } = query!
  const { timespan } = JSON.parse(body) as { timespan: string }
  assert.equal(timespan, '2026-11-21T09:00:00.000Z/2026-11-21T09:59:59.9999999Z')
  assert.equal(headers['prefer'], 'wait=60, include-statistics=true')
})

test('values arrive as they are: long numbers, no numbers, dynamic values, truth as 1', async () => {
  const columns = ['long', 'real', 'dynamic', 'bool', 'dynamic', 'long'].map((type, at) => ({
    name: `c${at}`,
    type,
  }))
  const cells = '9223372036854775807,"NaN","{\\"a\\":[9007199254740993]}",1,"not json","12"'
  const text = `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[[${cells}]]}]}`
  faults.on(QUERY, answers(200, text))
  const page = await firstRows('SigninLogs')
  assert.deepEqual(page.rows[0], [
    '9223372036854775807',
    'NaN',
    { a: ['9007199254740993'] },
    true,
    'not json',
    12,
  ])
})

test('packed answers, unknown members, retyped ones and bytes that are no text are read', async () => {
  const names = EVENTS.map(({ UserPrincipalName }) => [UserPrincipalName])
  for (const fault of [gzipped(), unknownFields(), retypedFields()]) {
    const bite = faults.on(QUERY, fault)
    assert.deepEqual((await firstRows()).rows, names, fault.name)
    bite.off()
  }
  faults.on(QUERY, invalidUtf8('user0'))
  assert.equal((await firstRows()).rows[0]![0], '\ufffd(')
})

test('a cell of ten million characters is one cell', async () => {
  const huge = 'x'.repeat(10_000_000)
  faults.on(
    QUERY,
    edited((body) => {
      const { tables } = body as { tables: readonly { rows: Json }[] }
      return { tables: [{ ...tables[0]!, rows: [[huge]] }] }
    }),
  )
  assert.equal((await firstRows()).rows[0]![0], huge)
})

// ── Time and cancelling ──────────────────────────────────────────────────────────────────────────

test('a cancelled search closes its connection, and nobody claims that it stopped', async () => {
  const held = gate('before')
  faults.on(QUERY, held.fault)
  const { port, remote } = await begin('SigninLogs')
  const stop = new AbortController()
  const polling = refusal(port.search.poll(remote, stop.signal))
  await held.reached
  stop.abort()
  assert.equal((await polling).code, 'cancelled')
  const { isConfirmed, reason } = await port.search.cancel(remote, never)
  assert.deepEqual(
    [isConfirmed, reason],
    [
      false,
      'Log Analytics has no cancel: the connection is closed, and the query may run on there for up to 60 seconds.',
    ],
  )
  held.open()
  const other = await begin('SigninLogs')
  assert.equal((await other.port.search.cancel(other.remote, never)).isConfirmed, true)
})

test('a query that ran out of time is asked for in halves, or told', async () => {
  const late = answers(504, { error: { code: 'GatewayTimeout', message: 'Query timed out' } })
  faults.on({ ...QUERY, times: 1 }, late)
  const half = await firstRows()
  assert.deepEqual([half.rows.length, half.next !== null], [16, true])
  faults.on({ ...QUERY, times: 1 }, late)
  const error = await refusal(poll('SigninLogs | summarize count()'))
  assert.equal(told(error), 'timeout: Log Analytics ran out of time for the search.')
})

test('too many requests are told with the time to wait, and one service is not the other', async () => {
  faults.on({ ...QUERY, times: 2 }, tooManyRequests('17'))
  const error = await refusal(poll('SigninLogs'))
  assert.deepEqual(
    [told(error), error.retryAfterSeconds],
    ['rate_limited: Log Analytics asks for fewer requests.', 17],
  )
  assert.deepEqual((await rules().list(never)).rules, [])
  faults.clear()
  faults.on(QUERY, tooManyRequests(undefined, { error: { code: 'ThrottledError' } }))
  assert.equal((await refusal(poll('SigninLogs'))).retryAfterSeconds, undefined)
})

// ── Signing in and what one may ──────────────────────────────────────────────────────────────────

test('a token that ended is renewed once, and a service that never takes one is told', async () => {
  faults.on({ ...QUERY, times: 1 }, answers(401, { error: { code: 'InvalidTokenError' } }))
  assert.equal((await firstRows()).rows.length, 16)
  faults.on(QUERY, answers(401, { error: { code: 'InvalidTokenError' } }))
  const before = seen('POST', '/query').length
  const error = await refusal(poll('SigninLogs'))
  assert.equal(
    told(error),
    'unauthenticated: Log Analytics does not know this credential, or it has expired.',
  )
  assert.equal(seen('POST', '/query').length - before, 2)
})

test('a role that does not hold yet is named, for queries and for rules', async () => {
  workspace.assignments.clear()
  const query = await refusal(poll('SigninLogs'))
  assert.equal(
    told(query),
    'forbidden: The app may not do this on Log Analytics: the search. A role that was assigned a moment ago may take ten minutes or more until it holds.',
  )
  const list = await refusal(rules().list(never))
  assert.match(told(list), /^forbidden: The app may not do this on Azure: the rules\. A role/)
  assert.match(JSON.stringify(list.details), /does not have authorization to perform action/)
})

test('privileges are the union of what each assignment gives less its exceptions', async () => {
  const element = (actions: string[], notActions: string[] = []) => ({ actions, notActions })
  const held = async () => {
    const { needed, excess } = await open().privileges('write', never)
    return [needed.filter(({ isHeld }) => isHeld).length, excess.map(({ name }) => name)]
  }
  const insights = 'Microsoft.SecurityInsights'
  workspace.assignments.set(CLIENT_ID, [
    element(['*/read'], [`${insights}/*`]),
    element([`${insights}/alertRules/*`], [`${insights}/alertRules/delete`]),
  ])
  assert.deepEqual(await held(), [4, []])
  workspace.assignments.set(CLIENT_ID, [element(['*'], ['Microsoft.Authorization/*/Write'])])
  const [needed, excess] = await held()
  assert.deepEqual([needed, (excess as string[]).length], [5, 6])
  const reading = await open().privileges('read', never)
  assert.match(
    reading.excess.at(-1)!.fix,
    /remove the role of the app that gives .*alertRules\/delete/,
  )
  faults.on({ path: '/permissions' }, answers(403, { error: { code: 'AuthorizationFailed' } }))
  const unknown = await open().privileges('read', never)
  assert.deepEqual(
    [unknown.needed.map(({ isHeld }) => isHeld), unknown.completeness.kind],
    [[null, null, null], 'partial'],
  )
})

test('each of the two names of a workspace is told when it is wrong, and when they do not fit', async () => {
  const check = async (settings: { readonly [key: string]: Json }) =>
    told(await refusal(open({ settings }).check(never)))
  const other = 'aaaaaaaa-0000-4000-8000-000000000000'
  assert.match(await check({ workspaceId: other }), /^not_found: Log Analytics has no workspace/)
  assert.match(await check({ subscriptionId: other }), /^not_found: Azure has no subscription/)
  assert.match(await check({ resourceGroup: 'x' }), /^not_found: .*no resource group of this name/)
  assert.match(await check({ workspaceName: 'x' }), /^not_found: .*no workspace of this name/)
  faults.on(
    { path: /workspaces\/[\w-]+$/ },
    edited((body) => ({ ...(body as Members), properties: { customerId: other } })),
  )
  assert.match(
    await check({}),
    /^invalid: The workspace ID is of another workspace than sentinel-prod/,
  )
  assert.equal(
    (await refusal(Promise.resolve().then(() => open({ settings: { workspaceId: 'x' } })))).code,
    'invalid',
  )
})

test('a clock that is wrong is measured', async () => {
  const skewed = clockSkewed(9 * MINUTE, () => clock.now())
  faults.on(QUERY, skewed)
  assert.equal((await open().check(never)).clockSkewMs, 9 * MINUTE)
})

// ── What stands between ──────────────────────────────────────────────────────────────────────────

test('what stands between is told as it is, and no token follows it elsewhere', async () => {
  const says = async () => {
    const error = await refusal(poll('SigninLogs | summarize count()'))
    faults.clear()
    return told(error)
  }
  faults.on(QUERY, badGateway())
  assert.equal(
    await says(),
    'upstream: Log Analytics, or what stands before it, answered 502 to the search.',
  )
  faults.on(QUERY, redirected('https://elsewhere.example/'))
  assert.equal(
    await says(),
    'upstream: Log Analytics sends the search to another address, which is not followed.',
  )
  faults.on(QUERY, truncatedJson())
  assert.match(await says(), /^upstream: The answer of Log Analytics is cut off/)
  faults.on(QUERY, dropped('midway'))
  assert.match(await says(), /^upstream: .*broke the connection/)
  faults.on(QUERY, answers(200, { tables: 'none' }))
  assert.match(
    await says(),
    /^upstream: Log Analytics’s answer to the search is not what it should/,
  )
})

test('a query that cannot be read is told with its place, by whoever sees it first', async () => {
  const judged = (text: string) => open().validate({ language: 'kusto', text }, never)
  const [problem] = await judged('SigninLogs | wher a')
  assert.deepEqual(
    [problem!.message, problem!.line, problem!.column],
    ['Query operator expected.', 1, 14],
  )
  assert.equal(seen('POST', '/query').length, 0)
  // A table of a workspace's own is known to the workspace alone.
  const [missing] = await judged('// mine\nNoSuchTable_CL | where a == 1')
  assert.deepEqual([missing!.code, missing!.line], ['sentinel/refused', 2])
  assert.match(missing!.message, /NoSuchTable_CL/)
  assert.deepEqual(await judged('SigninLogs // all of it'), [])
  assert.deepEqual(await judged('let a = "0";\nSigninLogs | where ResultType == a;'), [])
  assert.match(seen('POST', '/query').at(-1)!.body, /take 0/)
})

test('what Log Analytics says of a search that it cannot read has its place', async () => {
  const error = await refusal(poll('SigninLogs | where NoColumn == 1'))
  assert.equal(told(error), 'invalid: Log Analytics refuses the search.')
  const [problem] = error.details['problems'] as readonly Problem[]
  assert.match(problem!.message, /NoColumn/)
  assert.equal(problem!.line, 1)
})
