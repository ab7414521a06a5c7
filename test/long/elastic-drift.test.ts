// A thousand rules written to a Kibana stand-in and read back: nothing that was written may seem to have
// drifted, and one field changed behind our back must.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import type { Throttle } from '#languages/rule-formats/write/rule.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { corpusQueries } from '#test/support/corpora.ts'
import { elasticWorld } from '#test/support/elastic.ts'

const RULES = 1_000
const OWN = [
  [
    'kuery',
    'process.name: (cmd.exe or "power shell.exe") and not user.name: S-1-5-*\r\n  and host: a  ',
  ],
  ['lucene', 'process.name:/cmd.*/ AND user.name:(a OR b)'],
  ['eql', 'sequence by host.id with maxspan=5m\n  [process where true]\n  [network where true]\n'],
  [
    'esql',
    'FROM logs-* METADATA _id\n| WHERE user.name == "Ünïcode ✓" // why\n| STATS n = COUNT(*) BY host.name',
  ],
] as const

const THROTTLE: Throttle = {
  mode: 'per_value',
  fields: ['user.name'],
  periodMs: HOUR,
  missing: null,
}

const { stack, open } = await elasticWorld()

/** What the product would write for a rule of many kinds; a vendor's own settings come in any form. */
function bodyOf(at: number, language: string, query: string): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const isPlain = language === 'kuery' || language === 'lucene'
  const type = isPlain
    ? pick('query', 'threshold', 'new_terms', 'query', 'indicator_match')
    : 'query'
  const written = writeRule('elastic', {
    title: `Rule ${at} “ü” / % ${pick('', '  two spaces', "it's")}`,
    description: pick(null, 'One line', 'Two\r\nlines  ', ' ends '),
    level: pick(null, 'informational', 'low', 'medium', 'high', 'critical'),
    author: pick(null, 'ada, ravi', ''),
    license: pick(null, 'DRL 1.1'),
    references: pick([], ['https://b.example', 'https://a.example']),
    tags: pick([], ['attack.t1003', 'attack.credential-access'], ['b', 'a', 'b']),
    falsepositives: pick([], ['Admins']),
    type,
    language,
    queries: [query],
    indexes: pick(['logs-*'], ['winlogbeat-*', 'logs-system*'], []),
    schedule: {
      everyMs: pick(null, 5 * MINUTE, HOUR, 90 * SECOND),
      cron: null,
      offsetMs: null,
      windowMs: null,
      timeField: pick('event', 'ingest'),
      mode: 'scheduled',
      neededMs: 0,
    },
    throttle: pick(null, THROTTLE, { ...THROTTLE, missing: 'pass', periodMs: 90 * MINUTE }),
    entities: pick([], [{ type: 'user', field: 'user.name' }]),
    output: { kind: pick('alert', 'building_block'), objects: [], message: null },
    details: {},
    titleTemplate: pick(null, '{{user.name}}'),
    drilldowns: [],
    threshold: null,
    settings: { ...pick<object>({}, SETTINGS), ...OF_TYPE[type] },
    sigma: null,
  })
  assert.deepEqual(
    written.problems.filter(({ severity }) => severity === 'error'),
    [],
  )
  return { ...written.value, enabled: pick<Json>(true, false) }
}

const OF_TYPE: Readonly<Record<string, object>> = {
  threshold: { threshold: { field: 'user.name', value: 5 } },
  new_terms: { new_terms_fields: ['user.name'], history_window_start: 'now-14d' },
  indicator_match: {
    threat_query: '@timestamp >= "now-30d"',
    threat_index: ['ti-b*', 'ti-a*'],
    threat_mapping: [{ entries: [{ field: 'a', value: 'b', type: 'mapping' }] }],
  },
}

const SETTINGS = {
  note: '## Triage\r\n\r\nLook.  ',
  setup: '',
  from: 'now-360s',
  actions: [
    {
      group: 'default',
      id: 'c1',
      action_type_id: '.email',
      params: { to: ['a@b.example'], subject: 's' },
    },
  ],
  exceptions_list: [
    { id: 'other-here', list_id: 'l1', type: 'detection', namespace_type: 'single' },
  ],
  required_fields: [{ name: 'user.name', type: 'keyword' }],
  related_integrations: [{ package: 'system', version: '^1.0.0' }],
  risk_score: 42,
  max_signals: 250,
}

test('a thousand rules written and read back show no drift, and a field changed behind us does', async () => {
  const published = ['kuery', 'eql', 'esql'].flatMap((language) =>
    corpusQueries(language).map(({ query }) => [language, query] as const),
  )
  const found = [...OWN, ...published]
  const { rules } = open()
  assert.ok(rules)
  const signal = new AbortController().signal
  const drifted = (body: RuleBody, seen: RuleBody) =>
    Object.entries(rules.normalise(body)).flatMap(([key, value]) => {
      const [wanted, stands] = [JSON.stringify(value), JSON.stringify(seen[key] ?? '')]
      return wanted === stands ? [] : [`${key}: ${wanted} ${stands}`]
    })
  const bodies = new Map(
    Array.from({ length: RULES }, (_, at) => {
      const [language, query] = found[at % found.length]!
      return [`rulewright-${at}`, bodyOf(at, language, query)]
    }),
  )
  const wrong: string[] = []
  for (const [ref, body] of bodies) {
    const seen = await rules.put({ ref, body, replaces: null }, signal)
    wrong.push(...drifted(body, seen.normalised))
    if (wrong.length > 0 || Number(ref.slice(-1)) % 4 !== 0) continue
    // The same again is no change.
    const again = await rules.put({ ref, body, replaces: seen }, signal)
    wrong.push(...drifted(body, again.normalised))
  }
  const listed = await rules.list(signal)
  assert.deepEqual([listed.rules.length, listed.completeness.kind], [RULES, 'complete'])
  for (const { ref, normalised } of listed.rules)
    wrong.push(...drifted(bodies.get(ref)!, normalised))
  assert.deepEqual(wrong.slice(0, 5), [])
  for (const rule of stack.rules) rule.body = { ...rule.body, max_signals: 7 }
  for (const { ref } of listed.rules.slice(0, 20)) {
    const now = await rules.read(ref, signal)
    assert.equal(drifted(bodies.get(ref)!, now!.normalised).length, 1, ref)
  }
})
