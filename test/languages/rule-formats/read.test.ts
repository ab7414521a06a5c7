import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { formatOf, readForeignFile, type Format } from '#languages/rule-formats/read.ts'
import { ruleFileOf } from '#languages/rule-formats/foreign.ts'
import { thoroughly } from '#test/support/thorough.ts'

function read(text: string, expected: Exclude<Format, 'rule_file'>) {
  assert.equal(formatOf(text), expected)
  const { rules, problems } = readForeignFile(text, expected)
  return { rules: rules.map((rule) => parse(rule.text, { version: '1.1' })), problems, raw: rules }
}

test('a stanza of savedsearches.conf becomes a native rule with every setting kept', () => {
  const { rules, problems, raw } = read(
    [
      '# exported',
      '[default]',
      'dispatch.ttl = 2p',
      '',
      '[Access - Whoami - Rule]',
      'search = index=win EventCode=4688 \\',
      '| stats count by host',
      'description = Somebody asks who they are',
      'cron_schedule = */5 * * * *',
      'alert.severity = 5',
      'action.correlationsearch.enabled = 1',
      'action.correlationsearch.label = Whoami',
      'action.correlationsearch.annotations = {"mitre_attack": ["T1033"]}',
      '',
      '[only a schedule]',
      'cron_schedule = 0 * * * *',
      'nonsense',
    ].join('\n'),
    'splunk',
  )
  assert.equal(raw[0]?.place, '[Access - Whoami - Rule]')
  assert.deepEqual(rules, [
    {
      title: 'Whoami',
      description: 'Somebody asks who they are',
      tags: ['attack.t1033'],
      level: 'high',
      rulewright: {
        schedule: { cron: '*/5 * * * *' },
        implementations: {
          splunk: {
            type: 'correlation',
            query: 'index=win EventCode=4688 \n| stats count by host',
            settings: {
              name: 'Access - Whoami - Rule',
              'dispatch.ttl': '2p',
              cron_schedule: '*/5 * * * *',
              'alert.severity': '5',
              'action.correlationsearch.enabled': '1',
              'action.correlationsearch.label': 'Whoami',
              'action.correlationsearch.annotations': '{"mitre_attack": ["T1033"]}',
            },
          },
        },
      },
    },
  ])
  assert.deepEqual(
    problems.map(({ code, line }) => [code, line]),
    [
      ['import/unreadable', 17],
      ['import/left-out', undefined],
    ],
  )
})

const PROPERTIES = {
  displayName: 'Whoami',
  description: 'Somebody asks who they are',
  severity: 'High',
  enabled: true,
  query: 'SecurityEvent\n| where Process == "whoami.exe"',
  queryFrequency: 'PT1H',
  queryPeriod: 'P1DT2H',
  triggerOperator: 'GreaterThan',
  triggerThreshold: 0,
  tactics: ['DefenseEvasion', 'Discovery'],
  techniques: ['T1033'],
  entityMappings: [
    { entityType: 'Account', fieldMappings: [{ identifier: 'Name', columnName: 'User' }] },
  ],
}
const UUID = '2f4a3c5e-1b2c-4d5e-8f90-a1b2c3d4e5f6'
const EXPECTED = {
  title: 'Whoami',
  id: UUID,
  description: 'Somebody asks who they are',
  tags: ['attack.defense-evasion', 'attack.discovery', 'attack.t1033'],
  level: 'high',
}

test('a template of analytics rules becomes native rules; other resources are named', () => {
  const template = {
    resources: [
      {
        name: `[concat(parameters('workspace'),'/Microsoft.SecurityInsights/${UUID}')]`,
        type: 'Microsoft.OperationalInsights/workspaces/providers/alertRules',
        kind: 'Scheduled',
        properties: PROPERTIES,
      },
      { type: 'Microsoft.Insights/workbooks', properties: {} },
      { type: 'x/alertRules', kind: 'Fusion', properties: { enabled: true } },
    ],
  }
  const { rules, problems } = read(JSON.stringify(template, null, 2), 'sentinel')
  const { rulewright, ...head } = rules[0] as Record<string, never>
  assert.deepEqual(head, EXPECTED)
  const { query, displayName: _, description: __, ...settings } = PROPERTIES
  assert.deepEqual(rulewright, {
    schedule: { every: '1h', window: '26h' },
    entities: [{ type: 'user', field: 'User' }],
    implementations: {
      sentinel: { type: 'query', query, settings: { kind: 'Scheduled', ...settings } },
    },
  })
  assert.equal(rules.length, 1)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['import/left-out', 'import/left-out'],
  )
})

test('an analytics rule in YAML is read like one of a template', () => {
  const { displayName, ...rest } = PROPERTIES
  const text = [
    `id: ${UUID}`,
    `name: ${displayName}`,
    ...Object.entries({ ...rest, queryFrequency: '1h', queryPeriod: '26h', kind: 'Scheduled' }).map(
      ([key, value]) => `${key}: ${JSON.stringify(value)}`,
    ),
  ].join('\n')
  const { rules } = read(text, 'sentinel')
  const { rulewright, ...head } = rules[0] as Record<string, Record<string, unknown>>
  assert.deepEqual(head, EXPECTED)
  assert.deepEqual(rulewright?.['schedule'], { every: '1h', window: '26h' })
})

test('exported rules of Kibana become native rules; exceptions and the summary are left out', () => {
  const rule = {
    rule_id: UUID,
    name: 'Whoami',
    type: 'threshold',
    language: 'kuery',
    query: 'process.name : "whoami.exe"',
    index: ['logs-*'],
    severity: 'high',
    risk_score: 73,
    interval: '5m',
    from: 'now-9m',
    author: ['Ada', 'Ravi'],
    threat: [
      {
        tactic: { name: 'Discovery' },
        technique: [{ id: 'T1033', subtechnique: [{ id: 'T1033.001' }] }],
      },
    ],
    threshold: { field: ['host.name'], value: 3 },
  }
  const lines = [
    rule,
    { list_id: 'a', item_id: 'b', name: 'x', type: 'simple' },
    { exported_count: 2 },
  ]
  const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{ broken`
  const { rules, problems } = read(text, 'kibana')
  const { name: _, query, ...settings } = rule
  assert.deepEqual(rules, [
    {
      title: 'Whoami',
      id: UUID,
      author: 'Ada, Ravi',
      tags: ['attack.discovery', 'attack.t1033', 'attack.t1033.001'],
      level: 'high',
      rulewright: {
        schedule: { every: '5m', window: '9m' },
        implementations: { elastic: { type: 'threshold', query, settings } },
      },
    },
  ])
  assert.deepEqual(
    problems.map(({ code, line }) => [code, line]),
    [
      ['import/left-out', undefined],
      ['import/unreadable', 4],
    ],
  )
})

test('what is none of these is a rule file, and broken ones are said to be broken', () => {
  assert.equal(formatOf('title: x\ndetection: {a: {b: c}, condition: a}\n'), 'rule_file')
  assert.equal(formatOf(''), 'rule_file')
  for (const text of ['{"resources": [', '[{']) {
    assert.equal(formatOf(text), 'sentinel')
    assert.equal(readForeignFile(text, 'sentinel').problems[0]?.code, 'import/unreadable')
  }
})

test('any query and setting survives its rule file', () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.integer(), fc.boolean())
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.dictionary(fc.string(), value), (query, values) => {
      const settings = { ...values, always: 'yes' }
      const text = ruleFileOf({ title: 'no', kind: 'splunk', type: 'query', query, settings })
      const { splunk } = parse(text, { version: '1.1' }).rulewright.implementations
      assert.deepEqual(splunk, { type: 'query', query, settings })
    }),
    { numRuns: thoroughly(25, 200) },
  )
})
