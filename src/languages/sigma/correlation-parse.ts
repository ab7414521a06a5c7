// Reads the `correlation` part: which rules, grouped by what, within which time, how many or how much.
// Specification: correlation rules 2.1.0; value_median and conditions over rules (`*_extended`) as
// the community's converter has them.

import { nearest } from '#kernel/problem.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { references } from './condition.ts'
import { readCondition } from './detection.ts'
import {
  CORRELATION_TYPES,
  type CorrelationType,
  type CountBound,
  type Metadata,
  type ParsedCondition,
  type SigmaCorrelation,
} from './rule.ts'
import type { Range, Source } from './source.ts'
import { valueOf, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts'

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
const VALUE_TYPES: ReadonlySet<CorrelationType> = new Set([
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
])

export function readCorrelation(
  source: Source,
  root: YamlMap,
  metadata: Metadata | undefined,
  index: number,
): SigmaCorrelation | undefined {
  const map = valueOf(root, 'correlation')!
  if (map.kind !== 'map') {
    source.error('sigma/correlation-not-map', map, 'A correlation is a map.')
    return undefined
  }
  const type = readType(source, map)
  const timespan = readTimespan(source, map)
  const condition = readCountCondition(source, map, type)
  const rules = readReferences(source, map, condition?.expression)
  if (!metadata || !type || !rules || !timespan || !condition) return undefined
  const aliases = readAliases(source, map)
  return {
    kind: 'correlation',
    ...metadata,
    ...condition,
    type,
    rules,
    ...timespan,
    groupBy: textsOf(valueOf(map, 'group-by')),
    aliases,
    isGenerating: isTrue(valueOf(map, 'generate')) || isTrue(valueOf(root, 'generate')),
    root,
    index,
    start: root.start,
    end: root.end,
  }
}

function readType(source: Source, map: YamlMap): CorrelationType | undefined {
  const node = valueOf(map, 'type')
  const word = node?.kind === 'scalar' ? node.text.replace(/_extended$/, '') : ''
  const type = CORRELATION_TYPES.find((known) => known === word)
  if (type !== undefined) return type
  const near = nearest(word, CORRELATION_TYPES)
  const hint = near ? `Did you mean "${near}"?` : `Types are ${CORRELATION_TYPES.join(', ')}.`
  const message = node ? `There is no correlation type "${word}".` : 'The correlation has no type.'
  source.error('sigma/correlation-type', node ?? map, message, hint)
  return undefined
}

/** Without a list the rules are those the condition names. */
function readReferences(
  source: Source,
  map: YamlMap,
  expression: ParsedCondition | undefined,
): readonly YamlScalar[] | undefined {
  const node = valueOf(map, 'rules')
  if (node === undefined && expression) return namesIn(expression)
  const items = node?.kind === 'list' ? node.items : node ? [node] : []
  const scalars = items.filter((item): item is YamlScalar => item.kind === 'scalar' && !!item.text)
  if (scalars.length === 0 || scalars.length < items.length) {
    const message = 'A correlation lists the ids or names of the rules it looks at.'
    source.error('sigma/correlation-without-rules', node ?? map, message)
    return undefined
  }
  if (expression === undefined) return scalars
  const names = scalars.map((rule) => rule.text)
  for (const reference of references(expression.tree)) {
    if (reference.kind === 'selector' || names.includes(reference.name)) continue
    const message = `"${reference.name}" is not among the rules of this correlation.`
    source.error('sigma/correlation-condition', expression.node, message)
    return undefined
  }
  return scalars
}

function namesIn(expression: ParsedCondition): readonly YamlScalar[] {
  const names = new Map<string, YamlScalar>()
  for (const reference of references(expression.tree)) {
    const text = reference.kind === 'identifier' ? reference.name : reference.pattern
    names.set(text, { ...expression.node, text, value: text })
  }
  return [...names.values()]
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  M: 30 * DAY,
  y: 365 * DAY,
}

type Timespan = Pick<SigmaCorrelation, 'timespan' | 'timespanSeconds'>

function readTimespan(source: Source, map: YamlMap): Timespan | undefined {
  const node = valueOf(map, 'timespan') ?? valueOf(map, 'timeframe')
  const text = node?.kind === 'scalar' ? node.text : ''
  const match = /^(\d{1,6})([smhdwMy])$/.exec(text)
  const seconds = match ? (Number(match[1]) * UNIT_MS[match[2]!]!) / SECOND : 0
  if (seconds > 0) return { timespan: text, timespanSeconds: seconds }
  const message = node ? `"${text}" is no timespan.` : 'The correlation has no timespan.'
  source.error('sigma/correlation-timespan', node ?? map, message, 'Write 30s, 5m, 1h or 2d.')
  return undefined
}

type CountCondition = Pick<SigmaCorrelation, 'bounds' | 'valueFields' | 'percentile' | 'expression'>

function readCountCondition(
  source: Source,
  map: YamlMap,
  type: CorrelationType | undefined,
): CountCondition | undefined {
  const node = valueOf(map, 'condition')
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  if (node === undefined) {
    if (isTemporal || type === undefined) return { bounds: [], valueFields: [] }
    source.error('sigma/correlation-condition', map, 'The correlation has no condition.')
    return undefined
  }
  if (node.kind === 'scalar') return readExpression(source, node, isTemporal)
  if (node.kind !== 'map') {
    source.error('sigma/correlation-condition', node, 'A condition is a map such as {gte: 10}.')
    return undefined
  }
  const bounds = readBounds(source, node)
  const valueFields = textsOf(valueOf(node, 'field'))
  const percentile = readPercentile(source, node, type)
  if (type && VALUE_TYPES.has(type) && valueFields.length === 0) {
    const message = `${type} needs to know the field: condition.field is missing.`
    source.error('sigma/correlation-field', node, message)
    return undefined
  }
  if (!bounds || percentile === null) return undefined
  return { bounds, valueFields, ...(percentile === undefined ? {} : { percentile }) }
}

function readBounds(source: Source, map: YamlMap): readonly CountBound[] | undefined {
  const bounds: CountBound[] = []
  for (const { key, value } of map.entries) {
    const op = OPERATORS.find((known) => known === key.text)
    if (op === undefined) {
      if (key.text === 'field' || key.text === 'percentile') continue
      const hint = `Operators are ${OPERATORS.join(', ')}.`
      const message = `"${key.text}" is no operator of a correlation.`
      source.error('sigma/correlation-condition', key, message, hint)
      return undefined
    }
    const count = value.kind === 'scalar' ? numberOf(value) : undefined
    if (count === undefined) {
      source.error('sigma/correlation-condition', value, `"${op}" needs a number.`)
      return undefined
    }
    bounds.push({ op, value: count })
  }
  if (bounds.length > 0) return bounds
  const message = 'The condition says no number to compare with.'
  source.error('sigma/correlation-condition', map, message, 'Write {gte: 10}, for example.')
  return undefined
}

function numberOf(scalar: YamlScalar): number | undefined {
  if (typeof scalar.value === 'number') return scalar.value
  return /^-?\d{1,15}$/.test(scalar.text) ? Number(scalar.text) : undefined
}

/** Null for a percentile that cannot be; undefined when the type has none. */
function readPercentile(
  source: Source,
  map: YamlMap,
  type: CorrelationType | undefined,
): number | null | undefined {
  if (type !== 'value_percentile') return undefined
  const node = valueOf(map, 'percentile')
  const value = node?.kind === 'scalar' ? numberOf(node) : undefined
  if (value !== undefined && value >= 0 && value <= 100) return value
  const message = 'value_percentile needs condition.percentile, from 0 to 100.'
  source.error('sigma/correlation-percentile', node ?? map, message)
  return null
}

function readExpression(
  source: Source,
  node: YamlScalar,
  isTemporal: boolean,
): CountCondition | undefined {
  if (!isTemporal) {
    const message = 'Only temporal correlations take a condition over rules.'
    source.error('sigma/correlation-condition', node, message, 'Write {gte: 10}, for example.')
    return undefined
  }
  const expression = readCondition(source, node)
  return expression && { bounds: [], valueFields: [], expression }
}

function readAliases(source: Source, map: YamlMap): SigmaCorrelation['aliases'] {
  const aliases = new Map<string, ReadonlyMap<string, string>>()
  const node = valueOf(map, 'aliases')
  if (node === undefined) return aliases
  if (node.kind !== 'map') {
    source.error('sigma/correlation-aliases', node, 'Aliases are a map of maps.')
    return aliases
  }
  for (const { key, value } of node.entries) {
    if (value.kind !== 'map') {
      source.error('sigma/correlation-aliases', value, 'An alias names a field for each rule.')
      continue
    }
    const fields = value.entries.flatMap((entry) =>
      entry.value.kind === 'scalar' ? [[entry.key.text, entry.value.text] as const] : [],
    )
    aliases.set(key.text, new Map(fields))
  }
  return aliases
}

function textsOf(node: YamlNode | undefined): readonly string[] {
  const items: readonly YamlNode[] = node?.kind === 'list' ? node.items : node ? [node] : []
  return items.flatMap((item) => (item.kind === 'scalar' && item.text ? [item.text] : []))
}

function isTrue(node: (YamlNode & Range) | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true
}
