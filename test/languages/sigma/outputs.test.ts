// Queries as the files that vendors import, held against the vendors' own schemas where those are there.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Ajv } from 'ajv'
import { collect } from '#languages/sigma/collection.ts'
import { convertCorrelation, convertRule } from '#languages/sigma/convert.ts'
import { armTemplate } from '#languages/sigma/outputs/arm.ts'
import { kibanaRules } from '#languages/sigma/outputs/kibana.ts'
import { outputsOf, type Output } from '#languages/sigma/outputs/output.ts'
import { savedSearches } from '#languages/sigma/outputs/saved-searches.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { Backend } from '#languages/sigma/names.ts'

const RULE = `title: '[Test] whoami'
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: test
level: high
description: |
  First line.
  Second line.
author: Ada, Ravi
references: [https://example.org/a]
falsepositives: [Administrators]
tags: [attack.execution, attack.t1059.001, attack.t1086, attack.t9999, tlp.clear]
logsource: {category: process_creation, product: windows}
detection: {s: {Image|endswith: '\\whoami.exe', CommandLine|re: 'x$'}, condition: s}
`

function outputs(text: string, backend: Backend, ...pipelines: readonly string[]): Output[] {
  const parsed = parseSigma(text)
  assert.deepEqual(parsed.problems, [])
  const rule = parsed.documents[0] as SigmaRule
  const { queries, problems, indexes } = convertRule(
    rule,
    backend,
    pipelines.map((name) => builtinPipeline(name)!),
  )
  assert.deepEqual(problems, [])
  return [...outputsOf(rule, queries, indexes ?? [])]
}

const specs = path.resolve(import.meta.dirname, '../../../../shared/specs')

function readSpec(name: string): Record<string, unknown> | undefined {
  const file = path.join(specs, name)
  if (!existsSync(file)) return undefined
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
}

void test('a stanza of savedsearches.conf holds the whole search and its schedule', () => {
  const { text } = savedSearches(outputs(RULE, 'spl', 'rw_splunk'))
  assert.equal(
    text,
    `[Test whoami]
description = First line. \\
Second line.
search = source IN ("WinEventLog:Microsoft-Windows-Sysmon/Operational", "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational") EventCode=1 Image="*\\\\whoami.exe" \\
| regex CommandLine="x$"
enableSched = 1
cron_schedule = 0 * * * *
counttype = number of events
relation = greater than
quantity = 0
alert.track = 1
dispatch.latest_time = @m
alert.severity = 5
dispatch.earliest_time = -70m@m`,
  )
  const spec = readSpec('splunk/saved-searches-fields.json')
  if (spec === undefined) return
  const known = spec['fields'] as Record<string, unknown>
  const keys = [...text.matchAll(/^([\w.]+) = /gm)].map(([, key]) => key!)
  const unknown = keys.filter((key) => !Object.hasOwn(known, key))
  // The file's names, which the wire spells otherwise.
  assert.deepEqual(unknown, ['enableSched', 'counttype', 'relation', 'quantity'])
})

void test('a schedule of the rule itself is kept, a correlation sees its timespan', () => {
  const own = `${RULE}rulewright: {schedule: {every: 7m, window: 9m}}\n`
  const { text } = savedSearches(outputs(own, 'spl'))
  assert.match(text, /^cron_schedule = \*\/6 \* \* \* \*$/m)
  assert.match(text, /^dispatch\.earliest_time = -9m@m$/m)
  const daily = savedSearches(outputs(`${RULE}rulewright: {schedule: {every: 3d}}\n`, 'spl'))
  assert.match(daily.text, /^cron_schedule = 0 0 \* \* \*$/m)
  const correlation = `${RULE}name: one
---
title: Many
correlation: {type: event_count, rules: [one], group-by: [User], timespan: 6h, condition: {gte: 10}}
`
  const [resolved] = collect(parseSigma(correlation).documents).correlations
  const { queries } = convertCorrelation(resolved!, 'kusto')
  const [output] = outputsOf(resolved!.correlation, queries, [])
  assert.equal(output!.schedule.windowMs, 7 * 3_600_000)
})

void test('an ARM template is what Sentinel takes for a scheduled rule', () => {
  const template = JSON.parse(armTemplate(outputs(RULE, 'kusto', 'rw_sentinel')).text) as {
    resources: { name: string; kind: string; properties: Record<string, unknown> }[]
  }
  const [resource] = template.resources
  assert.match(resource!.name, /SecurityInsights\/80167ada-7a12-41ed-b8e9-aa47195c66a1'\)\]$/)
  const { query, description, ...rest } = resource!.properties
  assert.match(query as string, /^WindowsEvent\n\| where /)
  assert.match(description as string, /Second line/)
  assert.deepEqual(rest, {
    displayName: '[[Test] whoami',
    severity: 'High',
    enabled: true,
    queryFrequency: 'PT1H',
    queryPeriod: 'PT70M',
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionDuration: 'PT5H',
    suppressionEnabled: false,
    tactics: ['Execution'],
    techniques: ['T1059'],
  })
  const spec = readSpec('azure/securityinsights-2025-09-01.schema.json')
  if (spec === undefined) return
  const ajv = new Ajv2020({ strict: false })
  const validate = ajv.compile({ $defs: spec['$defs'], $ref: '#/$defs/ScheduledAlertRule_61' })
  const { kind, properties } = resource!
  assert.ok(validate({ kind, properties }), JSON.stringify(validate.errors))
})

void test('a line of Kibana is a rule of its schema, in all three languages', () => {
  const lucene = kibanaRules(outputs(RULE, 'lucene', 'rw_elastic'), 'lucene')
  const rule = JSON.parse(lucene.text) as Record<string, unknown>
  assert.deepEqual(rule['index'], ['logs-windows.sysmon_operational-*', 'winlogbeat-*'])
  assert.deepEqual(rule['author'], ['Ada', 'Ravi'])
  assert.deepEqual(rule['threat'], [
    {
      framework: 'MITRE ATT&CK',
      tactic: {
        id: 'TA0002',
        name: 'Execution',
        reference: 'https://attack.mitre.org/tactics/TA0002/',
      },
      technique: [
        {
          id: 'T1059',
          name: 'Command and Scripting Interpreter',
          reference: 'https://attack.mitre.org/techniques/T1059/',
          subtechnique: [
            {
              id: 'T1059.001',
              name: 'PowerShell',
              reference: 'https://attack.mitre.org/techniques/T1059/001/',
            },
          ],
        },
      ],
    },
  ])
  for (const [backend, type] of [
    ['lucene', 'query'],
    ['eql', 'eql'],
    ['esql', 'esql'],
  ] as const) {
    const made = JSON.parse(kibanaRules(outputs(RULE, backend, 'rw_elastic'), backend).text) as {
      index?: unknown
    }
    assert.equal('index' in made, backend !== 'esql')
    for (const version of ['8.17', '9.5']) {
      const schema = readSpec(`kibana/rule-schemas/${version}/${type}.json`)
      if (schema === undefined) continue
      // Written for an earlier draft; nothing in it means something else in this one.
      const { $schema: _draft, ...current } = schema
      const validate = new Ajv({ strict: false }).compile(current)
      const { enabled: _enabled, ...known } = made as Record<string, unknown>
      const isKnown = Object.hasOwn(schema['properties'] as object, 'enabled')
      assert.ok(validate(isKnown ? made : known), JSON.stringify(validate.errors))
    }
  }
})

void test('each query of several conditions has a name and an id of its own, the same every time', () => {
  const two = RULE.replace('condition: s}', 'condition: [s, not s]}')
  const [first, second] = outputs(two, 'kusto')
  assert.equal(first!.uuid, '80167ada-7a12-41ed-b8e9-aa47195c66a1')
  assert.equal(second!.title, '[Test] whoami (2)')
  assert.match(second!.uuid, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
  assert.equal(outputs(two, 'kusto')[1]!.uuid, second!.uuid)
})
