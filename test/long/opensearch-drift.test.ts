// A thousand rules written to an OpenSearch stand-in with their detectors and read back: nothing that was
// written may seem to have drifted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleBody } from '#domain/targets/port.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { opensearchWorld } from '#test/support/opensearch.ts'

const RULES = 1_000
const { cluster, open } = await opensearchWorld()

function bodyOf(at: number): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const level = pick('low', 'medium', 'high', 'critical')
  const product = pick('windows', 'linux', 'okta')
  const end = pick('', '\n', '\r\n', '\n\n')
  const text = `title: Rule ${at} “ü”\nstatus: test\nlogsource:\n  product: ${product}\ndetection:\n  selection:\n    EventID: ${at}\n  condition: selection\nlevel: ${level}${end}`
  const written = writeRule('opensearch', {
    title: `Rule ${at} “ü”`,
    description: null,
    level,
    author: null,
    license: null,
    references: [],
    tags: [],
    falsepositives: [],
    type: 'query',
    language: null,
    queries: [],
    indexes: [],
    schedule: {
      everyMs: pick(null, 5 * MINUTE, HOUR),
      cron: null,
      offsetMs: null,
      windowMs: null,
      timeField: 'event',
      mode: 'scheduled',
      neededMs: 0,
    },
    throttle: null,
    entities: [],
    output: { kind: 'alert', objects: [], message: null },
    details: {},
    titleTemplate: null,
    drilldowns: [],
    threshold: null,
    settings: {},
    sigma: { text, kind: 'rule', others: [], product },
  })
  assert.ok(written.value, JSON.stringify(written.problems))
  return written.value
}

test('a thousand rules written with their detectors and read back show no drift', async () => {
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
  for (let at = 0; at < RULES; at++) {
    const body = bodyOf(at)
    const seen = await rules.put({ ref: '', body, replaces: null }, signal)
    bodies.set(seen.ref, body)
    compare(body, seen.normalised)
  }
  const listed = await rules.list(signal)
  assert.deepEqual([listed.rules.length, listed.completeness.kind], [RULES, 'complete'])
  for (const { ref, normalised } of listed.rules) compare(bodies.get(ref)!, normalised)
  assert.deepEqual(wrong.slice(0, 5), [])
  assert.ok(cluster.detectors.size <= 9, 'one detector for a log type and a schedule')
})
