// A saved search of Splunk, as its REST door takes it: every field is text. Enterprise Security's
// correlation searches are saved searches with more fields; a rule is one when it says so.

import { DAY, HOUR, MINUTE, SECOND, WEEK } from '#kernel/time.ts'
import { attackOf, sameList } from './attack.ts'
import { Draft, same } from './draft.ts'
import { queryOf, refuseOutput, rowsAbove } from './query.ts'
import {
  USUAL_EVERY_MS,
  windowOf,
  type RuleToWrite,
  type RunSchedule,
  type Written,
} from './rule.ts'

/** Splunk's own scale of one to six, where two steps only inform. */
const SEVERITIES: Readonly<Record<string, readonly string[]>> = {
  informational: ['2', '1'],
  low: ['3'],
  medium: ['4'],
  high: ['5'],
  critical: ['6'],
}

/** What `savedsearches.conf` calls otherwise than the door. */
export const DOOR_NAMES: Readonly<Record<string, string>> = {
  enableSched: 'is_scheduled',
  counttype: 'alert_type',
  relation: 'alert_comparator',
  quantity: 'alert_threshold',
}

export function writeSplunk(rule: RuleToWrite): Written {
  const settings = settingsOf(rule)
  // A search that was read somewhere bears its name among its settings.
  const draft = new Draft('Splunk', 'cron_schedule' in settings || 'name' in rule.settings)
  draft.say('search', queryOf(draft, rule), sameText)
  if (rule.description !== null) draft.say('description', rule.description, sameText)
  draft.assume('disabled', '0')
  draft.assume('is_scheduled', '1')
  draft.assume('alert_type', 'number of events')
  draft.assume('alert_comparator', 'greater than')
  draft.assume('alert_threshold', '0')
  draft.assume('alert.track', '1')
  writeLevel(draft, rule, settings)
  writeSchedule(draft, rule.schedule)
  writeThrottle(draft, rule)
  if (rule.threshold !== null) {
    draft.say('alert_comparator', 'greater than')
    draft.say('alert_threshold', String(rowsAbove(rule.threshold)))
  }
  refuseOutput(draft, rule, ['alert', 'risk', 'report'])
  if (rule.output.kind === 'report') {
    draft.say('alert_type', 'always')
    draft.say('alert.track', '0')
  }
  const isCorrelation = rule.type === 'correlation'
  const isRisk = rule.output.kind === 'risk'
  if (isCorrelation || isRisk) writeSecurity(draft, rule, settings)
  else warnPlain(draft, rule)
  return draft.finish(settings)
}

/** Door names, all as text; the name of the search is no field of it. */
function settingsOf({ settings }: RuleToWrite): Readonly<Record<string, unknown>> {
  const entries = Object.entries(settings).flatMap(([key, value]) => {
    if (key === 'name' || key === 'search' || value === undefined) return []
    return [[DOOR_NAMES[key] ?? key, textOf(value)] as const]
  })
  return Object.fromEntries(entries)
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A file of Splunk's cannot keep spaces at the end of a text. */
function sameText(theirs: unknown, ours: unknown): boolean {
  return String(theirs).trim() === String(ours).trim()
}

function writeLevel(
  draft: Draft,
  { level }: RuleToWrite,
  settings: Readonly<Record<string, unknown>>,
): void {
  // A correlation search that is there already says its level in its notable: as long as that is the
  // rule's, the alert's own may be another.
  const isSaid = isNotable(settings) && settings[NOTABLE_SEVERITY] === level
  if (KNOWN_BY in settings && isSaid) return
  const known = SEVERITIES[level ?? '']
  if (known) draft.say('alert.severity', known[0]!, (theirs) => known.includes(String(theirs)))
  else draft.assume('alert.severity', SEVERITIES['medium']![0]!)
}

function writeSchedule(draft: Draft, schedule: RunSchedule): void {
  const { everyMs, cron, offsetMs, windowMs, neededMs, timeField, mode } = schedule
  if (mode === 'near-real-time') {
    draft.refuse('schedule', 'has no near-real-time rules', 'Give it an overlay with "every: 1m".')
  }
  if (mode === 'continuous') draft.say('realtime_schedule', '0', same)
  const made = cron ?? cronOf(everyMs ?? USUAL_EVERY_MS, offsetMs ?? 0)
  if (cron !== null && offsetMs !== null) {
    draft.refuse('schedule', 'takes no offset beside cron', 'Write the minute into the cron.')
  }
  if (made === undefined) draft.refuse('schedule', inWords(schedule), FITTING)
  else if (cron === null && everyMs === null && offsetMs === null) {
    draft.assume('cron_schedule', made)
  } else draft.say('cron_schedule', made, (theirs) => spaced(theirs) === spaced(made))
  const minutes = Math.ceil(windowOf(schedule) / MINUTE)
  if (everyMs !== null && minutes * MINUTE < everyMs) {
    draft.warn('gap', 'looks back less than from run to run: what lies between is never seen')
  }
  const isSaid = windowMs !== null || neededMs > 0 || everyMs !== null
  const begin = `-${minutes}m@m`
  if (isSaid)
    draft.say('dispatch.earliest_time', begin, (one) => splunkBackMs(one) === minutes * MINUTE)
  else draft.assume('dispatch.earliest_time', begin)
  draft.assume('dispatch.latest_time', '@m')
  if (timeField === 'ingest') {
    draft.refuse('time-field', 'looks back by the time of events', INGEST)
  }
}

const FITTING = 'Take minutes that divide an hour, hours that divide a day, 1d or 1w.'
const INGEST = 'Name _index_earliest and _index_latest in a query of its own.'

function spaced(value: unknown): string {
  return String(value)
    .trim()
    .replaceAll(/\*\/1(?=\s|$)/g, '*')
    .replaceAll(/\s+/g, ' ')
}

/** `-70m@m`, `-1h`, `-1d@d`: how far back; undefined for what is not plain to see. */
export function splunkBackMs(value: unknown): number | undefined {
  const match = /^-(\d+)(s|m|min|mins|h|hr|hrs|d|w)(?:@[smhdw])?$/.exec(String(value).trim())
  if (!match) return undefined
  const sizes: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: WEEK }
  return Number(match[1]) * sizes[match[2]!.charAt(0)]!
}

function inWords({ everyMs, offsetMs }: RunSchedule): string {
  const minutes = (ms: number | null) => `${(ms ?? 0) / MINUTE} minutes`
  const late = offsetMs === null ? '' : `, ${minutes(offsetMs)} later`
  return `has no cron for every ${minutes(everyMs)}${late}`
}

/** Undefined where cron, which starts anew with each hour and day, cannot say it. */
function cronOf(everyMs: number, offsetMs = 0): string | undefined {
  if (offsetMs >= everyMs || everyMs % MINUTE !== 0 || offsetMs % MINUTE !== 0) return undefined
  const [minutes, offset] = [everyMs / MINUTE, offsetMs / MINUTE]
  const [minute, hour] = [offset % 60, Math.floor(offset / 60) % 24]
  if (minutes < 60) {
    if (60 % minutes !== 0) return undefined
    if (minutes === 1) return '* * * * *'
    return offset === 0 ? `*/${minutes} * * * *` : `${offset}-59/${minutes} * * * *`
  }
  if (minutes % 60 !== 0) return undefined
  const hours = minutes / 60
  if (hours < 24) {
    if (24 % hours !== 0) return undefined
    if (hours === 1) return `${minute} * * * *`
    return `${minute} ${hour === 0 ? `*/${hours}` : `${hour}-23/${hours}`} * * *`
  }
  if (hours === 24) return `${minute} ${hour} * * *`
  // Cron's week begins on Sunday.
  return hours === 168 ? `${minute} ${hour} * * ${Math.floor(offset / 1_440)}` : undefined
}

function writeThrottle(draft: Draft, { throttle }: RuleToWrite): void {
  if (throttle === null) return
  const { mode, fields, periodMs, missing } = throttle
  draft.say('alert.suppress', mode === 'none' ? '0' : '1')
  if (mode === 'none') return
  if (missing !== null) {
    draft.refuse('throttle', 'lets no rule choose what happens where a field is missing')
  }
  if (mode === 'per_value' && fields.length === 0) {
    draft.refuse('throttle', 'holds alerts back by the values of fields, and none is named')
  }
  const seconds = Math.ceil(periodMs / SECOND)
  const period = `${seconds}s`
  draft.say(
    'alert.suppress.period',
    period,
    (one) => splunkBackMs(`-${String(one)}`) === seconds * SECOND,
  )
  if (mode === 'all') return
  // Splunk looks at the values of single results only when each is an alert of its own.
  draft.say('alert.digest_mode', '0')
  draft.say('alert.suppress.fields', fields.join(','), sameNames)
}

function sameNames(theirs: unknown, ours: unknown): boolean {
  const names = (value: unknown) =>
    String(value)
      .split(/[\s,]+/)
      .filter(Boolean)
      .join(',')
  return names(theirs) === names(ours)
}

function warnPlain(
  draft: Draft,
  { entities, details, titleTemplate, drilldowns }: RuleToWrite,
): void {
  if (entities.length > 0) {
    draft.refuse(
      'entities',
      'has no entities in a plain alert',
      'Make it a correlation search: implementations: splunk: {type: correlation}.',
    )
  }
  const left = [
    ...(titleTemplate === null ? [] : ['a title with fields']),
    ...(Object.keys(details).length === 0 ? [] : ['details']),
    ...(drilldowns.length === 0 ? [] : ['drilldowns']),
  ]
  if (left.length > 0) draft.warn('left-out', `shows no ${left.join(', ')} in a plain alert`)
}

/** What Enterprise Security reads. Every action that runs is named in `actions`, or REST runs none. */
function writeSecurity(
  draft: Draft,
  rule: RuleToWrite,
  settings: Readonly<Record<string, unknown>>,
): void {
  const { title, description, tags, output } = rule
  draft.say('action.correlationsearch.enabled', '1')
  draft.say('action.correlationsearch.label', title, sameText)
  const { exact } = attackOf(tags)
  if (exact.length > 0) {
    const annotations = JSON.stringify({ mitre_attack: exact })
    draft.say('action.correlationsearch.annotations', annotations, (theirs) =>
      sameAttack(theirs, exact),
    )
  }
  const isRisk = output.kind === 'risk'
  // A search that is there already says itself what it does.
  if (!isRisk && KNOWN_BY in settings) return writeKnown(draft, rule, settings)
  const actions = new Set(
    textOf(settings['actions'] ?? '')
      .split(/[\s,]+/)
      .filter(Boolean),
  )
  const action = isRisk ? 'risk' : 'notable'
  draft.say(`action.${action}`, '1')
  const listed = [...actions, ...(actions.has(action) ? [] : [action])].join(',')
  draft.say('actions', listed, sameNames)
  if (isRisk) writeRisk(draft, rule)
  else writeNotable(draft, rule)
  if (description === null) draft.assume('description', title)
}

const KNOWN_BY = 'action.correlationsearch.enabled'
const NOTABLE_SEVERITY = 'action.notable.param.severity'

function writeKnown(
  draft: Draft,
  { level, entities }: RuleToWrite,
  settings: Readonly<Record<string, unknown>>,
): void {
  if (isNotable(settings) && level !== null) draft.say(NOTABLE_SEVERITY, level)
  if (entities.length > 0) {
    const fields = entities.map(({ field }) => field).join(',')
    draft.say('action.notable.param.nes_fields', fields, sameNames)
  }
}

function isNotable(settings: Readonly<Record<string, unknown>>): boolean {
  return same(settings['action.notable'] ?? false, true)
}

function sameAttack(theirs: unknown, exact: readonly string[]): boolean {
  try {
    const read = JSON.parse(String(theirs)) as Record<string, unknown> | null
    return sameList(read?.['mitre_attack'], exact)
  } catch {
    return false
  }
}

function writeNotable(draft: Draft, rule: RuleToWrite): void {
  const { title, titleTemplate, description, level, entities, details, drilldowns } = rule
  const param = (name: string) => `action.notable.param.${name}`
  if (titleTemplate === null) draft.assume(param('rule_title'), title)
  else draft.say(param('rule_title'), inDollars(titleTemplate))
  draft.assume(param('rule_description'), description ?? title)
  draft.assume(param('security_domain'), 'threat')
  if (level !== null) draft.say(param('severity'), level)
  else draft.assume(param('severity'), 'medium')
  const fields = [...entities.map(({ field }) => field), ...Object.values(details)]
  if (fields.length > 0) {
    draft.say(param('nes_fields'), [...new Set(fields)].join(','), sameNames)
  }
  if (drilldowns.length > 0) {
    const searches = drilldowns.map(({ name, query, windowMs }) => ({
      name,
      search: query,
      earliest_offset: windowMs === null ? '$info_min_time$' : String(windowMs / SECOND),
      latest_offset: windowMs === null ? '$info_max_time$' : '0',
    }))
    draft.say(param('drilldown_searches'), JSON.stringify(searches))
  }
}

function writeRisk(draft: Draft, { output, title }: RuleToWrite): void {
  if (output.objects.length === 0) {
    draft.refuse(
      'output',
      'gives risk to objects, and the rule names none',
      'Write output: objects.',
    )
  }
  const objects = output.objects.map(({ type, field, score }) => ({
    risk_object_field: field,
    risk_object_type: RISK_TYPES.has(type) ? RISK_TYPES.get(type)! : 'other',
    risk_score: score,
  }))
  draft.say('action.risk.param._risk', JSON.stringify(objects))
  draft.assume('action.risk.param._risk_score', '0')
  draft.say('action.risk.param._risk_message', inDollars(output.message ?? title))
  draft.assume('action.risk.param.verbose', '0')
}

const RISK_TYPES = new Map([
  ['user', 'user'],
  ['host', 'system'],
  ['ip', 'system'],
])

/** `{{user}}` is `$user$` there. */
function inDollars(template: string): string {
  return template.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, field: string) => `$${field}$`)
}
