// A mapping as two tables that people edit: where the events of a log source are, and what a field is
// called. The tables are views of steps of the document; what they cannot show stays in it as it is.

import { AppError } from '#kernel/error.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { CLAIM } from '#languages/sigma/pipelines/sources.ts'
import type { FieldRow, LogSourceKeys, SourceRow } from './input.ts'

export const LOG_SOURCE_KEYS = ['product', 'category', 'service'] as const

export interface MappingTable {
  readonly sources: readonly SourceRow[]
  readonly fields: readonly FieldRow[]
  /** Steps that are no row of either, by their places. */
  readonly others: readonly { readonly at: number; readonly step: StepData }[]
}

/** What each kind calls the place of events, and whether pipelines set it or ask for it. */
const PLACES: Readonly<Record<SiemKind, { readonly key: string; readonly isAsked: boolean }>> = {
  local: { key: 'index', isAsked: true },
  splunk: { key: 'index', isAsked: true },
  sentinel: { key: 'query_table', isAsked: false },
  defender: { key: 'query_table', isAsked: false },
  elastic: { key: 'index', isAsked: false },
  opensearch: { key: 'index', isAsked: false },
}

export function readTable({ transformations = [] }: PipelineData, kind: SiemKind): MappingTable {
  const sources: SourceRow[] = []
  const fields: FieldRow[] = []
  const others: { at: number; step: StepData }[] = []
  for (const [at, step] of transformations.entries()) {
    const source = sourceIn(step, kind)
    const named = source ? undefined : fieldsIn(step)
    if (source) sources.push(source)
    else if (named) fields.push(...named)
    else others.push({ at, step })
  }
  return { sources, fields, others }
}

/** Puts the row in the place of the one for `was`; a new one at the end. Throws `conflict` for two of one. */
export function putSource(
  document: PipelineData,
  kind: SiemKind,
  row: SourceRow,
  was?: LogSourceKeys,
): PipelineData {
  const steps = [...(document.transformations ?? [])]
  const find = (keys: LogSourceKeys) =>
    steps.findIndex((step) => isSameSource(sourceIn(step, kind)?.logsource, keys))
  const before = was === undefined ? -1 : find(was)
  const same = find(row.logsource)
  if (same >= 0 && same !== before) {
    throw new AppError('conflict', 'There is a row for this log source already. Change that one.')
  }
  const step = stepOfSource(row, kind)
  if (before >= 0) steps[before] = step
  else steps.push(step)
  return { ...document, transformations: steps }
}

export function removeSource(
  document: PipelineData,
  kind: SiemKind,
  keys: LogSourceKeys,
): PipelineData {
  const steps = document.transformations ?? []
  const kept = steps.filter((step) => !isSameSource(sourceIn(step, kind)?.logsource, keys))
  return { ...document, transformations: kept }
}

/** Puts the row in the place of `was`. Throws `conflict` when the field has a row in that scope. */
export function putField(
  document: PipelineData,
  row: FieldRow,
  was?: Pick<FieldRow, 'field' | 'logsource'>,
): PipelineData {
  const isMoved =
    was !== undefined && (was.field !== row.field || !isSameSource(was.logsource, row.logsource))
  const isTaken = fieldNamed(document, row) !== undefined
  if (isTaken && (was === undefined || isMoved)) {
    throw new AppError('conflict', `${row.field} has a name there already. Change that one.`)
  }
  const steps = [...((isMoved ? removeField(document, was) : document).transformations ?? [])]
  const to = row.to.length === 1 ? row.to[0]! : [...row.to]
  const found = steps.findIndex((step) => isSameSource(scopeOf(step), row.logsource))
  if (found >= 0) {
    const step = steps[found]!
    steps[found] = { ...step, mapping: { ...mappingOf(step), [row.field]: to } }
  } else {
    // Before what adds conditions: those bear the target's names already.
    const first = steps.findIndex((step) => !scopeOf(step))
    const step = {
      type: 'field_name_mapping',
      mapping: { [row.field]: to },
      ...conditionsFor(row.logsource),
    }
    steps.splice(first < 0 ? steps.length : first, 0, step)
  }
  return { ...document, transformations: steps }
}

export function removeField(
  document: PipelineData,
  { field, logsource }: Pick<FieldRow, 'field' | 'logsource'>,
): PipelineData {
  const steps = (document.transformations ?? []).flatMap((step): readonly StepData[] => {
    if (!isSameSource(scopeOf(step), logsource)) return [step]
    const { [field]: _, ...kept } = mappingOf(step)
    return Object.keys(kept).length === 0 ? [] : [{ ...step, mapping: kept }]
  })
  return { ...document, transformations: steps }
}

export function removeStep(document: PipelineData, at: number): PipelineData {
  const steps = document.transformations ?? []
  return { ...document, transformations: steps.filter((_, index) => index !== at) }
}

function fieldNamed(
  { transformations = [] }: PipelineData,
  { field, logsource }: Pick<FieldRow, 'field' | 'logsource'>,
): unknown {
  const steps = transformations.filter((step) => isSameSource(scopeOf(step), logsource))
  return steps.map((step) => mappingOf(step)[field]).find((one) => one !== undefined)
}

export function isSameSource(a: LogSourceKeys | undefined, b: LogSourceKeys | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return LOG_SOURCE_KEYS.every((key) => a[key] === b[key])
}

// ── Reading steps ────────────────────────────────────────────────────────────────────────────────

const FIELD_KEYS = new Set(['id', 'type', 'mapping', 'rule_conditions'])
const SOURCE_KEYS = new Set(['id', 'type', 'items', 'rule_conditions'])

function fieldsIn(step: StepData): readonly FieldRow[] | undefined {
  const logsource = scopeOf(step)
  if (logsource === undefined) return undefined
  return Object.entries(mappingOf(step)).map(([field, to]) => ({
    logsource,
    field,
    to: [to].flat().map(String),
  }))
}

/** Undefined for a step that is no plain table of names. */
function scopeOf(step: StepData): LogSourceKeys | undefined {
  if (step.type !== 'field_name_mapping') return undefined
  if (!Object.keys(step).every((key) => FIELD_KEYS.has(key))) return undefined
  return keysIn(step, {})
}

function mappingOf(step: StepData): Readonly<Record<string, unknown>> {
  return step['mapping'] as Readonly<Record<string, unknown>>
}

function keysIn(
  { rule_conditions: list }: StepData,
  without: LogSourceKeys | undefined,
): LogSourceKeys | undefined {
  if (list === undefined) return without
  if (!Array.isArray(list) || list.length !== 1) return undefined
  const { type, ...keys } = (list as readonly (StepData & LogSourceKeys)[])[0]!
  if (type !== 'logsource') return undefined
  const isPlain = Object.entries(keys).every(
    ([key, value]) => LOG_SOURCE_KEYS.some((one) => one === key) && typeof value === 'string',
  )
  return isPlain && Object.keys(keys).length > 0 ? keys : undefined
}

function sourceIn(step: StepData, kind: SiemKind): SourceRow | undefined {
  if (step.type !== 'nest' || !Object.keys(step).every((key) => SOURCE_KEYS.has(key))) return
  const logsource = keysIn(step, undefined)
  if (logsource === undefined) return
  const place = PLACES[kind]
  let row: SourceRow = { logsource, isReplacing: false, places: [], conditions: {} }
  for (const item of step['items'] as readonly StepData[]) {
    const { type, key, val, conditions, ...others } = item
    if (Object.keys(others).length > 0) return
    if (type === 'set_state' && key === CLAIM['key']) row = { ...row, isReplacing: true }
    else if (type === 'set_state' && key === place.key && !place.isAsked) {
      const places = textsIn(val)
      if (places === undefined) return
      row = { ...row, places }
    } else if (type === 'add_condition') {
      const asked = conditionsIn(conditions)
      if (asked === undefined) return
      const { [place.key]: places = [], ...rest } = asked
      if (place.isAsked) row = { ...row, places, conditions: rest }
      else row = { ...row, conditions: asked }
    } else return
  }
  return row
}

function conditionsIn(given: unknown): Readonly<Record<string, readonly string[]>> | undefined {
  const entries = Object.entries(given as Readonly<Record<string, unknown>>)
  const texts = entries.map(([key, value]) => [key, textsIn(value)] as const)
  if (texts.some(([, values]) => values === undefined)) return undefined
  return Object.fromEntries(texts as (readonly [string, readonly string[]])[])
}

/** A number is written bare, a text that looks like one in quotes. */
function textsIn(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = values.map((one) => {
    if (typeof one === 'number') return String(one)
    if (typeof one !== 'string') return undefined
    return NUMBER.test(one) || QUOTED.test(one) ? `"${one}"` : one
  })
  return texts.includes(undefined) ? undefined : (texts as readonly string[])
}

const NUMBER = /^-?(?:0|[1-9]\d{0,14})$/
const QUOTED = /^".*"$/s

// ── Writing steps ────────────────────────────────────────────────────────────────────────────────

function stepOfSource(row: SourceRow, kind: SiemKind): StepData {
  const { key, isAsked } = PLACES[kind]
  const asked = row.places.length > 0 && isAsked ? { [key]: row.places } : {}
  const conditions = Object.entries({ ...asked, ...row.conditions }).map(([field, values]) => [
    field,
    plain(values.map(valueOf)),
  ])
  const items: StepData[] = [
    ...(row.isReplacing ? [CLAIM] : []),
    ...(row.places.length > 0 && !isAsked
      ? [{ type: 'set_state', key, val: plain(row.places) }]
      : []),
    ...(conditions.length > 0
      ? [{ type: 'add_condition', conditions: Object.fromEntries(conditions) as unknown }]
      : []),
  ]
  return { type: 'nest', items, ...conditionsFor(row.logsource) }
}

function conditionsFor(logsource: LogSourceKeys) {
  const keys = LOG_SOURCE_KEYS.flatMap((key) =>
    logsource[key] === undefined ? [] : [[key, logsource[key]] as const],
  )
  if (keys.length === 0) return {}
  return { rule_conditions: [{ type: 'logsource', ...Object.fromEntries(keys) }] }
}

function plain<T>(values: readonly T[]): T | readonly T[] {
  return values.length === 1 ? values[0]! : values
}

function valueOf(text: string): string | number {
  if (QUOTED.test(text)) return text.slice(1, -1)
  return NUMBER.test(text) ? Number(text) : text
}
