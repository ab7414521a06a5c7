// A detection rule's fields in one spelling, whether a write names them or Kibana gives them back: it fills
// in defaults, adds ids, and spells times as they came. An empty list, text or object is as good as none.

import type { Json } from '#kernel/json.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import { SERVER_OWNED } from '#languages/rule-formats/kibana-fields.ts'

/** What only rules of a type have: it goes when the type changes. */
const OF_A_TYPE = new Set([
  'alert_suppression',
  'anomaly_threshold',
  'concurrent_searches',
  'data_view_id',
  'event_category_override',
  'filters',
  'history_window_start',
  'index',
  'items_per_search',
  'language',
  'machine_learning_job_id',
  'new_terms_fields',
  'query',
  'saved_id',
  'threat_filters',
  'threat_index',
  'threat_indicator_path',
  'threat_language',
  'threat_mapping',
  'threat_query',
  'threshold',
  'tiebreaker_field',
  'timestamp_field',
])

/** The order of these says nothing. */
const SETS = new Set(['index', 'tags', 'threat_index'])
const TEXTS = new Set(['description', 'note', 'query', 'setup', 'threat_query'])
const NUMBERS = new Set(['anomaly_threshold', 'max_signals', 'risk_score', 'version'])
const TIMES = new Set(['from', 'to', 'interval', 'history_window_start'])

export function normaliseBody(body: RuleBody): RuleBody {
  const members = Object.entries(body)
    .filter(([key]) => !SERVER_OWNED.has(key))
    .map(([key, value]) => [key, normaliseValue(key, value)] as const)
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function normaliseValue(key: string, value: Json): Json {
  if (isEmpty(value)) return ''
  if (typeof value === 'string') {
    if (TEXTS.has(key)) return value.replaceAll('\r\n', '\n').trim()
    if (TIMES.has(key)) return timeIn(value)
  }
  if (NUMBERS.has(key)) return Number(value)
  if (SETS.has(key) && isList(value)) return [...new Set(value.map(String))].toSorted()
  return canonical(fieldIn(key, value), 0)
}

/** What Kibana adds to single fields. */
function fieldIn(key: string, value: Json): Json {
  switch (key) {
    case 'enabled':
      return value === true || value === 'true'
    case 'actions':
      return membersOf(value).map(({ uuid: _, frequency, ...action }) => ({
        ...action,
        frequency: frequency ?? { summary: true, throttle: null, notifyWhen: 'onActiveAlert' },
      }))
    case 'exceptions_list':
      // Ids differ from cluster to cluster; the list is known by its name.
      return membersOf(value).map(({ id: _, ...list }) => list)
    case 'required_fields':
      return membersOf(value).map(({ ecs: _, ...field }) => field)
    case 'alert_suppression':
      return 'group_by' in (value as RuleBody)
        ? { missing_fields_strategy: 'suppress', ...(value as RuleBody) }
        : value
    case 'threshold': {
      const { field = [], ...rest } = value as RuleBody
      return { ...rest, field: typeof field === 'string' ? [field] : field }
    }
    default:
      return value
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** `5m`, `now-360s`: in seconds, so that every unit says the same; other date math as it stands. */
function timeIn(text: string): string {
  const plain = text.trim()
  const [, sign, count, unit] = /^(now[-+])?(\d+)([smhdw])$/.exec(plain) ?? []
  return unit === undefined ? plain : `${sign ?? ''}${Number(count) * UNITS[unit]!}s`
}

const DEPTH_MAX = 32

/** Members in one order, and without those that are empty. */
function canonical(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value
  if (isList(value)) return value.map((item) => canonical(item, depth + 1))
  const members = Object.entries(value)
    .map(([key, item]) => [key, canonical(item, depth + 1)] as const)
    .filter(([, item]) => !isEmpty(item))
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function membersOf(value: Json): readonly RuleBody[] {
  return isList(value) ? (value as readonly RuleBody[]) : []
}

// ── What is written ──────────────────────────────────────────────────────────────────────────────

/** What a write may name. */
export function writableIn(body: RuleBody): RuleBody {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !SERVER_OWNED.has(key)))
}

/**
 * A patch changes what it names, and can neither take a field away nor turn a rule into one of another
 * type. Then everything is written: what stands there, and over it what the body names.
 */
export function mustReplace(body: RuleBody, before: RuleBody): boolean {
  const isOtherType = body['type'] !== undefined && body['type'] !== before['type']
  return isOtherType || Object.values(body).includes(null)
}

export function replacementOf(body: RuleBody, before: RuleBody): RuleBody {
  const isOtherType = body['type'] !== undefined && body['type'] !== before['type']
  const kept = Object.entries(writableIn(before)).filter(
    ([key]) => !(isOtherType && OF_A_TYPE.has(key)),
  )
  const all = { ...Object.fromEntries(kept.map(asWritten)), ...writableIn(body) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

/** `ecs` is told and not taken. */
function asWritten([key, value]: [string, Json]): [string, Json] {
  if (key !== 'required_fields') return [key, value]
  return [key, membersOf(value).map(({ ecs: _, ...field }) => field)]
}
