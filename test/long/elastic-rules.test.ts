// Rules of Kibana at their edges, through the adapter: what a person is told when a write meets somebody
// else's, a refusal in either shape, or a switch that fails in part; and how they fared.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObservedRule, RuleBody, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import { answers, dropped, edited, unknownFields } from '#standins/faults.ts'
import { documentsOf } from '#standins/opensearch/cluster.ts'
import { START } from '#test/support/clock.ts'
import { elasticWorld } from '#test/support/elastic.ts'
import { refusal } from '#test/support/siem.ts'

const { stack, kibana, open, seen } = await elasticWorld()
const never = new AbortController().signal

const BODY: RuleBody = {
  name: 'A rule',
  description: 'What it finds',
  type: 'query',
  language: 'kuery',
  query: 'status: 404',
  index: ['logs-*'],
  severity: 'high',
  risk_score: 73,
  interval: '5m',
  from: 'now-10m',
}

const make = (port: SiemPort, ref = 'one', body = BODY) =>
  port.rules!.put({ ref, body, replaces: null }, never)

const write = (port: SiemPort, body: RuleBody, replaces: ObservedRule) =>
  port.rules!.put({ ref: replaces.ref, body, replaces }, never)

function bend(change: { readonly [key: string]: Json }): void {
  for (const rule of stack.rules) rule.body = { ...rule.body, ...change }
}

test('only what is named is written: by a patch, and whole where a patch cannot', async () => {
  const port = open()
  const made = await make(port)
  bend({
    note: 'theirs',
    exceptions_list: [{ id: 'x', list_id: 'l', type: 'detection', namespace_type: 'single' }],
  })
  const now = await port.rules!.read('one', never)
  const patched = await write(port, { severity: 'low' }, now!)
  assert.equal(seen('PATCH', '/rules').length, 1)
  const whole = await write(port, { note: null }, patched)
  assert.deepEqual([seen('PUT', '/rules').length, whole.normalised['note'] ?? ''], [1, ''])
  const lists = whole.normalised['exceptions_list'] as readonly unknown[]
  assert.equal(lists.length, 1, 'what nobody named stays')
  const eql: RuleBody = { type: 'eql', language: 'eql', query: 'any where true', index: ['logs-*'] }
  const turned = await write(port, eql, whole)
  assert.equal(seen('POST', '_import').length, 0, 'an import unlinks exceptions and hides refusals')
  assert.deepEqual(
    [turned.normalised['type'], turned.normalised['severity'], turned.ref],
    ['eql', 'low', made.ref],
  )
})

test('a revision that only exceptions counted up is no change of the rule; a change is stale', async () => {
  const port = open()
  const made = await make(port)
  bend({ revision: 7 })
  const after = await write(port, { severity: 'low' }, made)
  assert.equal(after.etag, '8')
  bend({ query: 'status: 500', updated_by: 'ravi' })
  const error = await refusal(write(port, BODY, after))
  assert.deepEqual(
    [error.code, error.message],
    ['stale', 'A rule was changed in Kibana by ravi meanwhile.'],
  )
  stack.rules = []
  assert.deepEqual(
    (await refusal(write(port, BODY, after))).message,
    'A rule was deleted in Kibana meanwhile.',
  )
})

test('the same written again counts no revision, and takes the rule over', async () => {
  const port = open()
  const made = await make(port)
  bend({ updated_by: 'ravi' })
  const again = await write(port, BODY, made)
  assert.deepEqual([again.etag, again.changedBy, stack.rules[0]!.keyOf], ['0', 'writer', 'writer'])
})

test('a write in the same moment is told afterwards', async () => {
  const port = open()
  const made = await make(port)
  kibana.faults.on(
    { method: 'PATCH' },
    {
      name: 'written-between',
      async apply(answer) {
        bend({ revision: 4 })
        return answer()
      },
    },
  )
  const { notices } = await write(port, { severity: 'low' }, made)
  assert.match(notices.join(), /Somebody else wrote it in the same moment/)
})

test('409 is what stands there: taken, being changed, or gone', async () => {
  const port = open()
  const made = await make(port)
  const taken = await refusal(make(port))
  assert.deepEqual(
    [taken.code, taken.message],
    ['conflict', 'Kibana has a rule of this id already: A rule.'],
  )
  const conflict = { message: 'one conflict', status_code: 409 }
  const bite = kibana.faults.on({ method: 'PATCH' }, answers(409, conflict))
  const busy = await refusal(write(port, { severity: 'low' }, made))
  assert.deepEqual(
    [busy.code, busy.message],
    ['stale', 'A rule is being changed in Kibana by somebody else. Try again.'],
  )
  bite.off()
  kibana.faults.on(
    { method: 'PATCH' },
    {
      name: '409-of-what-is-gone',
      async apply(_, request) {
        stack.rules = []
        return answers(409, conflict).apply(() => assert.fail(), request)
      },
    },
  )
  const gone = await refusal(write(port, { severity: 'low' }, made))
  assert.equal(gone.message, 'The rule was deleted in Kibana meanwhile.')
})

test('a refusal is told in either shape, and its message may be a list', async () => {
  const port = open()
  const problems = async (body: RuleBody) => {
    const { code, details } = await refusal(make(port, 'two', body))
    kibana.faults.clear()
    return [code, (details['problems'] as readonly { message: string }[]).map((one) => one.message)]
  }
  assert.deepEqual(await problems({ name: 'x', type: 'query' }), [
    'invalid',
    [
      'description: Required, risk_score: Required, severity: Required, query: Required, severity: Invalid enum value',
    ],
  ])
  const at = { method: 'POST', path: /\/rules$/ }
  const list = { status_code: 400, message: ['query: must be a string', 'name: is empty'] }
  kibana.faults.on(at, answers(400, list))
  assert.deepEqual(await problems(BODY), ['invalid', list.message])
  const license = {
    statusCode: 403,
    error: 'Forbidden',
    message: 'Your license has no machine learning.',
  }
  kibana.faults.on(at, answers(403, license))
  assert.deepEqual(await problems(BODY), ['forbidden', [license.message]])
  const huge = await refusal(make(port, 'two', { ...BODY, note: 'x'.repeat(1_100_000) }))
  assert.deepEqual(
    [huge.code, huge.message],
    ['too_large', 'This is larger than Kibana takes (server.maxPayload): the new rule.'],
  )
  const reader = await refusal(make(open('reader')))
  assert.equal(reader.message, 'The credential may not do this on Kibana: the new rule.')
})

test('a switch that fails in part is a 500 with a reason, and what is read back decides', async () => {
  const port = open()
  await make(port)
  const at = { path: '/_bulk_action' }
  const failed = {
    message: 'Bulk edit failed',
    status_code: 500,
    attributes: {
      errors: [
        { message: 'The job of\nthis rule is missing', status_code: 500, rules: [{ id: '1' }] },
      ],
      results: { updated: [], created: [], deleted: [], skipped: [] },
      summary: { failed: 1, skipped: 0, succeeded: 0, total: 1 },
    },
  }
  kibana.faults.on(at, answers(500, failed))
  const error = await refusal(port.rules!.setEnabled('one', false, never))
  assert.equal(error.message, 'Kibana does not turn the rule off.')
  assert.match(JSON.stringify(error.details), /The job of this rule is missing/)
  kibana.faults.clear()
  // The summary says succeeded, and nothing was done.
  kibana.faults.on(at, answers(200, { success: true, attributes: { results: {}, summary: {} } }))
  const lying = await refusal(port.rules!.setEnabled('one', false, never))
  assert.equal(lying.message, 'Kibana took the switch of A rule, and did not turn it.')
  kibana.faults.clear()
  kibana.faults.on(at, answers(500, 'Internal'))
  assert.equal((await refusal(port.rules!.setEnabled('one', false, never))).code, 'upstream')
  kibana.faults.clear()
  assert.equal((await port.rules!.setEnabled('one', false, never)).isEnabled, false)
  assert.equal((await port.rules!.setEnabled('one', false, never)).isEnabled, false)
  assert.equal(seen('POST', '/_bulk_action').length, 4, 'what is off already is not switched')
})

test('a rule belongs to the key that wrote it: told with a write, and before the key is changed', async () => {
  const port = open()
  assert.match((await make(port)).notices.join(), /runs with the API key that wrote it last/)
  const basic = open({ kind: 'basic', user: 'writer', password: 'writer' })
  assert.deepEqual((await make(basic, 'two')).notices, [])
  stack.rules[1]!.body = { ...stack.rules[1]!.body, updated_by: 'ravi' }
  const { items } = await port.dependants!({ identity: 'writer, key other (o)' }, never)
  assert.deepEqual(
    items.map(({ ref }) => ref),
    ['one'],
  )
  assert.match(items[0]!.why, /it stops when the key ends or is deleted/)
  const same = await port.check(never)
  assert.deepEqual((await port.dependants!(same, never)).items, [])
})

test('an answer to a write that never came is ambiguous, and the write was sent once', async () => {
  kibana.faults.on({ method: 'POST', path: /\/rules$/ }, dropped('after'))
  const error = await refusal(make(open()))
  assert.equal(error.details['ambiguous'], true)
  assert.deepEqual([seen('POST', '/rules').length, stack.rules.length], [1, 1])
})

test('rules of every type are listed with what a person must know, whatever is new in the answer', async () => {
  const port = open()
  const types: readonly RuleBody[] = [
    BODY,
    { ...BODY, type: 'threshold', threshold: { field: 'user.name', value: 5 } },
    { ...BODY, type: 'new_terms', new_terms_fields: ['user.name'], history_window_start: 'now-7d' },
    {
      ...BODY,
      type: 'threat_match',
      threat_query: '*:*',
      threat_index: ['ti-*'],
      threat_mapping: [{ entries: [{ field: 'a', type: 'mapping', value: 'b' }] }],
    },
    { ...BODY, type: 'eql', language: 'eql', query: 'any where true' },
    {
      name: 'Q',
      description: 'd',
      severity: 'low',
      risk_score: 1,
      type: 'esql',
      language: 'esql',
      query: 'FROM a',
    },
    {
      name: 'M',
      description: 'd',
      severity: 'low',
      risk_score: 1,
      type: 'machine_learning',
      anomaly_threshold: 50,
      machine_learning_job_id: ['j'],
    },
  ]
  for (const [at, body] of types.entries()) await make(port, `r${at}`, body)
  stack.rules[0]!.body = { ...stack.rules[0]!.body, immutable: true }
  kibana.faults.on({ path: '/_find' }, unknownFields())
  const { rules, completeness } = await port.rules!.list(never)
  assert.deepEqual(
    rules.map(({ normalised }) => normalised['type']),
    types.map(({ type }) => type),
  )
  assert.equal(completeness.kind, 'complete')
  assert.match(rules[0]!.notices.join(), /^Elastic ships it/)
  kibana.faults.clear()
  kibana.faults.on(
    { path: '/_find' },
    edited((value) => ({ ...(value as object), total: 9 })),
  )
  assert.deepEqual((await port.rules!.list(never)).completeness, {
    kind: 'partial',
    reason: 'Rules came or went while they were read.',
  })
  kibana.faults.on(
    { path: '/_find' },
    edited((value) => ({ ...(value as object), total: 12_000 })),
  )
  assert.deepEqual((await port.rules!.list(never)).completeness, {
    kind: 'truncated',
    limit: '10,000 rules of 12,000',
  })
})

test('rules stand in the space of the target', async () => {
  stack.spaces = ['default', 'soc']
  const port = open('writer', { space: 'soc' })
  await make(port)
  assert.equal(seen('POST', '/s/soc/api/detection_engine/rules').length, 1)
  assert.equal(await open().rules!.read('one', never), null)
})

test('health is the last run and the alerts of the range; how often it ran is unknown', async () => {
  const port = open()
  await make(port, 'one')
  await make(port, 'two')
  const date = new Date(START - MINUTE).toISOString()
  stack.rules[0]!.execution = {
    last_execution: {
      date,
      status: 'failed',
      status_order: 30,
      message: 'An error:\nno such index [logs-x]',
      metrics: {
        total_search_duration_ms: 40,
        total_indexing_duration_ms: 2,
        execution_gap_duration_s: 90,
      },
    },
  }
  const alert = (at: number) => ({
    '@timestamp': new Date(at).toISOString(),
    'kibana.alert.rule.rule_id': 'one',
  })
  stack.documents = documentsOf(
    '.alerts-security.alerts-default',
    [START - MINUTE, START - 2 * MINUTE, START - 3 * HOUR].map(alert),
  )
  const range = { from: addMs(START, -HOUR), to: START }
  const { runs, completeness } = await port.health!.runs(range, never)
  assert.equal(completeness.kind, 'complete')
  const [one, two] = runs
  assert.deepEqual(one, {
    ref: 'one',
    ran: null,
    failed: null,
    skipped: null,
    alerts: 2,
    latencyMs: 42,
    lagMs: 90_000,
    lastRunAt: START - MINUTE,
    lastError: 'An error: no such index [logs-x]',
  })
  assert.deepEqual([two!.alerts, two!.lastRunAt], [0, null])
})

test('alerts are listed with the reason that they were closed for, new and old ones', async () => {
  const port = open()
  const alert = (id: string, made: number, said: Record<string, Json> = {}) => ({
    '@timestamp': new Date(START - made).toISOString(),
    'kibana.alert.uuid': id,
    'kibana.alert.rule.rule_id': 'one',
    'kibana.alert.workflow_status': 'open',
    ...said,
  })
  const closed = (reason: string) => ({
    'kibana.alert.workflow_status': 'closed',
    'kibana.alert.workflow_reason': reason,
    'kibana.alert.workflow_status_updated_at': new Date(START - MINUTE).toISOString(),
  })
  stack.documents = documentsOf('.alerts-security.alerts-default', [
    alert('new', 2 * MINUTE),
    alert('right', 3 * MINUTE, closed('true_positive')),
    alert('twice', 4 * MINUTE, closed('duplicate')),
    alert('old', 30 * HOUR, closed('false_positive')),
    alert('older', 31 * HOUR),
    { '@timestamp': new Date(START - MINUTE).toISOString(), 'kibana.alert.uuid': 'of-no-rule' },
  ])
  const range = { from: addMs(START, -HOUR), to: START, limit: 10 }
  const { alerts, completeness } = await port.alerts!.list(range, never)
  assert.deepEqual(completeness, { kind: 'complete' })
  assert.deepEqual(
    alerts.map(({ remoteId, ref, at, disposition }) => [remoteId, ref, START - at, disposition]),
    [
      ['new', 'one', 2 * MINUTE, null],
      ['right', 'one', 3 * MINUTE, 'true_positive'],
      ['twice', 'one', 4 * MINUTE, null],
      ['old', 'one', 30 * HOUR, 'false_positive'],
    ],
  )
  const cut = await port.alerts!.list({ ...range, limit: 2 }, never)
  assert.deepEqual(cut.completeness, { kind: 'truncated', limit: '2 alerts' })
})
