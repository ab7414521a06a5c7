// A detection rule of Elastic, as Kibana's door takes it.

import { DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import type { Json } from '#kernel/json.ts'
import { embeddedAttack } from '#languages/attack/attack.ts'
import { threatsOf, type Threat } from '#languages/sigma/outputs/threats.ts'
import { sameList } from './attack.ts'
import { Draft, same } from './draft.ts'
import { queryOf, refuseOutput } from './query.ts'
import { USUAL_EVERY_MS, windowOf, type RuleToWrite, type Written } from './rule.ts'

/** Kibana's defaults for its four severities; what only informs is a low one that weighs nothing. */
const SEVERITIES: Readonly<Record<string, readonly [severity: string, risk: number]>> = {
  informational: ['low', 1],
  low: ['low', 21],
  medium: ['medium', 47],
  high: ['high', 73],
  critical: ['critical', 99],
}

/** What the server keeps itself, and how the rule is known there. */
const FOREIGN_KEYS = new Set([
  'id',
  'rule_id',
  'name',
  'description',
  'query',
  'revision',
  'immutable',
  'rule_source',
  'created_at',
  'created_by',
  'updated_at',
  'updated_by',
  'execution_summary',
  'output_index',
])

const FIELDS_MAX = 5

export function writeKibana(rule: RuleToWrite): Written {
  const draft = new Draft('Elastic', 'risk_score' in rule.settings && 'interval' in rule.settings)
  // Machine learning has a job where others have a query.
  const query = rule.type === 'ml' ? '' : queryOf(draft, rule)
  draft.say('name', rule.title)
  if (rule.description === null) draft.need('description', rule.title)
  else draft.say('description', rule.description)
  writeQuery(draft, rule, query)
  const [severity, risk] = SEVERITIES[rule.level ?? 'medium']!
  if (rule.level === null) draft.assume('severity', severity)
  else draft.say('severity', severity)
  draft.assume('risk_score', risk)
  draft.assume('enabled', true)
  draft.assume('to', 'now')
  draft.assume('max_signals', 100)
  draft.assume('version', 1)
  writeSchedule(draft, rule)
  writeThrottle(draft, rule)
  writeAbout(draft, rule)
  const fields = [...rule.entities.map(({ field }) => field), ...Object.values(rule.details)]
  if (fields.length > 0) draft.say('investigation_fields', { field_names: [...new Set(fields)] })
  refuseOutput(draft, rule, ['alert', 'building_block'])
  if (rule.output.kind === 'building_block') draft.say('building_block_type', 'default')
  const own = Object.entries(rule.settings).filter(([key]) => !FOREIGN_KEYS.has(key))
  return draft.finish(Object.fromEntries(own))
}

/** A language of its own is a type of its own; Lucene's and Kibana's are queries. */
function writeQuery(draft: Draft, rule: RuleToWrite, query: string): void {
  const { language, indexes, threshold, type } = rule
  if (type === 'ml') return
  draft.say('query', query)
  if (language === 'eql' || language === 'esql') {
    draft.say('type', language)
    draft.say('language', language)
  } else {
    if (language !== null) draft.say('language', language)
    draft.assume('type', TYPES[type] ?? 'query')
    if (language === null) draft.assume('language', 'kuery')
  }
  // ES|QL names its index in the query; a rule of it must not name one beside.
  if (language !== 'esql' && indexes.length > 0) draft.say('index', indexes, same)
  if (threshold === null) return
  if (language === 'eql' || language === 'esql') {
    draft.refuse('threshold', `counts no rows of a rule in ${language}`, 'Count in the query.')
  } else {
    draft.say('type', 'threshold')
    draft.assume('threshold/field', [])
    draft.say('threshold/value', Math.max(1, threshold))
  }
}

/** Our names for what Kibana calls otherwise. */
const TYPES: Readonly<Record<string, string>> = {
  query: 'query',
  threshold: 'threshold',
  new_terms: 'new_terms',
  indicator_match: 'threat_match',
  ml: 'machine_learning',
}

function writeSchedule(draft: Draft, { schedule }: RuleToWrite): void {
  const { everyMs, cron, offsetMs, windowMs, neededMs, timeField, mode } = schedule
  if (cron !== null) draft.refuse('schedule', 'has no cron', 'Write an overlay with "every".')
  if (offsetMs !== null) draft.refuse('schedule', 'has no offset')
  if (mode === 'near-real-time') draft.refuse('schedule', 'has no near-real-time rules')
  if (mode === 'continuous') draft.refuse('schedule', 'fills no gaps by itself: mode continuous')
  const every = everyMs ?? USUAL_EVERY_MS
  const window = windowOf(schedule)
  if (window < every) draft.refuse('schedule', 'looks back at least as far as from run to run')
  if (everyMs === null) draft.assume('interval', spanOf(every))
  else draft.say('interval', spanOf(every), (theirs) => spanMs(theirs) === every)
  const from = `now-${spanOf(window)}`
  const isSaid = everyMs !== null || windowMs !== null || neededMs > 0
  if (isSaid) draft.say('from', from, (theirs) => kibanaBackMs(theirs) === window)
  else draft.assume('from', from)
  if (timeField === 'ingest') draft.say('timestamp_override', 'event.ingested')
}

const SIZES = { s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const

/** The largest unit that says it whole; date math has no weeks of its own here. */
function spanOf(ms: number): string {
  if (ms % HOUR === 0) return `${ms / HOUR}h`
  return ms % MINUTE === 0 ? `${ms / MINUTE}m` : `${Math.ceil(ms / SECOND)}s`
}

function spanMs(value: unknown): number | undefined {
  const match = /^(\d+)([smhd])$/.exec(String(value).trim())
  return match ? Number(match[1]) * SIZES[match[2] as keyof typeof SIZES] : undefined
}

/** `now-6m`: how far back; undefined for what is not plain to see. */
export function kibanaBackMs(value: unknown): number | undefined {
  const text = String(value).trim()
  return text.startsWith('now-') ? spanMs(text.slice(4)) : undefined
}

const MISSING = { group: 'suppress', pass: 'doNotSuppress' } as const

function writeThrottle(draft: Draft, { throttle }: RuleToWrite): void {
  if (throttle === null || throttle.mode === 'none') return
  const { mode, fields, periodMs, missing } = throttle
  if (mode === 'all') {
    draft.refuse('throttle', 'holds alerts back by the values of fields', 'Use mode: per_value.')
    return
  }
  if (fields.length === 0 || fields.length > FIELDS_MAX) {
    draft.refuse('throttle', `holds alerts back by one to ${FIELDS_MAX} fields`)
  }
  if (missing === 'separate') {
    draft.refuse('throttle', 'makes no group of each event whose field is missing')
    return
  }
  draft.say('alert_suppression/group_by', fields)
  draft.say('alert_suppression/duration', durationOf(periodMs))
  if (missing === null) draft.assume('alert_suppression/missing_fields_strategy', 'suppress')
  else draft.say('alert_suppression/missing_fields_strategy', MISSING[missing])
}

function durationOf(ms: number): Json {
  if (ms % HOUR === 0) return { value: ms / HOUR, unit: 'h' }
  return ms % MINUTE === 0
    ? { value: ms / MINUTE, unit: 'm' }
    : { value: Math.ceil(ms / SECOND), unit: 's' }
}

function writeAbout(draft: Draft, rule: RuleToWrite): void {
  const author = rule.author?.split(',').map((name) => name.trim()) ?? []
  const lists = [
    ['author', author],
    ['references', rule.references],
    ['false_positives', rule.falsepositives],
  ] as const
  for (const [key, list] of lists) {
    if (list.length > 0) draft.say(key, list)
    else draft.assume(key, [])
  }
  if (rule.license !== null) draft.say('license', rule.license)
  draft.assume('tags', rule.tags)
  const threats = threatsOf(rule.tags).map(threatOf)
  if (threats.length > 0) draft.say('threat', threats, sameThreats)
  else draft.assume('threat', [])
  const field = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(rule.titleTemplate ?? '')?.[1]
  if (field !== undefined) draft.say('rule_name_override', field)
  const left = [
    ...(rule.titleTemplate === null || field !== undefined ? [] : ['a title with several parts']),
    ...(rule.drilldowns.length === 0 ? [] : ['drilldowns']),
  ]
  if (left.length > 0) draft.warn('left-out', `is not given ${left.join(' and ')}`)
}

/** The same ids say the same, whatever release named them. */
function sameThreats(theirs: unknown, ours: unknown): boolean {
  const ids = (value: unknown) => {
    const found = JSON.stringify(value).matchAll(/"id":"(TA?\d{4}(?:\.\d{3})?)"/g)
    return [...new Set(Array.from(found, ([, id]) => id!))]
  }
  return sameList(ids(theirs), ids(ours))
}

function techniqueName(id: string): string {
  return embeddedAttack().techniques.get(id.toLowerCase())?.name ?? id
}

const REFERENCE = 'https://attack.mitre.org'

function threatOf({ tactic, techniques }: Threat): Json {
  const ids = [...new Set(techniques.map(({ id }) => id.split('.')[0]!))]
  const technique = ids.map((id) => {
    const own = techniques.find((one) => one.id === id)
    const below = techniques.filter((one) => one.id.startsWith(`${id}.`))
    const subtechnique = below.map((one) => ({
      id: one.id,
      name: one.name,
      reference: `${REFERENCE}/techniques/${one.id.replace('.', '/')}/`,
    }))
    return {
      id,
      name: own?.name ?? techniqueName(id),
      reference: `${REFERENCE}/techniques/${id}/`,
      ...(subtechnique.length === 0 ? {} : { subtechnique }),
    }
  })
  const { id, name } = tactic
  return {
    framework: 'MITRE ATT&CK',
    tactic: { id, name, reference: `${REFERENCE}/tactics/${id}/` },
    ...(technique.length === 0 ? {} : { technique }),
  }
}
