// A saved search's settings in one spelling, whether a write names them or Splunk gives them back: REST
// retypes, reorders lists, trims ends of values and calls some settings otherwise than the conf file.

import type { Json } from '#kernel/json.ts'
import type { RuleBody } from '#domain/targets/port.ts'

/** savedsearches.conf to REST. */
const REST_NAMES: Readonly<Record<string, string>> = {
  counttype: 'alert_type',
  relation: 'alert_comparator',
  quantity: 'alert_threshold',
  enableSched: 'is_scheduled',
}

/** True, false and empty are one of two. */
const FLAGS = new Set([
  'alert.digest_mode',
  'alert.suppress',
  'alert.track',
  'auto_summarize',
  'disabled',
  'dispatch.lookups',
  'dispatch.rt_backfill',
  'dispatch.spawn_process',
  'embed.enabled',
  'is_scheduled',
  'is_visible',
  'realtime_schedule',
  'restart_on_searchpeer_add',
  'run_on_startup',
])
const FLAG_PATTERN = /^action\.[\w-]+(?:\.enabled|\.param\.verbose)?$/

/** Splunk computes these, or gives them back in another form than it took them. */
const NOT_OURS =
  /^(?:eai:.*|next_scheduled_time|qualifiedSearch|triggered_alert_count|name|action\.email\.auth_password)$/

/** Never anything but text. */
const TEXTS = new Set(['search', 'description'])

export function normaliseBody(body: RuleBody): RuleBody {
  const members = Object.entries(body).flatMap(([name, value]): [string, Json][] => {
    const key = REST_NAMES[name] ?? name
    return NOT_OURS.test(key) ? [] : [[key, normaliseValue(key, value)]]
  })
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function normaliseValue(key: string, value: Json): string {
  const text = wireText(value).replaceAll('\r\n', '\n').trim()
  if (TEXTS.has(key)) return text
  if (FLAGS.has(key) || FLAG_PATTERN.test(key)) {
    return /^(?:1|t|true|y|yes)$/i.test(text) ? '1' : '0'
  }
  if (key === 'actions') {
    const actions = text.split(',').map((action) => action.trim())
    return actions.filter(Boolean).toSorted().join(',')
  }
  if (key === 'cron_schedule') return text.replaceAll(/\s+/g, ' ')
  if (/^[[{]/.test(text)) return canonical(text)
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true' ? '1' : '0'
  return text
}

/** Settings that hold JSON: the order of members means nothing. */
function canonical(text: string): string {
  try {
    return JSON.stringify(ordered(JSON.parse(text) as Json, 0))
  } catch {
    return text // it only looks like JSON
  }
}

const DEPTH_MAX = 32

function ordered(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value
  if (isList(value)) return value.map((item) => ordered(item, depth + 1))
  const members = Object.entries(value).map(
    ([key, item]) => [key, ordered(item, depth + 1)] as const,
  )
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A value as a form carries it. */
export function wireText(value: Json): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The form of a write: what the body names under REST's names, and nothing else. */
export function formOf(body: RuleBody): Record<string, string> {
  const members = Object.entries(body).flatMap(([name, value]): [string, string][] =>
    name === 'name' ? [] : [[REST_NAMES[name] ?? name, wireText(value)]],
  )
  return Object.fromEntries(members)
}
