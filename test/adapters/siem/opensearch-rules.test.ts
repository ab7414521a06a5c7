// Rules of Security Analytics through the adapter: kept by detectors of ours, never in anybody else's, and
// what a person is told when a write goes wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import { dropped, edited, retypedFields, unknownFields } from '#standins/faults.ts'
import { START } from '#test/support/clock.ts'
import { opensearchWorld } from '#test/support/opensearch.ts'
import { refusal } from '#test/support/siem.ts'

const { cluster, standin, open, seen } = await opensearchWorld()
const never = new AbortController().signal

const SIGMA = (level = 'high', title = 'A rule') => `title: ${title}
id: 5f92fff9-82e2-48eb-8fc1-8b133556a551
status: experimental
logsource:
  product: windows
detection:
  selection:
    EventID: 22
  condition: selection
level: ${level}
`

const trigger = (level: string) => ({
  name: `rulewright ${level}`,
  severity: '2',
  types: [],
  ids: [],
  sev_levels: [level],
  tags: [],
  detection_types: ['rules'],
  actions: [],
})

const body = (level = 'high', interval = 5, title = 'A rule') => ({
  rule: SIGMA(level, title),
  category: 'windows',
  detector: {
    enabled: true,
    detector_type: 'windows',
    schedule: { period: { interval, unit: 'MINUTES' } },
    triggers: [trigger(level)],
  },
})

function drift(
  port: SiemPort,
  wanted: Readonly<Record<string, Json>>,
  found: Readonly<Record<string, Json>>,
) {
  return Object.entries(port.rules!.normalise(wanted)).flatMap(([key, value]) =>
    JSON.stringify(found[key] ?? '') === JSON.stringify(value) ? [] : [key],
  )
}

test('a rule is made, given to a detector, and read back without false drift', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  assert.deepEqual(drift(port, body(), made.normalised), [])
  assert.deepEqual([made.isEnabled, made.name, made.etag], [true, 'A rule', '1'])
  const other = await port.rules!.put(
    { ref: 'new', body: body('low', 5, 'Other'), replaces: null },
    never,
  )
  assert.equal(cluster.detectors.size, 1, 'one detector for a log type and a schedule')
  const again = await port.rules!.read(made.ref, never)
  assert.deepEqual(drift(port, body(), again!.normalised), [])
  assert.deepEqual(drift(port, body('low', 5, 'Other'), other.normalised), [])
  const calls = seen('POST', '/mappings')
  assert.equal(calls.length, 1, 'fields are mapped before the detector is made')
})

test('a rule that changes its schedule moves, one that is turned off runs nowhere, and it goes whole', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  const moved = await port.rules!.put(
    { ref: made.ref, body: body('high', 15), replaces: made },
    never,
  )
  assert.deepEqual(drift(port, body('high', 15), moved.normalised), [])
  assert.deepEqual(drift(port, body(), moved.normalised), ['detector.schedule'])
  assert.equal(cluster.detectors.size, 1, 'the empty one is gone')
  const off = await port.rules!.setEnabled(made.ref, false, never)
  assert.deepEqual(
    [off.isEnabled, off.notices],
    [false, ['No detector holds it, so it does not run.']],
  )
  assert.equal((await refusal(port.rules!.setEnabled(made.ref, true, never))).code, 'unsupported')
  const on = await port.rules!.put({ ref: made.ref, body: body(), replaces: off }, never)
  assert.equal(on.isEnabled, true)
  await port.rules!.remove(made.ref, on, never)
  assert.deepEqual([cluster.rules.size, cluster.detectors.size], [0, 0])
  assert.equal(await port.rules!.read(made.ref, never), null)
})

test("somebody else's detector is never written", async () => {
  const port = open()
  const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  const inputs = [
    {
      detector_input: { indices: ['x'], custom_rules: [{ id: made.ref }], pre_packaged_rules: [] },
    },
  ]
  cluster.detectors.set('theirs', {
    id: 'theirs',
    version: 3,
    updated: START,
    body: { name: 'Theirs', enabled: true, detector_type: 'windows', inputs, triggers: [] },
  })
  const now = await port.rules!.read(made.ref, never)
  assert.deepEqual(now!.notices, ['Also in Theirs, which somebody else keeps.'])
  await port.rules!.remove(made.ref, now!, never)
  assert.equal(cluster.detectors.get('theirs')!.version, 3)
})

test('a write that somebody was faster than is refused as stale', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  const rule = cluster.rules.get(made.ref)!
  Object.assign(rule, { version: 2, text: SIGMA('low') })
  const error = await refusal(
    port.rules!.put({ ref: made.ref, body: body(), replaces: made }, never),
  )
  assert.deepEqual(
    [error.code, error.message],
    ['stale', 'A rule was changed on OpenSearch meanwhile.'],
  )
  cluster.rules.clear()
  assert.equal((await refusal(port.rules!.remove(made.ref, made, never))).code, 'stale')
})

test('a detector written by two at once is told', async () => {
  const port = open()
  await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  standin.faults.on(
    { method: 'PUT', path: '/detectors/' },
    edited((value) => {
      for (const detector of cluster.detectors.values())
        detector.body = { ...detector.body, inputs: [] }
      return value
    }),
  )
  const error = await refusal(
    port.rules!.put({ ref: 'new', body: body('low'), replaces: null }, never),
  )
  assert.equal(error.code, 'stale')
  assert.match(
    error.message,
    /^Somebody else wrote the detector Rulewright windows, every 5 minutes/,
  )
})

test('fields that cannot be mapped stop the detector, and what is wrong with a rule is told whole', async () => {
  const port = open()
  cluster.mappingFails = 'an alias must refer to an existing field'
  const error = await refusal(port.rules!.put({ ref: 'new', body: body(), replaces: null }, never))
  assert.deepEqual([error.code, cluster.detectors.size], ['invalid', 0])
  assert.match(
    JSON.stringify(error.details['problems']),
    /an alias must refer to an existing field/,
  )
  const wrong = { ...body(), rule: 'title: x' }
  const told = await refusal(port.rules!.put({ ref: 'new', body: wrong, replaces: null }, never))
  assert.equal(told.code, 'invalid')
  assert.ok((told.details['problems'] as unknown[]).length > 0)
  const reader = await refusal(
    open('reader').rules!.put({ ref: 'new', body: body(), replaces: null }, never),
  )
  assert.equal(reader.code, 'forbidden')
})

test('a write whose answer is lost is not sent again', async () => {
  standin.faults.on({ method: 'POST', path: /\/rules$/ }, dropped('after'))
  const error = await refusal(
    open().rules!.put({ ref: 'new', body: body(), replaces: null }, never),
  )
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  assert.equal(cluster.rules.size, 1)
})

test('a list that moves while it is read is partial; retyped and new fields change nothing', async () => {
  const port = open()
  for (const fault of [retypedFields(), unknownFields()]) {
    cluster.rules.clear()
    cluster.detectors.clear()
    const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
    const bite = standin.faults.on({ path: '/rules/_search' }, fault)
    const { rules, completeness } = await port.rules!.list(never)
    assert.deepEqual([rules.length, completeness.kind], [1, 'complete'], fault.name)
    assert.deepEqual(drift(port, body(), rules[0]!.normalised), [], fault.name)
    assert.ok(made)
    bite.off()
  }
  for (let at = 0; at < 250; at++) {
    const rule = { id: `r${at}`, version: 1, category: 'windows', text: SIGMA(), updated: START }
    cluster.rules.set(rule.id, { ...rule, isPrepackaged: false })
  }
  assert.equal((await port.rules!.list(never)).rules.length, 251)
  standin.faults.on(
    { path: '/rules/_search', times: 1 },
    edited((value) => {
      cluster.rules.delete('r1')
      return value
    }),
  )
  assert.equal((await port.rules!.list(never)).completeness.kind, 'partial')
})

test('health is findings by rule and the error of a monitor; what is not told is unknown', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: 'new', body: body(), replaces: null }, never)
  const [detector] = cluster.detectors.keys()
  cluster.findings = Array.from({ length: 3 }, (_, at) => ({
    id: `f${at}`,
    detectorId: detector!,
    ruleIds: [made.ref],
    index: 'logs-web',
    at: addMs(START, -at * HOUR),
  }))
  cluster.monitorErrors.set(detector!, 'index not found')
  const { runs } = await port.health!.runs(
    { from: addMs(START, -90 * MINUTE), to: addMs(START, 1) },
    never,
  )
  assert.deepEqual(runs, [
    {
      ref: made.ref,
      ran: null,
      failed: null,
      skipped: null,
      alerts: 2,
      latencyMs: null,
      lagMs: null,
      lastRunAt: null,
      lastError: 'index not found',
    },
  ])
})
