// What would be written at each kind of place: whole bodies, what a place cannot say, what settings and
// overlays change, and that a rule read from a vendor is written back as it was.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import { renderWhole } from '#domain/rules/renders/task.ts'
import { contentHash } from '#kernel/hash.ts'
import { readForeignFile } from '#languages/rule-formats/read.ts'

const WHOAMI = `title: Whoami as system
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
description: Somebody asks who they are.
level: high
author: Ada
tags: [attack.discovery, attack.t1033]
logsource: {category: process_creation, product: windows}
detection: {sel: {Image|endswith: '\\whoami.exe'}, condition: sel}
`

function bodiesOf(text: string) {
  return renderWhole({ text, sources: [], filters: [], renderer: 'test' }).bodies
}

function bodyOf(text: string, kind: Kind, overlay: string | null = null) {
  const found = bodiesOf(text).find((one) => one.kind === kind && one.overlay === overlay)
  assert.ok(found, `no body for ${kind}`)
  return found
}

/** The whole body; there must be one. */
function written(text: string, kind: Kind, overlay: string | null = null) {
  const { body, problems } = bodyOf(text, kind, overlay)
  assert.ok(body, JSON.stringify(problems))
  return body as Record<string, unknown>
}

const ours = (parts: string) => `${WHOAMI}rulewright:\n${parts.replaceAll(/^/gm, '  ')}\n`

const specs = path.resolve(import.meta.dirname, '../../../../shared/specs')

function readSpec(name: string): Record<string, unknown> | undefined {
  const file = path.join(specs, name)
  if (!existsSync(file)) return undefined
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
}

const RICH = ours(`schedule: {every: 15m, window: 20m}
entities: [{type: user, field: User}, {type: host, field: ComputerName}]
throttle: {period: 1h, mode: all}`)

test('Splunk is given a saved search, and a correlation search when the rule asks for one', () => {
  const plain = written(
    ours('schedule: {every: 15m, window: 20m}\nthrottle: {period: 1h}'),
    'splunk',
  )
  const { search, ...rest } = plain
  assert.match(search as string, /EventCode=1 Image="\*\\\\whoami\.exe"$/)
  assert.deepEqual(rest, {
    description: 'Somebody asks who they are.',
    disabled: '0',
    is_scheduled: '1',
    cron_schedule: '*/15 * * * *',
    'dispatch.earliest_time': '-20m@m',
    'dispatch.latest_time': '@m',
    alert_type: 'number of events',
    alert_comparator: 'greater than',
    alert_threshold: '0',
    'alert.track': '1',
    'alert.severity': '5',
    'alert.suppress': '1',
    'alert.suppress.period': '3600s',
  })
  const known = readSpec('splunk/saved-searches-fields.json')?.['fields'] as object | undefined
  if (known)
    assert.deepEqual(
      Object.keys(plain).filter((key) => !Object.hasOwn(known, key)),
      [],
    )
  const security = written(
    `${RICH}  titleTemplate: 'Whoami by {{User}}'\n  implementations: {splunk: {type: correlation}}\n`,
    'splunk',
  )
  const own = Object.entries(security).filter(([key]) => key.startsWith('action'))
  assert.deepEqual(Object.fromEntries(own), {
    actions: 'notable',
    'action.correlationsearch.enabled': '1',
    'action.correlationsearch.label': 'Whoami as system',
    'action.correlationsearch.annotations': '{"mitre_attack":["T1033"]}',
    'action.notable': '1',
    'action.notable.param.rule_title': 'Whoami by $User$',
    'action.notable.param.rule_description': 'Somebody asks who they are.',
    'action.notable.param.security_domain': 'threat',
    'action.notable.param.severity': 'high',
    'action.notable.param.nes_fields': 'User,ComputerName',
  })
  const risk = written(
    ours(
      `output: {kind: risk, message: 'who is {{User}}', objects: [{type: user, field: User, score: 40}]}`,
    ),
    'splunk',
  )
  assert.equal(
    risk['action.risk.param._risk'],
    '[{"risk_object_field":"User","risk_object_type":"user","risk_score":40}]',
  )
  assert.equal(risk['action.risk.param._risk_message'], 'who is $User$')
})

test('Sentinel is given a scheduled rule that its schema takes, with fields by their columns', () => {
  const body = written(RICH, 'sentinel')
  const { query, entityMappings, ...rest } = body['properties'] as Record<string, unknown>
  assert.match(query as string, /whoami\.exe/)
  assert.deepEqual(rest, {
    displayName: 'Whoami as system',
    description: 'Somebody asks who they are.',
    severity: 'High',
    enabled: true,
    queryFrequency: 'PT15M',
    queryPeriod: 'PT20M',
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionEnabled: true,
    suppressionDuration: 'PT1H',
    tactics: ['Discovery'],
    techniques: ['T1033'],
  })
  const types = (entityMappings as { entityType: string }[]).map(({ entityType }) => entityType)
  assert.deepEqual(types, ['Account', 'Host'])
  const spec = readSpec('azure/securityinsights-2025-09-01.schema.json')
  if (spec) {
    const validate = new Ajv2020({ strict: false }).compile({
      $defs: spec['$defs'],
      $ref: '#/$defs/ScheduledAlertRule_61',
    })
    assert.ok(validate(body), JSON.stringify(validate.errors))
  }
  const near = written(ours('schedule: {mode: near-real-time}'), 'sentinel')
  assert.equal(near['kind'], 'NRT')
  assert.ok(!('queryFrequency' in (near['properties'] as object)))
})

test('Defender is given a detection whose rhythm and assets it knows', () => {
  const parts = 'schedule: {every: 3h}\nentities: [{type: host, field: DeviceName}]'
  const { queryCondition, ...rest } = written(ours(parts), 'defender')
  assert.match((queryCondition as { queryText: string }).queryText, /^DeviceProcessEvents/)
  assert.deepEqual(rest, {
    displayName: 'Whoami as system',
    isEnabled: true,
    schedule: { period: '3H' },
    detectionAction: {
      alertTemplate: {
        title: 'Whoami as system',
        description: 'Somebody asks who they are.',
        severity: 'high',
        category: 'Discovery',
        mitreTechniques: ['T1033'],
        impactedAssets: [
          {
            '@odata.type': '#microsoft.graph.security.impactedDeviceAsset',
            identifier: 'deviceName',
          },
        ],
      },
      responseActions: [],
    },
  })
})

test('Elastic is given a rule of its schemas, with suppression and without an index for ES|QL', () => {
  const parts = `schedule: {every: 5m, window: 9m, timeField: ingest}
throttle: {period: 90m, fields: [User], missing: pass}
entities: [{type: user, field: User}]`
  const body = written(ours(parts), 'elastic')
  assert.deepEqual(
    [body['type'], body['interval'], body['from'], body['severity'], body['risk_score']],
    ['esql', '5m', 'now-9m', 'high', 73],
  )
  assert.ok(!('index' in body))
  assert.equal(body['timestamp_override'], 'event.ingested')
  assert.deepEqual(body['alert_suppression'], {
    group_by: ['user.name'],
    duration: { value: 90, unit: 'm' },
    missing_fields_strategy: 'doNotSuppress',
  })
  assert.deepEqual(body['investigation_fields'], { field_names: ['user.name'] })
  for (const version of ['8.17', '9.5']) {
    const schema = readSpec(`kibana/rule-schemas/${version}/esql.json`)
    if (!schema) continue
    const { $schema: _draft, ...current } = schema
    const validate = new Ajv({ strict: false }).compile(current)
    const known = Object.entries(body).filter(([key]) =>
      Object.hasOwn(current['properties'] as object, key),
    )
    assert.ok(
      validate({ rule_id: '80167ada-7a12-41ed-b8e9-aa47195c66a1', ...Object.fromEntries(known) }),
      JSON.stringify(validate.errors),
    )
  }
  const block = written(ours('output: building_block'), 'elastic')
  assert.equal(block['building_block_type'], 'default')
})

test('OpenSearch is given the Sigma document alone, and the local place all that the rule says', () => {
  const text = ours('# a note\nowner: ada@acme.example\nschedule: {every: 5m}')
  const { rule, category, detector } = written(text, 'opensearch')
  assert.equal(rule, WHOAMI)
  assert.equal(category, 'windows')
  assert.deepEqual((detector as { schedule: object }).schedule, {
    period: { interval: 5, unit: 'MINUTES' },
  })
  const local = written(
    ours('schedule: {cron: "7 * * * *", window: 2h}\nthrottle: {period: 1d}'),
    'local',
  )
  assert.deepEqual(local['schedule'], {
    cron: '7 * * * *',
    window: '2h',
    timeField: 'event',
    mode: 'scheduled',
  })
  assert.deepEqual(local['throttle'], { mode: 'all', fields: [], period: '1d' })
})

const REFUSED: readonly (readonly [kind: Kind, parts: string, message: RegExp])[] = [
  ['splunk', 'schedule: {every: 7m}', /no cron for every 7 minutes/],
  ['splunk', 'schedule: {every: 2d}', /no cron for every 2880 minutes/],
  ['splunk', 'schedule: {every: 30s}', /no cron/],
  ['splunk', 'schedule: {every: 5m, offset: 10m}', /5 minutes, 10 minutes later/],
  ['splunk', 'schedule: {mode: near-real-time}', /no near-real-time rules/],
  ['splunk', 'schedule: {timeField: ingest}', /time of events/],
  ['splunk', 'output: building_block', /no output of the kind building block/],
  ['splunk', 'entities: [{type: host, field: x}]', /no entities in a plain alert/],
  ['splunk', 'output: risk', /the rule names none/],
  ['splunk', 'throttle: {period: 1h, mode: per_value}', /none is named/],
  ['sentinel', 'schedule: {cron: "*/5 * * * *"}', /no cron/],
  ['sentinel', 'schedule: {every: 1m}', /from 5 minutes to 14 days/],
  ['sentinel', 'schedule: {every: 1d, window: 30d}', /looks back in whole minutes/],
  ['sentinel', 'schedule: {every: 1h, window: 30m}', /at least as far/],
  ['sentinel', 'schedule: {every: 5m, window: 3d}', /at most every hour/],
  ['sentinel', 'schedule: {mode: continuous}', /fills no gaps/],
  ['sentinel', 'throttle: {period: 1h, fields: [User]}', /not single values/],
  ['sentinel', 'throttle: {period: 2d}', /5 minutes to 24 hours/],
  ['sentinel', 'output: risk', /no output of the kind risk/],
  ['sentinel', 'entities: [{type: planet, field: x}]', /no entity of the type planet/],
  [
    'sentinel',
    `entities: [${Array.from({ length: 11 }, (_, at) => `{type: ip, field: f${at}}`).join(', ')}]`,
    /at most 10 entities/,
  ],
  ['defender', 'schedule: {every: 5m}', /every 1, 3, 12 or 24 hours/],
  ['defender', 'schedule: {every: 1h, window: 5h}', /4 hours/],
  ['defender', 'throttle: {period: 1h}', /holds no alerts back/],
  ['defender', 'entities: [{type: ip, field: RemoteIP}]', /no ip/],
  ['elastic', 'schedule: {cron: "0 * * * *"}', /no cron/],
  ['elastic', 'schedule: {every: 5m, offset: 1m}', /no offset/],
  ['elastic', 'throttle: {period: 1h}', /values of fields/],
  ['elastic', 'throttle: {period: 1h, fields: [a], missing: separate}', /no group of each event/],
  ['elastic', 'output: report', /no output of the kind report/],
  ['opensearch', 'throttle: {period: 1h}', /not findings/],
  ['opensearch', 'schedule: {cron: "0 * * * *"}', /no cron/],
]

for (const [kind, parts, message] of REFUSED) {
  test(`${kind} refuses ${parts.slice(0, 60)}`, () => {
    const { body, bodyHash, problems } = bodyOf(ours(parts), kind)
    assert.deepEqual([body, bodyHash], [null, null])
    const told = problems.filter(({ severity }) => severity === 'error')
    assert.ok(
      told.some((one) => message.test(one.message)),
      JSON.stringify(told),
    )
    assert.ok(told.every(({ code }) => code.startsWith('body/')))
  })
}

const CRONS: readonly (readonly [schedule: string, cron: string])[] = [
  ['every: 1m', '* * * * *'],
  ['every: 5m', '*/5 * * * *'],
  ['every: 5m, offset: 2m', '2-59/5 * * * *'],
  ['every: 1h', '0 * * * *'],
  ['every: 60m, offset: 10m', '10 * * * *'],
  ['every: 4h, offset: 90m', '30 1-23/4 * * *'],
  ['every: 1d, offset: 3h', '0 3 * * *'],
  ['every: 1w, offset: 30h', '0 6 * * 1'],
  ['cron: 3 4 * * 5', '3 4 * * 5'],
]

for (const [schedule, cron] of CRONS) {
  test(`Splunk runs {${schedule}} at ${cron}`, () => {
    assert.equal(written(ours(`schedule: {${schedule}}`), 'splunk')['cron_schedule'], cron)
  })
}

test('settings stand over what is usual, and below what the rule says, which is told', () => {
  const settings = ours(`schedule: {every: 1h}
implementations:
  sentinel:
    settings:
      queryFrequency: PT60M
      suppressionDuration: PT6H
      severity: Low
      somethingNew: {kept: [1, 2]}`)
  const { body, problems } = bodyOf(settings, 'sentinel')
  const properties = body!['properties'] as Record<string, unknown>
  assert.equal(properties['queryFrequency'], 'PT60M', 'the same in other words stays as written')
  assert.equal(properties['suppressionDuration'], 'PT6H')
  assert.deepEqual(properties['somethingNew'], { kept: [1, 2] })
  assert.equal(properties['severity'], 'High')
  assert.deepEqual(
    problems.map(({ code, message }) => [code, message]),
    [
      [
        'body/conflict',
        'Sentinel is given what the rule says for properties.severity ("High"); its settings say "Low".',
      ],
    ],
  )
})

test('an overlay changes what is written at its target alone', () => {
  const text = ours(`schedule: {every: 5m, window: 7m}
implementations:
  splunk: {query: 'index=\${index.windows} \${IFS} whoami'}
overlays:
  splunk-london:
    parameters: {index.windows: wineventlog_ldn}
    threshold: 3
    level: critical
    schedule: {every: 1h}
    settings: {alert.expires: 48h}
  elsewhere: {level: low}`)
  const usual = bodyOf(text, 'splunk')
  assert.equal(usual.body, null)
  assert.match(usual.problems[0]!.message, /needs the parameter index\.windows/)
  const london = bodyOf(text, 'splunk', 'splunk-london')
  const fields = london.body as Record<string, string>
  assert.equal(fields['search'], 'index=wineventlog_ldn ${IFS} whoami')
  assert.deepEqual(
    [
      'alert_threshold',
      'alert.severity',
      'cron_schedule',
      'dispatch.earliest_time',
      'alert.expires',
    ].map((key) => fields[key]),
    ['2', '6', '0 * * * *', '-70m@m', '48h'],
  )
  assert.equal(london.bodyHash, contentHash(london.body))
  assert.equal(bodiesOf(text).filter(({ overlay }) => overlay !== null).length, 1)
})

test('a target is known by its name, and gives queries their parameters', () => {
  const text = ours(`implementations:
  splunk: {query: 'index=\${index.windows} whoami'}
overlays:
  London: {level: low}`)
  const parameters = { 'index.windows': 'ldn' }
  const targets = [
    { name: 'London', kind: 'splunk', parameters, mapping: null },
    { name: 'Paris', kind: 'splunk', parameters: { 'index.windows': 'par' }, mapping: null },
    { name: 'Rome', kind: 'sentinel', parameters, mapping: null },
  ] as const
  const { bodies } = renderWhole({ text, sources: [], filters: [], targets, renderer: 'test' })
  const told = bodies
    .filter(({ overlay }) => overlay !== null)
    .map(({ kind, overlay, body }) => [kind, overlay, body?.['search'], body?.['alert.severity']])
  assert.deepEqual(told, [
    ['splunk', 'London', 'index=ldn whoami', '3'],
    ['splunk', 'Paris', 'index=par whoami', '5'],
  ])
})

const STANZA = `[Whoami]
action.correlationsearch.enabled = 1
action.correlationsearch.label = Whoami
action.correlationsearch.annotations = {"mitre_attack":["T1033"], "cis20": ["CIS 3"]}
action.notable = 1
action.notable.param.severity = high
alert.severity = 5
alert.suppress = 1
alert.suppress.fields = user, dest
alert.suppress.period = 86400s
alert.digest_mode = 0
counttype = number of events
cron_schedule = 5 * * * *
description = Somebody asks.
dispatch.earliest_time = -70m@m
dispatch.latest_time = -10m@m
enableSched = 1
relation = greater than
quantity = 0
search = index=win whoami
`

test('a rule read from a vendor is written back as it was, and a change shows alone', () => {
  const [splunk] = readForeignFile(STANZA, 'splunk').rules
  const body = written(splunk!.text, 'splunk')
  const names = {
    counttype: 'alert_type',
    enableSched: 'is_scheduled',
    relation: 'alert_comparator',
  }
  const expected = Object.fromEntries(
    STANZA.trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ = (.*)/))
      .map(([key, value]) => [
        { ...names, quantity: 'alert_threshold' }[key as keyof typeof names] ?? key!,
        value!,
      ]),
  )
  assert.deepEqual(body, expected)
  assert.deepEqual(bodyOf(splunk!.text, 'splunk').problems, [])
  const louder = written(splunk!.text.replace('level: high', 'level: critical'), 'splunk')
  const changed = Object.keys(louder).filter((key) => louder[key] !== body[key])
  assert.deepEqual(changed.toSorted(), ['action.notable.param.severity', 'alert.severity'])
})

test('our own bodies are read back as the same rule, and written again as the same body', () => {
  const parts = 'schedule: {every: 15m, window: 20m}\noutput: building_block'
  const sentinel = bodyOf(RICH, 'sentinel').body!
  const elastic = bodyOf(ours(`${parts}\nthrottle: {period: 1h, fields: [User]}`), 'elastic').body!
  for (const [format, kind, body] of [
    ['sentinel', 'sentinel', sentinel],
    ['kibana', 'elastic', elastic],
  ] as const) {
    const [read] = readForeignFile(JSON.stringify(body), format).rules
    assert.match(read!.text, /every: 15m/)
    assert.match(read!.text, /window: 20m/)
    const again = bodyOf(read!.text, kind)
    assert.equal(again.bodyHash, contentHash(body), read!.text)
    assert.deepEqual(again.problems, [])
  }
})

test('a rule of several conditions, and one that looks everywhere, is nothing to write', () => {
  const two = bodyOf(WHOAMI.replace('condition: sel', 'condition: [sel, not sel]'), 'splunk')
  assert.match(two.problems[0]!.message, /2 conditions/)
  const all = ours('implementations: {sentinel: {query: "union * | take 1"}}')
  assert.match(bodyOf(all, 'sentinel').problems[0]!.message, /every table/)
  const filtered = renderWhole({ text: 'title: x', sources: [], filters: [], renderer: 'test' })
  assert.deepEqual(filtered.bodies, [])
})
