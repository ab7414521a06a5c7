// A thousand custom detections written to a stand-in of Microsoft Graph and read back, changed and read
// back: nothing that was written may seem to have drifted, whatever Graph makes of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleBody } from '#domain/targets/port.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { defenderWorld } from '#test/support/defender.ts'

const { tenant, open } = await defenderWorld()

/** Of a rule that was there before us, with what only its owner knows. */
const ADOPTED: RuleBody = {
  alertTemplate: {
    title: 'As it was',
    description: 'Written in the portal.',
    severity: 'Medium',
    category: 'Malware',
    recommendedActions: null,
    mitreTechniques: ['T1059', 'T1033'],
    impactedAssets: [],
  },
  organizationalScope: { scopeType: 'deviceGroup', scopeNames: ['Paris', 'Oslo'] },
  responseActions: [
    {
      '@odata.type': '#microsoft.graph.security.isolateDeviceResponseAction',
      isolationType: 'full',
      identifier: 'deviceId',
    },
  ],
}

function bodyOf(at: number): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const end = pick('', '\n', '\r\n', '  \n\n')
  const written = writeRule('defender', {
    title: `Rule ${at} “ü”`,
    description: pick(null, `What it finds.\r\nIn words, ${at}.`),
    level: pick(null, 'informational', 'low', 'medium', 'high', 'critical'),
    author: null,
    license: null,
    references: [],
    tags: pick([], ['attack.t1033', 'attack.discovery'], ['attack.t1059.001', 'attack.t1003']),
    falsepositives: [],
    type: 'query',
    language: null,
    queries: [`DeviceProcessEvents\r\n| where ProcessId == ${at}${end}`],
    indexes: [],
    schedule: {
      everyMs: pick(null, HOUR, 3 * HOUR, 12 * HOUR, DAY),
      cron: null,
      offsetMs: null,
      windowMs: null,
      timeField: 'event',
      mode: pick('scheduled', 'scheduled', 'near-real-time'),
      neededMs: 0,
    },
    throttle: null,
    entities: pick(
      [],
      [{ type: 'user', field: 'AccountName' }],
      [
        { type: 'user', field: 'AccountUpn' },
        { type: 'host', field: 'DeviceName' },
      ],
    ),
    output: { kind: 'alert', objects: [], message: null },
    details: {},
    titleTemplate: pick(null, 'On {{DeviceName}}'),
    drilldowns: [],
    threshold: null,
    settings: pick<RuleBody>({}, {}, { detectionAction: ADOPTED }),
    sigma: null,
  })
  assert.ok(written.value, JSON.stringify(written.problems))
  return written.value
}

for (const [spelling, count] of [
  ['period', 1_000],
  ['frequency', 60],
] as const) {
  test(`${count} rules written and read back show no drift, with schedules by ${spelling}`, async () => {
    tenant.schedules = spelling
    const { rules } = open()
    assert.ok(rules)
    const signal = new AbortController().signal
    const bodies = new Map<string, RuleBody>()
    const wrong: string[] = []
    const compare = (body: RuleBody, seen: RuleBody) => {
      for (const [key, value] of Object.entries(rules.normalise(body))) {
        const [wanted, found] = [JSON.stringify(value), JSON.stringify(seen[key] ?? '')]
        if (wanted !== found) wrong.push(`${key}: ${wanted} ${found}`)
      }
    }
    for (let at = 0; at < count; at++) {
      const body = bodyOf(at)
      const seen = await rules.put({ ref: '', body, replaces: null }, signal)
      bodies.set(seen.ref, body)
      compare(body, seen.normalised)
    }
    const listed = await rules.list(signal)
    assert.deepEqual([listed.rules.length, listed.completeness.kind], [count, 'complete'])
    for (const { ref, normalised } of listed.rules) compare(bodies.get(ref)!, normalised)
    assert.deepEqual(wrong.slice(0, 5), [])
    const [first] = listed.rules
    const title = { detectionAction: { alertTemplate: { title: 'Somebody was here' } } }
    const changed = await rules.put({ ref: first!.ref, body: title, replaces: first! }, signal)
    compare(bodies.get(first!.ref)!, changed.normalised)
    assert.deepEqual(
      wrong.map((line) => line.split(':')[0]),
      ['detectionAction/alertTemplate/title'],
      'and what did change is seen',
    )
  })
}
