// A custom detection's settings in one spelling, whether a write names them or Graph gives them back:
// Graph leaves out or nulls what is empty, sorts lists as it likes, and has renamed its rhythms.

import type { Json } from '#kernel/json.ts'
import type { RuleBody } from '#domain/targets/port.ts'

export type Members = { readonly [key: string]: Json }

/** The service keeps these itself. */
const NOT_OURS =
  /^(?:@odata\..*|id|detectorId|name|createdBy|createdDateTime|lastModifiedBy|lastModifiedDateTime|lastRunDetails(?:\/.*)?|queryCondition\/lastModifiedDateTime|schedule\/nextRunDateTime|schedule\/@odata\.type)$/
/** In any order they mean the same. */
const SETS = /\/(?:mitreTechniques|impactedAssets|responseActions)$/
const DEPTH_MAX = 16

/** Members by path: `detectionAction/alertTemplate/title`. What is empty is the empty text. */
export function normaliseBody(body: RuleBody): RuleBody {
  const flat: [string, Json][] = []
  spread(flat, '', body, 0)
  return Object.fromEntries(flat.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function spread(flat: [string, Json][], prefix: string, members: Members, depth: number): void {
  for (const [name, value] of Object.entries(members)) {
    const path = prefix === '' ? name : `${prefix}/${name}`
    if (NOT_OURS.test(path)) continue
    if (isMembers(value) && depth < DEPTH_MAX) spread(flat, path, value, depth + 1)
    else flat.push(plain(path, value))
  }
}

function plain(path: string, value: Json): [string, Json] {
  if (value === null || (isList(value) && value.length === 0)) return [path, '']
  if (path === 'isEnabled') return [path, /^(?:true|1)$/i.test(wordOf(value))]
  if (path === 'schedule/period' || path === 'schedule/frequency') {
    return ['schedule/period', periodOf(wordOf(value))]
  }
  if (path.endsWith('/severity')) return [path, wordOf(value).toLowerCase()]
  if (SETS.test(path) && isList(value)) {
    const items = value.map((item) => ordered(item, 0))
    return [path, items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]
  }
  if (typeof value === 'string') return [path, value.replaceAll('\r\n', '\n').trim()]
  return [path, ordered(value, 0)]
}

function wordOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Rhythms before and after autumn 2026: `24H` has become `P1D`. */
const FREQUENCIES: Readonly<Record<string, string>> = {
  '0': 'PT0S',
  '1H': 'PT1H',
  '3H': 'PT3H',
  '12H': 'PT12H',
  '24H': 'P1D',
}
const PERIODS = new Map(Object.entries(FREQUENCIES).map(([period, one]) => [one, period]))
const ALSO: Readonly<Record<string, string>> = { PT24H: '24H', PT0H: '0', PT0M: '0', P0D: '0' }

function periodOf(text: string): string {
  const written = text.trim().toUpperCase()
  return PERIODS.get(written) ?? ALSO[written] ?? written
}

/** The same body for a Graph that knows no `period` any more. */
export function withFrequency(body: RuleBody): RuleBody {
  const { schedule } = body
  if (!isMembers(schedule)) return body
  const { period, ...rest } = schedule
  if (typeof period !== 'string') return body
  const written = period.trim().toUpperCase()
  return { ...body, schedule: { ...rest, frequency: FREQUENCIES[written] ?? period } }
}

/** Members in one order; of an asset or action the type stands with and without `#`. */
function ordered(value: Json, depth: number): Json {
  if (isList(value)) return value.map((item) => ordered(item, depth + 1))
  if (!isMembers(value) || depth > DEPTH_MAX) return value
  const members = Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    if (item === null) return []
    const isType = key === '@odata.type' && typeof item === 'string'
    return [[key, isType ? item.replace(/^#/, '') : ordered(item, depth + 1)]]
  })
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !isList(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
