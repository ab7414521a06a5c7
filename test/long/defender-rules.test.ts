// Custom detections through the adapter: what a person is told when a write or a list goes wrong, that
// nothing is written twice, and what the health of a rule is made of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs, HOUR, instant, MINUTE } from '#kernel/time.ts'
import { answers, dropped, edited, retypedFields, unknownFields } from '#standins/faults.ts'
import { START } from '#test/support/clock.ts'
import { defenderWorld, detectionBody } from '#test/support/defender.ts'
import { refusal } from '#test/support/siem.ts'

const { tenant, standin, open, seen } = await defenderWorld()
const never = new AbortController().signal
const RULES = { path: 'detectionRules' }

const BODY = detectionBody('A rule')
const make = (body: typeof BODY = BODY, port = open()) =>
  port.rules!.put({ ref: '', body, replaces: null }, never)

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

test('pages are followed as they are given, and a circle is noticed', async () => {
  tenant.pageSize = 3
  for (let at = 0; at < 8; at++) await make(detectionBody(`Rule ${at}`))
  const { rules, completeness } = await open().rules!.list(never)
  assert.deepEqual([rules.length, completeness.kind], [8, 'complete'])
  const self = `${standin.url}/beta/security/rules/detectionRules`
  standin.faults.on(
    RULES,
    edited((value) => ({ ...(value as object), '@odata.nextLink': self })),
  )
  const error = await refusal(open().rules!.list(never))
  assert.deepEqual(
    [error.code, error.message],
    ['upstream', 'Microsoft Graph turns in a circle: the list of custom detections.'],
  )
})

test('rules that come or go while they are read make the list partial', async () => {
  tenant.pageSize = 3
  for (let at = 0; at < 8; at++) await make(detectionBody(`Rule ${at}`))
  const made = { ...tenant.rules.get([...tenant.rules.keys()][0]!)!, id: '1' }
  standin.faults.on(
    { ...RULES, times: 1 },
    edited((value) => {
      const rules = [['1', made] as const, ...tenant.rules]
      tenant.rules.clear()
      for (const [id, rule] of rules) tenant.rules.set(id, rule)
      return value
    }),
  )
  const { completeness } = await open().rules!.list(never)
  assert.deepEqual(completeness, {
    kind: 'partial',
    reason: 'Custom detections came or went while they were read.',
  })
})

test('an answer lost after a create is ambiguous, and nothing is written twice', async () => {
  const bite = standin.faults.on({ ...RULES, method: 'POST' }, dropped('after'))
  const error = await refusal(make())
  assert.deepEqual([error.code, error.details['ambiguous'], bite.count], ['upstream', true, 1])
  bite.off()
  const { rules } = await open().rules!.list(never)
  assert.deepEqual(
    rules.map(({ name }) => name),
    ['A rule'],
  )
  const twin = await refusal(make())
  assert.deepEqual(
    [twin.code, twin.message],
    ['conflict', 'Defender has one of this name already: the new custom detection.'],
  )
})

test('a rule that is made and not shown yet is told as made', async () => {
  standin.faults.on(
    { method: 'GET', path: 'detectionRules/', times: 1 },
    answers(404, { error: { code: 'NotFound', message: 'x' } }),
  )
  const made = await make()
  assert.deepEqual(made.notices, ['Defender made it, and does not show it everywhere yet.'])
  const read = await open().rules!.read(made.ref, never)
  assert.deepEqual(read!.notices, [])
})

test('a query that Defender refuses at the write is told with its words', async () => {
  const body = { ...BODY, queryCondition: { queryText: 'DeviceProcessEvents | wher x' } }
  const error = await refusal(open().rules!.put({ ref: '', body, replaces: null }, never))
  assert.equal(error.code, 'invalid')
  assert.match(JSON.stringify(error.details), /Invalid query/)
  const ref = await refusal(open().rules!.read('../organization', never))
  assert.equal(ref.code, 'invalid')
})

test('a Graph that has renamed its rhythms is written in its own words, and nothing seems to drift', async () => {
  tenant.schedules = 'frequency'
  const port = open()
  const made = await make(BODY, port)
  assert.equal(made.normalised['schedule/period'], '1H')
  assert.equal(seen('POST', 'detectionRules').length, 2)
  await make(detectionBody('Another'), port)
  assert.equal(seen('POST', 'detectionRules').length, 3, 'it was told once')
  const body = { schedule: { period: '24H' } }
  const changed = await open().rules!.put({ ref: made.ref, body, replaces: made }, never)
  assert.equal(seen('PATCH', 'detectionRules').length, 1, 'what stands there told it')
  assert.deepEqual(
    [changed.normalised['schedule/period'], (changed.raw as typeof changed.normalised)['schedule']],
    ['24H', { frequency: 'P1D' }],
  )
})

test('fields that are retyped, renamed in case or nobody has heard of are no drift', async () => {
  const made = await make()
  for (const fault of [retypedFields(), unknownFields()]) {
    const bite = standin.faults.on({ ...RULES, method: 'GET' }, fault)
    const read = await open().rules!.read(made.ref, never)
    for (const [key, value] of Object.entries(open().rules!.normalise(BODY))) {
      if (fault.name === 'unknown-fields' && key.endsWith('impactedAssets')) continue
      assert.deepEqual(read!.normalised[key] ?? '', value, `${fault.name} ${key}`)
    }
    assert.deepEqual([read!.ref, read!.isEnabled], [made.ref, true])
    bite.off()
  }
})

test('a rule that went or changed meanwhile is not written', async () => {
  const port = open()
  const made = await make(BODY, port)
  const rule = tenant.rules.get(made.ref)!
  rule.body = { ...rule.body, isEnabled: false }
  rule.changedBy = 'mallory'
  const put = () => port.rules!.put({ ref: made.ref, body: BODY, replaces: made }, never)
  const changed = await refusal(put())
  assert.deepEqual(
    [changed.code, changed.message],
    ['stale', 'A rule was changed on Defender meanwhile by mallory.'],
  )
  tenant.rules.clear()
  assert.equal((await refusal(put())).message, 'A rule was deleted on Defender meanwhile.')
  assert.equal(seen('PATCH', 'detectionRules').length, 0)
})

test('turning on and off writes this one field', async () => {
  const port = open()
  const made = await make(BODY, port)
  assert.equal((await port.rules!.setEnabled(made.ref, false, never)).isEnabled, false)
  assert.equal((await port.rules!.setEnabled(made.ref, true, never)).isEnabled, true)
  const bodies = seen('PATCH', 'detectionRules').map(({ body }) => body)
  assert.deepEqual(bodies, ['{"isEnabled":false}', '{"isEnabled":true}'])
})

// ── Health ───────────────────────────────────────────────────────────────────────────────────────

test('each way a last run can fail is told, and alerts are counted where their title is one rule’s', async () => {
  const port = open()
  const codes = [
    [
      'queryExecutionThrottling',
      'failed',
      'The processing time of the tenant was used up. try later',
    ],
    ['partialRowsFailed', 'partiallyFailed', 'Some of the rows became no alerts. try later'],
    ['somethingNew', 'failed', 'Defender says somethingNew. try later'],
    [null, 'completed', null],
  ] as const
  for (const [at, [errorCode, status]] of codes.entries()) {
    const made = await make(detectionBody(`Rule ${at}`), port)
    const failureReason = errorCode === null ? null : 'try later'
    const lastRun = { at: START, status, errorCode, failureReason }
    tenant.rules.get(made.ref)!.lastRun = lastRun
  }
  const dynamic = await make(detectionBody('On {{DeviceName}}'), port)
  const alert = (AlertId: string, Title: string) => ({
    Timestamp: new Date(START - MINUTE).toISOString(),
    AlertId,
    Title,
    DetectionSource: 'Custom detection',
  })
  tenant.events.set('AlertInfo', [alert('1', 'Rule 3'), alert('1', 'Rule 3'), alert('2', 'Rule 3')])
  const range = { from: addMs(START, -HOUR), to: instant(START) }
  const { runs, completeness } = await port.health!.runs(range, never)
  assert.equal(completeness.kind, 'complete')
  assert.deepEqual(
    runs.map(({ lastError }) => lastError),
    [...codes.map(([, , message]) => message), null],
  )
  assert.deepEqual(
    runs.map(({ alerts }) => alerts),
    [0, 0, 0, 2, null],
  )
  assert.deepEqual([runs[0]!.lastRunAt, runs[0]!.ran, runs.at(-1)!.ref], [START, null, dynamic.ref])
  const [first] = (await port.rules!.list(never)).rules
  assert.deepEqual(first!.notices, [
    'Its last run failed: the processing time of the tenant was used up.',
  ])
})

test('alerts that cannot be counted are unknown, and the rest is told', async () => {
  const port = open(['CustomDetection.Read.All', 'CustomDetection.ReadWrite.All'])
  await make(BODY, port)
  const range = { from: addMs(START, -HOUR), to: instant(START) }
  const { runs, completeness } = await port.health!.runs(range, never)
  assert.equal(runs[0]!.alerts, null)
  assert.equal(completeness.kind, 'partial')
  assert.match(
    JSON.stringify(completeness),
    /Alerts could not be counted\. The app lacks a permission/,
  )
})
