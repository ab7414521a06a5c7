// Kibana's detection rules of the factories: each type that there is, with exceptions, actions,
// suppression, building blocks; most of the team's own, some that nobody owns any more.

import type { Json } from '#kernel/json.ts'
import { threatsOf } from '#languages/sigma/outputs/threats.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import type { SourceRow } from '#languages/sigma/pipelines/sources.ts'
import {
  columnOf,
  eqlFilter,
  esqlFilter,
  kueryFilter,
  listDetections,
  oneOf,
  placeOf,
  rollOf,
  type Detection,
} from './detections.ts'

type Members = { readonly [key: string]: Json }
export type KibanaRuleBody = Members & { readonly who: string }

const ROWS = elasticRows('stream')
const AUTHORS = ['b.novak', 's.lehto', 'plant-soc', 'elastic']
const SCORES = { low: 21, medium: 47, high: 73, critical: 99 } as const

export const EXCEPTION_LISTS: readonly Members[] = [
  {
    id: 'e1a0c0de-0000-4000-8000-000000000001',
    list_id: 'plant-engineers',
    type: 'detection',
    name: 'Engineers of the plants',
    namespace_type: 'single',
    items: [exceptIn('plant-engineers', 'user.name', ['k.lindqvist', 'm.okafor'])],
  },
  {
    id: 'e1a0c0de-0000-4000-8000-000000000002',
    list_id: 'old-controllers',
    type: 'detection',
    name: 'Controllers that cannot be changed',
    namespace_type: 'agnostic',
    items: [exceptIn('old-controllers', 'host.name', ['plc-07', 'plc-09'])],
  },
]

export function* kibanaRules(): Iterable<KibanaRuleBody> {
  for (const detection of listDetections()) {
    if (rollOf(`fab ${detection.name}`, 100) >= 72) continue
    yield ruleOf(detection)
  }
  yield* LEARNED
}

function ruleOf(detection: Detection): KibanaRuleBody {
  const { name, family } = detection
  const row = placeOf(ROWS, detection.log)!
  const tags = [`attack.${family.tactic}`, `attack.${family.technique.toLowerCase()}`]
  const every = oneOf(['5m', '10m', '15m', '1h'], `every ${name}`)
  return {
    who: oneOf(AUTHORS, `who ${name}`),
    rule_id: `fab-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    name,
    description: `${name}. Look at the plant’s shift plan first.`,
    severity: family.level,
    risk_score: SCORES[family.level],
    enabled: rollOf(`on ${name}`, 100) >= 12,
    interval: every,
    from: oneOf(['now-6m', 'now-16m', 'now-70m'], `from ${name}`),
    tags: ['Plants', `Tactic: ${family.tactic}`],
    author: ['Acme'],
    threat: threatsOf(tags).map(threat),
    ...typed(detection, row),
    ...(rollOf(`except ${name}`, 100) < 15 && { exceptions_list: [exceptionOf(name)] }),
    ...(rollOf(`mail ${name}`, 100) < 25 && { actions: [mail(name)] }),
    ...(rollOf(`note ${name}`, 100) < 40 && {
      note: `## What to do\n\nAsk whoever is on shift. ${family.technique} is what to read about.`,
    }),
    ...(rollOf(`block ${name}`, 100) < 6 && { building_block_type: 'default' }),
  }
}

function threat({ tactic, techniques }: ReturnType<typeof threatsOf>[number]): Json {
  const named = (kind: string, id: string, name: string) => ({
    id,
    name,
    reference: `https://attack.mitre.org/${kind}/${id.replace('.', '/')}/`,
  })
  return {
    framework: 'MITRE ATT&CK',
    tactic: named('tactics', tactic.id, tactic.name),
    technique: techniques.map(({ id, name }) => ({
      ...named('techniques', id.split('.')[0]!, name),
      subtechnique: id.includes('.') ? [named('techniques', id, name)] : [],
    })),
  }
}

function exceptIn(list: string, field: string, value: readonly string[]): Json {
  const entries = [{ field, operator: 'included', type: 'match_any', value }]
  return { item_id: `${list}-1`, list_id: list, name: `Known in ${list}`, type: 'simple', entries }
}

function exceptionOf(name: string): Json {
  const { id, list_id, type, namespace_type } = oneOf(EXCEPTION_LISTS, name)
  return { id: id!, list_id: list_id!, type: type!, namespace_type: namespace_type! }
}

export const CONNECTORS: readonly Members[] = [
  {
    id: 'plant-mail',
    name: 'Mail to the plant',
    connector_type_id: '.email',
    is_preconfigured: false,
    is_deprecated: false,
    is_system_action: false,
    is_missing_secrets: false,
    config: { from: 'kibana@acme.example', host: 'mail.acme.example', port: 587 },
    referenced_by_count: 0,
  },
]

function mail(name: string): Json {
  return {
    id: 'plant-mail',
    action_type_id: '.email',
    group: 'default',
    params: { to: ['plant-soc@acme.example'], subject: `{{rule.name}}`, message: name },
    frequency: { notifyWhen: 'onActiveAlert', summary: true, throttle: '1h' },
  }
}

/** What a rule is made of depends on the hand that wrote it, and on what it looks for. */
function typed(detection: Detection, row: SourceRow): Members {
  const { name, family, log } = detection
  const index = [...(row.state!['index'] as readonly string[])]
  const [by = 'host.name'] = log.by.map((field) => columnOf(row, field))
  const kuery = { language: 'kuery', query: kueryFilter(row, detection), index }
  if (family.log === 'signIn' || family.log === 'okta') {
    const threshold = { field: [by], value: 5 + rollOf(name, 20), cardinality: [] }
    return { type: 'threshold', ...kuery, threshold }
  }
  if (family.log === 'aws' && rollOf(`new ${name}`, 100) < 40) {
    return { type: 'new_terms', ...kuery, new_terms_fields: [by], history_window_start: 'now-14d' }
  }
  if (family.log === 'dns' || family.log === 'proxy') {
    const field = family.log === 'dns' ? 'dns.question.name' : 'url.domain'
    return {
      type: 'threat_match',
      ...kuery,
      threat_index: ['logs-ti_*'],
      threat_query: '@timestamp >= "now-30d/d"',
      threat_language: 'kuery',
      threat_mapping: [
        { entries: [{ field, type: 'mapping', value: 'threat.indicator.url.domain' }] },
      ],
    }
  }
  const roll = rollOf(`type ${name}`, 100)
  if (roll < 25) return { type: 'eql', language: 'eql', query: eqlFilter(row, detection), index }
  if (roll < 45) {
    const query = esqlFilter(row, detection)
    return { type: 'esql', language: 'esql', query, alert_suppression: { group_by: [by] } }
  }
  if (roll < 52) {
    return { type: 'saved_query', ...kuery, saved_id: `saved-${rollOf(name, 1_000)}` }
  }
  const suppression = { group_by: [by], duration: { value: 1, unit: 'h' } }
  return { type: 'query', ...kuery, ...(roll > 85 && { alert_suppression: suppression }) }
}

/** Jobs of machine learning look for what nobody described. */
const LEARNED: readonly KibanaRuleBody[] = [
  ['Rare process on a controller', 'plant_rare_process'],
  ['Unusual hour of a sign-in', 'plant_rare_hour'],
  ['Much more leaves a plant than usual', 'plant_bytes_out'],
].map(([name = '', job = '']) => ({
  who: 'plant-soc',
  rule_id: `fab-${job}`,
  name,
  description: `${name}, by the job ${job}.`,
  severity: 'medium',
  risk_score: 47,
  type: 'machine_learning',
  anomaly_threshold: 75,
  machine_learning_job_id: [job],
  interval: '15m',
  from: 'now-45m',
  tags: ['Plants'],
}))
