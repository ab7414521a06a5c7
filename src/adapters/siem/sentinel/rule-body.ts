// An analytics rule in one spelling, whether a write names it or Azure gives it back: the service rewrites
// durations, orders lists, fills what is absent and gives what is empty as null.

import type { RuleBody } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { isoDuration } from '#languages/rule-formats/write/sentinel.ts'
import { isTrue } from './cell.ts'

export type Properties = { readonly [key: string]: Json }

/** Azure keeps these itself; the portal moves the version of a template whenever somebody opens a rule. */
const NOT_OURS = new Set(['lastModifiedUtc', 'templateVersion'])
const SPANS = /(?:^|\.)(?:queryFrequency|queryPeriod|suppressionDuration|lookbackDuration)$/
const FLAGS = /(?:^|\.)(?:enabled|suppressionEnabled|createIncident|reopenClosedIncident)$/
const SETS = /(?:^|\.)(?:tactics|techniques|subTechniques|groupBy\w+)$/
const TEXTS = /(?:^|\.)(?:query|description)$/
/** Their members are settings of their own; of any other object they are what a person wrote. */
const GROUPS = new Set([
  'incidentConfiguration',
  'incidentConfiguration.groupingConfiguration',
  'alertDetailsOverride',
  'eventGroupingSettings',
])
const KINDS = ['Scheduled', 'NRT']
const WORDS: Readonly<Record<string, readonly string[]>> = {
  severity: ['High', 'Medium', 'Low', 'Informational'],
  triggerOperator: ['GreaterThan', 'LessThan', 'Equal', 'NotEqual'],
  'eventGroupingSettings.aggregationKind': ['SingleAlert', 'AlertPerResult'],
}

/** `kind`, and each property by its path. */
export function normaliseBody({ kind, properties }: RuleBody): RuleBody {
  const members: [string, Json][] = kind === undefined ? [] : [['kind', wordOf(kind, KINDS)]]
  spread(members, '', isObject(properties) ? properties : {})
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function spread(members: [string, Json][], prefix: string, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    const path = prefix + name
    if (NOT_OURS.has(path)) continue
    if (GROUPS.has(path) && isObject(value)) spread(members, `${path}.`, value)
    else if (!GROUPS.has(path)) members.push([`properties.${path}`, spelled(path, value)])
  }
}

function spelled(path: string, value: Json): Json {
  if (isEmpty(value)) return null
  if (SPANS.test(path)) {
    const ms = isoDurationMs(value)
    return ms === undefined ? value : isoDuration(ms)
  }
  if (FLAGS.test(path)) return isTrue(value)
  if (TEXTS.test(path) && typeof value === 'string') return tidyText(value)
  if (SETS.test(path) && isList(value)) return [...value].map(String).toSorted()
  if (path === 'triggerThreshold') return Number(value)
  const words = WORDS[path]
  return words === undefined ? ordered(value, 0) : wordOf(value, words)
}

/** A service may end lines as it likes; blanks at the end of a line mean nothing. */
function tidyText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim()
}

/** Null, or a group of which nothing is left. */
function isNothing(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0)
}

function wordOf(value: Json, words: readonly string[]): Json {
  if (typeof value !== 'string') return value
  return words.find((word) => word.toLowerCase() === value.toLowerCase()) ?? value
}

const DEPTH_MAX = 32

/** The order of members means nothing, and neither does a member that is empty. */
function ordered(value: Json, depth: number): Json {
  if (depth > DEPTH_MAX) return value
  if (isList(value)) return value.map((item) => ordered(item, depth + 1))
  if (!isObject(value)) return value
  const members = Object.entries(value)
    .filter(([, item]) => !isEmpty(item))
    .map(([key, item]) => [key, ordered(item, depth + 1)] as const)
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true
  if (isList(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

export function isObject(value: Json | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !isList(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/**
 * What is written: all that was observed, with what the body names in its place. What it names as null is
 * left out: to Azure that is one who never said anything.
 */
export function mergedProperties(observed: Properties, named: Properties): Properties {
  const { lastModifiedUtc: _, ...kept } = observed
  return merge('', kept, named)
}

function merge(prefix: string, before: Properties, named: Properties): Properties {
  const members = Object.entries(named).map(([name, value]): [string, Json] => {
    const old = before[name]
    const isGroup = GROUPS.has(prefix + name) && isObject(old) && isObject(value)
    return [name, isGroup ? merge(`${prefix}${name}.`, old, value) : value]
  })
  const all = Object.entries({ ...before, ...Object.fromEntries(members) })
  return Object.fromEntries(all.filter(([name, value]) => !(name in named) || !isNothing(value)))
}
