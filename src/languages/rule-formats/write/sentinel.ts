// An analytics rule of Microsoft Sentinel, as Azure's door takes it: the kind and its properties.

import { DAY, HOUR, MINUTE } from '#kernel/time.ts'
import type { Json } from '#kernel/json.ts'
import { attackOf, sameList } from './attack.ts'
import { Draft } from './draft.ts'
import { queryOf, refuseOutput, rowsAbove } from './query.ts'
import { USUAL_EVERY_MS, windowOf, type Entity, type RuleToWrite, type Written } from './rule.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'

const SEVERITIES: Readonly<Record<string, string>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
}

const QUERY_CHARS_MAX = 10_000
export const SENTINEL_EVERY_MIN_MS = 5 * MINUTE
export const SENTINEL_WINDOW_MAX_MS = 14 * DAY
const SUPPRESSION_MAX_MS = DAY
const THRESHOLD_MAX = 10_000
const ENTITIES_MAX = 10
const DETAILS_MAX = 20

/** What Azure keeps itself, and what the community's YAML says beside the rule. */
const FOREIGN_KEYS = new Set([
  'kind',
  'query',
  'displayName',
  'description',
  'lastModifiedUtc',
  'requiredDataConnectors',
  'relevantTechniques',
  'version',
  'status',
  'tags',
  'metadata',
])

export function writeSentinel(rule: RuleToWrite): Written {
  const draft = new Draft('Sentinel', 'queryFrequency' in rule.settings)
  const isNear = rule.schedule.mode === 'near-real-time'
  const query = queryOf(draft, rule)
  if (query.length > QUERY_CHARS_MAX) {
    draft.refuse('query-too-long', `takes queries of at most ${QUERY_CHARS_MAX} characters`)
  }
  if (/^\s*(?:search|union)\s+\*/.test(query)) {
    draft.refuse('unscoped', 'takes no query over every table')
  }
  const say = (path: string, value: Json, isSame?: (theirs: unknown) => boolean) =>
    draft.say(`properties/${path}`, value, isSame)
  const assume = (path: string, value: Json) => draft.assume(`properties/${path}`, value)
  draft.say('kind', isNear ? 'NRT' : 'Scheduled', (one) => isNear === /^nrt$/i.test(String(one)))
  say('displayName', rule.title)
  say('query', query)
  if (rule.description === null) assume('description', rule.title)
  else say('description', rule.description)
  draft.need('properties/enabled', true)
  if (rule.level === null) draft.need('properties/severity', SEVERITIES['medium']!)
  else say('severity', SEVERITIES[rule.level]!)
  if (!isNear) writeSchedule(draft, rule)
  writeThrottle(draft, rule)
  const { tactics, techniques } = attackOf(rule.tags)
  if (tactics.length > 0) say('tactics', tactics, (theirs) => sameList(theirs, tactics))
  if (techniques.length > 0) say('techniques', techniques, (theirs) => sameList(theirs, techniques))
  writeEntities(draft, rule.entities)
  writeAlert(draft, rule)
  refuseOutput(draft, rule, ['alert', 'building_block'])
  if (rule.output.kind === 'building_block') say('incidentConfiguration/createIncident', false)
  return draft.finish({ kind: rule.settings['kind'], properties: settingsOf(rule) })
}

function settingsOf({ settings, schedule }: RuleToWrite): Readonly<Record<string, unknown>> {
  // A rule of the other kind has no times of its own.
  const isNear = schedule.mode === 'near-real-time'
  const timed = new Set(['queryFrequency', 'queryPeriod', 'triggerOperator', 'triggerThreshold'])
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([key]) => !FOREIGN_KEYS.has(key) && !(isNear && timed.has(key)))
      .map(([key, value]) => [key, asDoorSays(key, value)]),
  )
}

/** The community's YAML writes `gt` and `1h` where the door takes `GreaterThan` and `PT1H`. */
function asDoorSays(key: string, value: unknown): unknown {
  if (key === 'triggerOperator') return OPERATORS[String(value).toLowerCase()] ?? value
  const isShort = /^(?:queryFrequency|queryPeriod|suppressionDuration)$/.test(key)
  const ms = isShort && !/^p/i.test(String(value)) ? isoDurationMs(value) : undefined
  return ms === undefined ? value : isoDuration(ms)
}

const OPERATORS: Readonly<Record<string, string>> = {
  gt: 'GreaterThan',
  lt: 'LessThan',
  eq: 'Equal',
  ne: 'NotEqual',
}

function writeSchedule(draft: Draft, rule: RuleToWrite): void {
  const { schedule, threshold } = rule
  const { everyMs, cron, offsetMs, windowMs, neededMs, timeField, mode } = schedule
  const every = everyMs ?? USUAL_EVERY_MS
  const window = windowOf(schedule)
  if (cron !== null) draft.refuse('schedule', 'has no cron', 'Write an overlay with "every".')
  if (offsetMs !== null) draft.refuse('schedule', 'has no offset: a rule runs from when it is made')
  if (mode === 'continuous') draft.refuse('schedule', 'fills no gaps of a rule: mode continuous')
  if (timeField === 'ingest') {
    draft.refuse('time-field', 'looks back by TimeGenerated', 'Use ingestion_time() in a query.')
  }
  refuseSpan(draft, 'runs a rule', every)
  refuseSpan(draft, 'looks back', window)
  if (window < every) draft.refuse('schedule', 'looks back at least as far as from run to run')
  if (window >= 2 * DAY && every < HOUR) {
    draft.refuse('schedule', 'runs a rule that looks back two days or more at most every hour')
  }
  const times = [
    ['queryFrequency', every, everyMs !== null],
    ['queryPeriod', window, windowMs !== null || everyMs !== null || neededMs > 0],
  ] as const
  for (const [key, ms, isSaid] of times) {
    const path = `properties/${key}`
    if (isSaid) draft.say(path, isoDuration(ms), (theirs) => isoDurationMs(theirs) === ms)
    else draft.assume(path, isoDuration(ms))
  }
  draft.assume('properties/triggerOperator', 'GreaterThan')
  draft.assume('properties/triggerThreshold', 0)
  if (threshold === null) return
  if (threshold > THRESHOLD_MAX) draft.refuse('threshold', `counts to ${THRESHOLD_MAX} rows`)
  draft.say('properties/triggerOperator', 'GreaterThan')
  draft.say('properties/triggerThreshold', rowsAbove(threshold))
}

function refuseSpan(draft: Draft, what: string, ms: number): void {
  const isWhole = ms % MINUTE === 0
  if (isWhole && ms >= SENTINEL_EVERY_MIN_MS && ms <= SENTINEL_WINDOW_MAX_MS) return
  draft.refuse('schedule', `${what} in whole minutes, from 5 minutes to 14 days`)
}

/** ISO 8601, in the largest unit that says it whole. */
export function isoDuration(ms: number): string {
  if (ms % DAY === 0) return `P${ms / DAY}D`
  return ms % HOUR === 0 ? `PT${ms / HOUR}H` : `PT${Math.ceil(ms / MINUTE)}M`
}

function writeThrottle(draft: Draft, { throttle }: RuleToWrite): void {
  const [enabled, duration] = ['properties/suppressionEnabled', 'properties/suppressionDuration']
  draft.need(duration, 'PT5H')
  if (throttle === null) return draft.need(enabled, false)
  const { mode, periodMs } = throttle
  draft.say(enabled, mode !== 'none')
  if (mode === 'none') return
  if (mode === 'per_value') {
    draft.refuse('throttle', 'holds a whole rule back, not single values', 'Use mode: all.')
  }
  const isFitting = periodMs >= SENTINEL_EVERY_MIN_MS && periodMs <= SUPPRESSION_MAX_MS
  if (!isFitting || periodMs % MINUTE !== 0) {
    draft.refuse('throttle', 'holds a rule back for 5 minutes to 24 hours')
  }
  draft.say(duration, isoDuration(periodMs), (theirs) => isoDurationMs(theirs) === periodMs)
}

/** Our names of entities; the identifier is what a column of that name mostly holds. */
const ENTITY_TYPES: Readonly<Record<string, readonly [type: string, identifier: string]>> = {
  user: ['Account', 'FullName'],
  account: ['Account', 'FullName'],
  host: ['Host', 'FullName'],
  ip: ['IP', 'Address'],
  url: ['URL', 'Url'],
  domain: ['DNS', 'DomainName'],
  dns: ['DNS', 'DomainName'],
  file: ['File', 'Name'],
  hash: ['FileHash', 'Value'],
  process: ['Process', 'CommandLine'],
  mailbox: ['Mailbox', 'MailboxPrimaryAddress'],
  malware: ['Malware', 'Name'],
  registrykey: ['RegistryKey', 'Key'],
  registryvalue: ['RegistryValue', 'Name'],
  azureresource: ['AzureResource', 'ResourceId'],
  cloudapplication: ['CloudApplication', 'Name'],
  securitygroup: ['SecurityGroup', 'DistinguishedName'],
}

function writeEntities(draft: Draft, entities: readonly Entity[]): void {
  if (entities.length === 0) return
  const mappings = entities.flatMap(({ type, field }) => {
    const known = ENTITY_TYPES[type.toLowerCase()]
    if (known === undefined) {
      draft.refuse('entities', `has no entity of the type ${type}`)
      return []
    }
    const fieldMappings = [{ identifier: known[1], columnName: field }]
    return [{ entityType: known[0], fieldMappings }]
  })
  draft.say('properties/entityMappings', mappings, (theirs) => {
    return pairsOf(theirs) === pairsOf(mappings)
  })
  if (mappings.length > ENTITIES_MAX) {
    draft.refuse('entities', `maps at most ${ENTITIES_MAX} entities`)
  }
}

/** Types and columns, whatever column is which identifier. */
function pairsOf(mappings: unknown): string {
  const list = Array.isArray(mappings) ? (mappings as Record<string, unknown>[]) : []
  const pairs = list.flatMap((one) => {
    const fields = one?.['fieldMappings']
    const columns = Array.isArray(fields) ? (fields as Record<string, unknown>[]) : []
    return columns.map((column) => `${String(one['entityType'])} ${String(column?.['columnName'])}`)
  })
  return pairs.join('\n').toLowerCase()
}

function writeAlert(draft: Draft, { details, titleTemplate, drilldowns }: RuleToWrite): void {
  const count = Object.keys(details).length
  if (count > DETAILS_MAX) draft.refuse('details', `shows at most ${DETAILS_MAX} details`)
  if (count > 0) draft.say('properties/customDetails', { ...details })
  if (titleTemplate !== null) {
    draft.say('properties/alertDetailsOverride/alertDisplayNameFormat', titleTemplate)
  }
  if (drilldowns.length > 0) draft.warn('left-out', 'has no drilldowns')
}
