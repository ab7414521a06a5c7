// Sentinel through the adapter, against stand-ins that Azure's clients have judged: the way that is gone
// every day. What a person is told when it goes wrong is in test/long/sentinel-faults.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowsPage, SearchRequest, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, SECOND } from '#kernel/time.ts'
import { SENTINEL_READER } from '#standins/microsoft/workspace.ts'
import { START } from '#test/support/clock.ts'
import { CLIENT_ID } from '#test/support/microsoft.ts'
import { SENTINEL_RULE, sentinelWorld } from '#test/support/sentinel.ts'
import { refusal } from '#test/support/siem.ts'

const at = (seconds: number) => new Date(START - seconds * SECOND).toISOString()
const SIGN_INS = Array.from({ length: 40 }, (_, index) => ({
  TimeGenerated: at(HOUR / SECOND - index),
  UserPrincipalName: `user${index}`,
  ResultType: index % 2 === 0 ? '0' : '50126',
  DeviceDetail: { operatingSystem: 'Windows', ids: [index] },
}))
const { workspace, open, seen } = await sentinelWorld({ SigninLogs: SIGN_INS })
const never = new AbortController().signal

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

test('a check signs in, and knows both names for the one workspace', async () => {
  assert.deepEqual(await open().check(never), {
    product: 'Microsoft Sentinel',
    version: null,
    identity: 'rulewright',
    clockSkewMs: 0,
    expiresAt: null,
  })
  const { needed, excess } = await open().privileges('write', never)
  assert.deepEqual(
    [needed.map(({ isHeld }) => isHeld), excess],
    [[true, true, true, true, true], []],
  )
  workspace.assignments.set(CLIENT_ID, SENTINEL_READER)
  const reader = await open().privileges('write', never)
  assert.deepEqual(
    reader.needed.map(({ isHeld }) => isHeld),
    [true, true, true, false, false],
  )
})

test('a search is answered at once and read in pages, with values as they are', async () => {
  const port = open()
  const text = 'SigninLogs | where ResultType == "50126" | project UserPrincipalName, DeviceDetail'
  const { remote } = await port.search.start(asked(text), never)
  const state = await port.search.poll(remote, never)
  assert.deepEqual(state, {
    kind: 'done',
    found: 20,
    scanned: 40,
    completeness: { kind: 'complete' },
    notices: [],
  })
  const pages = await allRows(port, remote, 8)
  assert.deepEqual(
    pages.map(({ rows }) => rows.length),
    [8, 8, 4],
  )
  assert.deepEqual(pages[0]!.rows[0], ['user1', { operatingSystem: 'Windows', ids: [1] }])
  const [query] = seen('POST', '/query')
  assert.match(
    JSON.parse(query!.body).query,
    /take 101\n\/\/ Rulewright sea_1-0-1 for usr_ada: hunt/,
  )
  assert.equal(seen('POST', '/query').length, 1)
})

test('an answer that is too large is asked for in parts of its time, each event once', async () => {
  workspace.limits = { rows: 25, bytes: 64_000_000 }
  const port = open()
  const { remote } = await port.search.start(asked('SigninLogs | project UserPrincipalName'), never)
  const state = await port.search.poll(remote, never)
  assert.match(state.kind === 'done' ? state.notices.join() : '', /in parts of its time/)
  const pages = await allRows(port, remote, 10)
  const names = pages.flatMap(({ rows }) => rows.map(([name]) => name))
  assert.deepEqual([names.length, new Set(names).size], [40, 40])
  assert.ok(pages.every(({ completeness }) => completeness.kind === 'complete'))
})

test('a rule is made, changed by its etag, turned off and removed', async () => {
  const { rules } = open()
  assert.ok(rules)
  const made = await rules.put({ ref: 'a1', body: SENTINEL_RULE, replaces: null }, never)
  assert.deepEqual(
    [made.ref, made.name, made.isEnabled, made.notices],
    ['a1', 'Failed sign-ins', true, []],
  )
  const wanted = rules.normalise(SENTINEL_RULE)
  const drift = Object.keys(wanted).filter(
    (key) => JSON.stringify(made.normalised[key]) !== JSON.stringify(wanted[key]),
  )
  assert.deepEqual(drift, [])
  const low = { kind: 'Scheduled', properties: { severity: 'Low' } }
  const changed = await rules.put({ ref: 'a1', body: low, replaces: made }, never)
  assert.deepEqual(
    [changed.normalised['properties.severity'], changed.normalised['properties.query']],
    ['Low', made.normalised['properties.query']],
  )
  const error = await refusal(rules.put({ ref: 'a1', body: SENTINEL_RULE, replaces: made }, never))
  assert.equal(error.message, 'Failed sign-ins was changed on Sentinel meanwhile.')
  assert.equal((await rules.setEnabled('a1', false, never)).isEnabled, false)
  const now = await rules.read('a1', never)
  await rules.remove('a1', now!, never)
  assert.equal(await rules.read('a1', never), null)
})

test('events are tested in place of the table that a query reads', async () => {
  const events: Json[] = [
    { ResultType: '50126', UserPrincipalName: 'a "b" \\ c\n' },
    { ResultType: '0' },
  ]
  const text = 'SigninLogs\n| where ResultType == "50126"'
  const run = (query: string) => open().test!({ language: 'kusto', text: query }, events, never)
  assert.deepEqual(await run(text), {
    matched: [0],
    rows: 1,
    completeness: { kind: 'complete' },
  })
  assert.equal((await run(`${text} | summarize count()`)).matched, null)
  const elsewhere = 'SigninLogs | where IPAddress in (_GetWatchlist("vips"))'
  assert.equal((await refusal(run(elsewhere))).code, 'unsupported')
})

test('who takes up the incidents of a rule is told, and what may not be seen takes nothing away', async () => {
  const names = (operator: string, ref: string) => ({
    conditionType: 'Property',
    conditionProperties: {
      propertyName: 'IncidentRelatedAnalyticRuleIds',
      operator,
      propertyValues: [`/subscriptions/s/x/alertRules/${ref}`],
    },
  })
  const either = {
    conditionType: 'Boolean',
    conditionProperties: { operator: 'Or', innerConditions: [names('Contains', 'two')] },
  }
  const workflow = '/subscriptions/s/resourceGroups/soc/providers/Microsoft.Logic/workflows/Call'
  workspace.automationRules.push({
    name: 'auto',
    properties: {
      displayName: 'Call',
      order: 1,
      triggeringLogic: {
        isEnabled: true,
        conditions: [names('Contains', 'one'), names('NotContains', 'three'), either],
      },
      actions: [
        { actionType: 'RunPlaybook', actionConfiguration: { logicAppResourceId: workflow } },
      ],
    },
  })
  const query = '_GetWatchlist("a")'
  workspace.savedSearches.push(
    { name: 'f', properties: { displayName: 'F', functionAlias: 'Mine', query } },
    { name: 'q', properties: { displayName: 'Q', query } },
  )
  const told = await open().dependencies!(never)
  assert.deepEqual(
    told.dependencies.map(({ kind, name, names = [] }) => [
      kind,
      name,
      names.map((one) => one.name),
    ]),
    [
      ['function', 'Mine', []],
      ['automation_rule', 'auto', ['soc/Call']],
    ],
  )
  assert.deepEqual(
    told.reactions.map(({ ref }) => ref),
    ['one', 'two'],
  )
  assert.deepEqual(
    ['_Im_Dns', 'FileProfile', 'Mine'].map((name) => told.isBuiltIn!('function', name)),
    [true, true, false],
  )
  const blind = { actions: ['*/read'], notActions: ['*/automationRules/read'] }
  workspace.assignments.set(CLIENT_ID, [blind])
  const less = await open().dependencies!(never)
  assert.deepEqual(
    [less.completeness.kind, less.kinds, less.dependencies.map(({ kind }) => kind)],
    ['partial', ['watchlist', 'function'], ['function']],
  )
})
