// Each fault of Sentinel's rules that is known, of their health and of tests with given events, and what a
// person is told of it. Nothing is written twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObservedRule } from '#domain/targets/port.ts'
import type { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import {
  answers,
  dropped,
  edited,
  repeatedPage,
  retypedFields,
  unknownFields,
} from '#standins/faults.ts'
import { autoDisable, newEtag } from '#standins/microsoft/workspace.ts'
import { START } from '#test/support/clock.ts'
import { SENTINEL_RULE, sentinelWorld } from '#test/support/sentinel.ts'
import { refusal } from '#test/support/siem.ts'

const ago = (ms: number) => new Date(START - ms).toISOString()
const { workspace, standin, open, seen } = await sentinelWorld({ SigninLogs: [] })
const { faults } = standin
const never = new AbortController().signal
const RULE_PATH = { path: /alertRules\/r1$/ }
type Members = { readonly [key: string]: Json }

function rules(port = open()) {
  assert.ok(port.rules)
  return port.rules
}

const make = (): Promise<ObservedRule> =>
  rules().put({ ref: 'r1', body: SENTINEL_RULE, replaces: null }, never)

const told = ({ code, message }: AppError) => `${code}: ${message}`

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

test('rules are read over pages by the links as they came, never elsewhere', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e'])
    await rules().put({ ref: id, body: SENTINEL_RULE, replaces: null }, never)
  workspace.rulesPerPage = 2
  const { rules: all, completeness } = await rules().list(never)
  assert.deepEqual([all.length, completeness.kind], [5, 'complete'])
  assert.equal(seen('GET', '/alertRules').at(-1)!.query.get('$skipToken'), '4')
  const list = { method: 'GET', path: /alertRules$/ }
  const link = (href: string) => edited((body) => ({ ...(body as Members), nextLink: href }))
  const elsewhere = faults.on(list, link('https://elsewhere.example/next'))
  assert.match(
    told(await refusal(rules().list(never))),
    /^forbidden: .*elsewhere, which is not followed/,
  )
  elsewhere.off()
  const repeated = faults.on({ ...list, after: 1 }, repeatedPage())
  assert.match(
    told(await refusal(rules().list(never))),
    /the same page of the rules again and again/,
  )
  repeated.off()
  faults.on(
    list,
    edited((body) => {
      const { value } = body as { value: readonly Json[] }
      return { value: [...value, value[0]!] }
    }),
  )
  const drifted = await rules().list(never)
  assert.deepEqual(drifted.completeness, {
    kind: 'partial',
    reason: 'Rules came or went while they were read.',
  })
})

test('a rule that is not what a rule should be does not hide the others', async () => {
  await make()
  faults.on(
    { path: /alertRules$/ },
    edited((body) => ({ value: [...(body as { value: Json[] }).value, { kind: 7 }] })),
  )
  const { rules: all, completeness } = await rules().list(never)
  assert.deepEqual(
    [all.length, completeness],
    [1, { kind: 'partial', reason: '1 of 2 rules are not what a rule should be.' }],
  )
})

test('a conflict over nothing but an etag is written once more, and a real one is told', async () => {
  const before = await make()
  const low = { kind: 'Scheduled', properties: { severity: 'Low' } }
  const put = () => rules().put({ ref: 'r1', body: low, replaces: before }, never)
  const stored = workspace.rules.get('r1')!
  for (const status of [409, 412]) {
    const conflict = answers(status, { error: { code: 'Conflict', message: 'Newer instance' } })
    faults.on(
      { method: 'PUT', times: 1 },
      {
        ...conflict,
        apply: (...given) => {
          stored.etag = newEtag()
          return conflict.apply(...given)
        },
      },
    )
    Object.assign(stored, { properties: { ...stored.properties, severity: 'High' } })
    const written = await put()
    assert.equal(written.normalised['properties.severity'], 'Low')
    Object.assign(stored, workspace.rules.get('r1')!)
    workspace.rules.set('r1', stored)
    faults.clear()
  }
  stored.properties = { ...stored.properties, severity: 'Medium' }
  assert.equal(
    told(await refusal(put())),
    'stale: Failed sign-ins was changed on Sentinel meanwhile.',
  )
  workspace.rules.delete('r1')
  assert.equal(
    told(await refusal(put())),
    'stale: Failed sign-ins was deleted on Sentinel meanwhile.',
  )
})

test('a conflict that stays is told after one look, not written again', async () => {
  const before = await make()
  faults.on({ method: 'PUT' }, answers(409, { error: { code: 'Conflict', message: 'Newer' } }))
  const from = seen('PUT', 'r1').length
  const off = { kind: 'Scheduled', properties: { enabled: false } }
  const error = await refusal(rules().put({ ref: 'r1', body: off, replaces: before }, never))
  assert.equal(error.code, 'stale')
  assert.equal(seen('PUT', 'r1').length - from, 1)
})

test('every change names the etag, and a rule that shows none is not overwritten blindly', async () => {
  const before = await make()
  await rules().setEnabled('r1', false, never)
  const { headers, body } = seen('PUT', 'r1').at(-1)!
  assert.equal(headers['if-match'], before.etag)
  assert.equal((JSON.parse(body) as { etag: string }).etag, before.etag)
  faults.on(
    RULE_PATH,
    edited((rule, { method }) => {
      const { etag: _, ...rest } = rule as Members
      return method === 'GET' ? rest : rule
    }),
  )
  const error = await refusal(rules().setEnabled('r1', true, never))
  assert.equal(told(error), 'stale: Failed sign-ins was changed on Sentinel meanwhile.')
})

test('a rule that Sentinel turned off by itself is named as that', async () => {
  const made = await make()
  autoDisable(workspace, 'r1', 'The table SigninLogs was removed.')
  const now = await rules().read('r1', never)
  assert.equal(now!.isEnabled, false)
  assert.match(now!.notices.join(), /turned this rule off by itself.*description says why/)
  assert.match(now!.normalised['properties.description'] as string, /was removed/)
  assert.equal(
    (await refusal(rules().put({ ref: 'r1', body: SENTINEL_RULE, replaces: made }, never))).code,
    'stale',
  )
})

test('what the portal touches by itself is no drift', async () => {
  const made = await make()
  const stored = workspace.rules.get('r1')!
  stored.etag = newEtag()
  stored.properties = {
    ...stored.properties,
    templateVersion: '1.0.9',
    lastModifiedUtc: ago(0),
    query: `${String(SENTINEL_RULE['properties'] && (SENTINEL_RULE['properties'] as Members)['query'])}  \r\n`,
    queryFrequency: 'P0DT1H',
    entityMappings: [],
  }
  assert.deepEqual((await rules().read('r1', never))!.normalised, made.normalised)
})

test('members that are written otherwise or are new say the same', async () => {
  const made = await make()
  faults.on(RULE_PATH, unknownFields())
  const odd = await rules().read('r1', never)
  assert.equal(odd!.normalised['properties.query'], made.normalised['properties.query'])
  faults.clear()
  faults.on(RULE_PATH, retypedFields())
  assert.deepEqual((await rules().read('r1', never))!.normalised, made.normalised)
})

test('the kind of a rule stays, and rules of Microsoft are read alone', async () => {
  const made = await make()
  const near = { kind: 'NRT', properties: { severity: 'Low' } }
  assert.match(
    told(await refusal(rules().put({ ref: 'r1', body: near, replaces: made }, never))),
    /^invalid: Sentinel never turns a rule of the kind Scheduled into NRT: remove Failed sign-ins/,
  )
  const properties = { displayName: 'Advanced Multistage Attack Detection', enabled: true }
  workspace.rules.set('BuiltInFusion', {
    name: 'BuiltInFusion',
    kind: 'Fusion',
    etag: '"1"',
    properties,
  })
  const fusion = await rules().read('BuiltInFusion', never)
  assert.match(fusion!.notices.join(), /of the kind Fusion are made by Microsoft/)
  const off = await refusal(rules().setEnabled('BuiltInFusion', false, never))
  assert.equal(off.code, 'unsupported')
  assert.equal((await refusal(rules().remove('BuiltInFusion', fusion!, never))).code, 'unsupported')
  assert.equal(seen('DELETE', '').length, 0)
})

test('near-real-time rules are written and read without times of their own', async () => {
  const { queryFrequency, queryPeriod, triggerOperator, triggerThreshold, ...rest } = SENTINEL_RULE[
    'properties'
  ] as Members
  const body = { kind: 'NRT', properties: rest }
  const made = await rules().put({ ref: 'n1', body, replaces: null }, never)
  assert.equal(made.normalised['kind'], 'NRT')
  assert.ok([queryFrequency, queryPeriod, triggerOperator, triggerThreshold].length === 4)
})

test('a rule over a table that is not there is refused with the reason', async () => {
  const lost = {
    ...SENTINEL_RULE,
    properties: { ...(SENTINEL_RULE['properties'] as Members), query: 'New_CL | take 1' },
  }
  const error = await refusal(rules().put({ ref: 'r1', body: lost, replaces: null }, never))
  assert.equal(
    told(error),
    'invalid: Sentinel refuses the rule. It saves one only while every table, function and watchlist of its query exists.',
  )
  assert.match(JSON.stringify(error.details), /'query' is invalid/)
})

test('an id that was in use a moment ago is held back, and that is told', async () => {
  const made = await make()
  workspace.heldBackMs = DAY
  await rules().remove('r1', made, never)
  assert.equal(
    told(await refusal(make())),
    'conflict: Azure holds back the id of a rule that was deleted. Try again in some minutes.',
  )
})

test('a new rule does not overwrite one that is there', async () => {
  await make()
  assert.equal(told(await refusal(make())), 'stale: Sentinel has a rule with this id already.')
  assert.equal(seen('PUT', 'r1').length, 1)
})

test('a write whose answer is lost is sent once, and may have happened', async () => {
  faults.on({ method: 'PUT', times: 1 }, dropped('after'))
  const error = await refusal(make())
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  assert.equal(seen('PUT', 'r1').length, 1)
  assert.equal((await rules().read('r1', never))!.name, 'Failed sign-ins')
})

test('a rule that Azure does not show yet is what Azure said it wrote', async () => {
  faults.on(
    { ...RULE_PATH, method: 'GET' },
    answers(404, { error: { code: 'NotFound', message: '' } }),
  )
  const made = await make()
  assert.equal(made.name, 'Failed sign-ins')
  assert.match(made.notices.join(), /does not show it yet/)
})

// ── Health ───────────────────────────────────────────────────────────────────────────────────────

const RESOURCE = '/subscriptions/s/providers/Microsoft.SecurityInsights/alertRules'

function runOf(rule: string, at: number, more: object) {
  return {
    TimeGenerated: ago(at),
    SentinelResourceType: 'Analytics Rule',
    OperationName: 'Scheduled analytics rule run',
    SentinelResourceId: `${RESOURCE}/${rule}`,
    Status: 'Success',
    Reason: '',
    Description: '',
    ...more,
  }
}

function alertOf(rule: string, id: string, at: number) {
  return {
    TimeGenerated: ago(at),
    ProviderName: 'ASI Scheduled Alerts',
    SystemAlertId: id,
    ExtendedProperties: JSON.stringify({ 'Analytic Rule Ids': `["${rule}"]` }),
  }
}

test('runs and alerts are counted by rule, an alert once, and what is not told is unknown', async () => {
  workspace.tables.set('SentinelHealth', [
    runOf('A1', 3 * MINUTE, {}),
    runOf('A1', 2 * MINUTE, { Status: 'Failure', Reason: 'The query timed out.' }),
    runOf('b2', 1 * MINUTE, {}),
    runOf('b2', 5 * HOUR, {}),
  ])
  workspace.tables.set('SecurityAlert', [
    alertOf('a1', 'x', 3 * SECOND),
    alertOf('a1', 'x', 2 * SECOND),
    alertOf('a1', 'y', 2 * SECOND),
    alertOf('c3', 'z', 2 * SECOND),
  ])
  const range = { from: addMs(START, -HOUR), to: START }
  const { runs, completeness } = await open().health!.runs(range, never)
  assert.deepEqual(completeness, { kind: 'complete' })
  assert.deepEqual(
    runs.map(({ ref, ran, failed, alerts, lastError, lagMs }) => [
      ref,
      ran,
      failed,
      alerts,
      lastError,
      lagMs,
    ]),
    [
      ['A1', 2, 1, 2, 'The query timed out.', null],
      ['b2', 1, 0, 0, null, null],
      ['c3', null, null, 1, null, null],
    ],
  )
})

test('health that was never turned on is told, not counted as none', async () => {
  const range = { from: addMs(START, -HOUR), to: START }
  const { runs, completeness } = await open().health!.runs(range, never)
  assert.deepEqual(runs, [])
  assert.match(
    completeness.kind === 'partial' ? completeness.reason : '',
    /health monitoring is off in the settings of Sentinel/,
  )
})

// ── Tests with given events ──────────────────────────────────────────────────────────────────────

test('events of a test cannot break out of their table', async () => {
  const hostile = ['"]; union *', '\\', '\\"', "a\u2028b\u0000\n\t'", ')', '``` | x']
  const events: Json[] = hostile.map((text) => ({ UserPrincipalName: text }))
  for (const [at, text] of hostile.entries()) {
    const escaped = JSON.stringify(text).replaceAll('\u2028', String.raw`\u2028`)
    const query = `SigninLogs | where UserPrincipalName == ${escaped}`
    const answer = await open().test!({ language: 'kusto', text: query }, events, never)
    assert.deepEqual(answer.matched, [at], text)
  }
})

test('what a test cannot bring is refused by name', async () => {
  const run = async (text: string, events: Json[]) =>
    told(await refusal(open().test!({ language: 'kusto', text }, events, never)))
  const two = 'SigninLogs | join kind=inner AuditLogs on CorrelationId'
  assert.match(await run(two, [{}]), /^invalid: .*Event 1 must say in “Type” which of them/)
  assert.match(await run('externaldata(a:string)["https://x"]', [{}]), /^unsupported: /)
  assert.match(await run('SigninLogs | wher a', [{}]), /^invalid: This query cannot be read/)
  assert.match(await run('SigninLogs', [7]), /^invalid: An event of a test is an object/)
  const many = Array.from({ length: 201 }, () => ({}))
  assert.match(await run('SigninLogs', many), /at most 200 events/)
})

test('a table of the workspace’s own stands in a test with the columns that it has there', async () => {
  const query = {
    language: 'kusto',
    text: 'Own_CL | where Level_d > 3 and isnull(Rest_d)',
  } as const
  workspace.tables.set('Own_CL', [{ TimeGenerated: ago(0), Level_d: 1, Rest_d: 2 }])
  const answer = await open().test!(query, [{ Level_d: 2 }, { Level_d: 5 }], never)
  assert.deepEqual(answer.matched, [1])
})

const incidentOf = (number: number, at: number, said: Record<string, Json>) => ({
  TimeGenerated: ago(at),
  IncidentNumber: number,
  Status: 'Closed',
  Classification: '',
  AlertIds: [],
  ...said,
})

test('alerts come with what their incident was closed as, also when they are older than what is asked', async () => {
  workspace.tables.set('SecurityAlert', [
    alertOf('a1', 'x', 3 * MINUTE),
    alertOf('a1', 'x', 2 * MINUTE),
    alertOf('a1', 'y', 2 * MINUTE),
    alertOf('b2', 'old', 3 * DAY),
    alertOf('b2', 'older', 3 * DAY),
  ])
  workspace.tables.set('SecurityIncident', [
    incidentOf(1, 5 * MINUTE, { Classification: 'TruePositive', AlertIds: ['x'] }),
    // Looked at again, and decided otherwise.
    incidentOf(1, 1 * MINUTE, { Classification: 'BenignPositive', AlertIds: ['x'] }),
    incidentOf(2, 4 * MINUTE, { Classification: 'FalsePositive', AlertIds: ['old'] }),
    incidentOf(3, 4 * MINUTE, { Status: 'Active', AlertIds: ['y'] }),
  ])
  const range = { from: addMs(START, -HOUR), to: START, limit: 10 }
  const { alerts, completeness } = await open().alerts!.list(range, never)
  assert.deepEqual(completeness, { kind: 'complete' })
  assert.deepEqual(
    alerts.map(({ remoteId, ref, at, disposition }) => [remoteId, ref, START - at, disposition]),
    [
      ['y', 'a1', 2 * MINUTE, null],
      ['x', 'a1', 3 * MINUTE, 'benign_true_positive'],
      ['old', 'b2', 3 * DAY, 'false_positive'],
    ],
  )
  const cut = await open().alerts!.list({ ...range, limit: 1 }, never)
  assert.deepEqual(cut.completeness, { kind: 'truncated', limit: '1 alerts' })
})

test('a workspace without incidents tells of alerts, and says what is missing', async () => {
  workspace.tables.set('SecurityAlert', [alertOf('a1', 'x', 3 * MINUTE)])
  workspace.tables.delete('SecurityIncident')
  const range = { from: addMs(START, -HOUR), to: START, limit: 10 }
  const { alerts, completeness } = await open().alerts!.list(range, never)
  assert.deepEqual(
    alerts.map(({ disposition }) => disposition),
    [null],
  )
  const reason = 'The workspace has no SecurityIncident.'
  assert.deepEqual(completeness, { kind: 'partial', reason })
})
