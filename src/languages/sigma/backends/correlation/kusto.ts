// Correlations for Kusto. "At least n events" slides by looking back at the event n-1 places before;
// everything else counts in windows that stand side by side. Several sources are joined by `union`
// where pipelines name tables; without, a row is made for each rule an event satisfies.

import { kustoField, printKusto } from '#languages/sigma/backends/kusto.ts'
import { quote } from '#languages/sigma/backends/text.ts'
import { attempt, Unsayable, type Printed } from '#languages/sigma/backends/walk.ts'
import {
  boundsOf,
  bucketed,
  groupNames,
  isChain,
  isOrdered,
  measureOf,
  namesOf,
  needQuery,
  orderPattern,
  printCondition,
  renamesOf,
  rulesOf,
  SYMBOLS,
  valueField,
  withFields,
  type CorrelatedSource,
  type CorrelationInput,
} from './input.ts'

export function printKustoCorrelation(given: CorrelationInput): Printed {
  const input = withFields(given, kustoField)
  const sliding = kustoSliding(input)
  const written = attempt('Kusto', () =>
    [...kustoGroups(input), ...(sliding ?? kustoWindow(input))].join('\n| '),
  )
  return sliding !== undefined && !isChain(input) ? written : bucketed(written)
}

/** Rows that belong to a group: a missing value is the empty text, and no group. */
function kustoGroups(input: CorrelationInput): readonly string[] {
  const present = groupNames(input).map((name) => `isnotempty(${name})`)
  return [...kustoRows(input), ...(present.length > 0 ? [`where ${present.join(' and ')}`] : [])]
}

/** The first line is a source of rows or, without tables, the condition to put behind one. */
function kustoRows(input: CorrelationInput): readonly string[] {
  const { sources } = input
  if (sources.length === 1) {
    const [source] = sources
    const renames = renamesOf(input, source!).map(([own, shared]) => `extend ${shared} = ${own}`)
    return [sourceQuery(source!), ...renames]
  }
  const hasTables = sources.every((one) => one.kind === 'correlation' || one.table !== undefined)
  if (!hasTables) return rowsByCase(input)
  const parts = sources.map((source) => {
    const renames = renamesOf(input, source).map(([own, shared]) => `, ${shared} = ${own}`)
    return `  (${sourceQuery(source)}\n| extend event_type = ${quote(source.reference)}${renames.join('')})`
  })
  return [`union\n${parts.join(',\n')}`]
}

function sourceQuery(source: CorrelatedSource): string {
  if (source.kind === 'rule') {
    const query = needQuery(printKusto(source.predicate, source.table))
    return source.table === undefined ? `where ${query}` : query
  }
  const lines = [...kustoGroups(source.input), ...kustoWindow(source.input)]
  if (lines[0]!.startsWith('where ')) {
    throw new Unsayable('a correlation of correlations without a table for each rule')
  }
  return lines.join('\n| ')
}

/** Without tables there is one source of rows: a row for each rule an event satisfies. */
function rowsByCase(input: CorrelationInput): readonly string[] {
  const rules = rulesOf(input)
  const conditions = rules.map((rule) => needQuery(printKusto(rule.predicate)))
  const names = rules.map((rule, at) => `iff(${conditions[at]!}, ${quote(rule.reference)}, "")`)
  const aliases = namesOf(input).flatMap((name) => {
    if (new Set(rules.map((rule) => rule.fieldOf(name))).size === 1) return []
    const own = rules.map((rule) => `event_type == ${quote(rule.reference)}, ${rule.fieldOf(name)}`)
    return [`extend ${name} = case(${own.join(', ')}, "")`]
  })
  return [
    `where ${conditions.map((one) => `(${one})`).join(' or ')}`,
    `extend event_type = pack_array(${names.join(', ')})`,
    'mv-expand event_type to typeof(string)',
    'where event_type != ""',
    ...aliases,
  ]
}

/** "At least n events" holds exactly when the event n-1 places before is near enough. */
function kustoSliding(input: CorrelationInput): readonly string[] | undefined {
  const { type, bounds, timespan } = input.correlation
  const { timeField } = input
  const [bound] = bounds
  if (type !== 'event_count' || bounds.length !== 1 || !bound) return undefined
  const least = bound.op === 'gte' ? bound.value : bound.op === 'gt' ? bound.value + 1 : 0
  if (least < 2) return undefined
  const groups = groupNames(input)
  const order = [...groups, timeField].map((name) => `${name} asc`).join(', ')
  const look = (name: string) => `prev(${name}, ${least - 1})`
  const looks = groups.map((name, at) => `earlier_${at + 1} = ${look(name)}`)
  const same = groups.map((name, at) => `earlier_${at + 1} == ${name}`)
  const near = `${timeField} - earlier_time <= ${timespan}`
  const close = `where ${[...same, near].join(' and ')}`
  return [
    `sort by ${order}`,
    `extend ${[...looks, `earlier_time = ${look(timeField)}`].join(', ')}`,
    close,
  ]
}

function kustoWindow(input: CorrelationInput): readonly string[] {
  const { timespan, expression } = input.correlation
  const window = `bin(${input.timeField}, ${timespan})`
  const by = [window, ...groupNames(input)].join(', ')
  if (expression === undefined && !isOrdered(input)) {
    const measure = measureOf(input)
    const bounds = boundsOf(input).map(({ op, value }) => {
      return `${measure} ${op === 'eq' ? '==' : SYMBOLS[op]} ${value}`
    })
    return [
      // A sum of nothing would be 0.
      ...(isOfNumbers(input) ? [`where isnotnull(todouble(${valueField(input)}))`] : []),
      `summarize ${kustoAggregate(input)} by ${by}`,
      `where ${bounds.join(' and ')}`,
    ]
  }
  const order = `strcat_array(event_types, ",") matches regex ${quote(orderPattern(input))}`
  const has = (name: string) => `set_has_element(event_types, ${quote(name)})`
  const not = (inner: string) => `not(${inner})`
  const words = { has, and: ' and ', or: ' or ', not }
  const said = expression === undefined ? [] : [printCondition(expression.tree, input, words)]
  return [
    // A list keeps the order of sorted rows.
    ...(isOrdered(input) ? [`sort by ${input.timeField} asc`] : []),
    `summarize event_types = make_list(event_type) by ${by}`,
    `where ${[...said, ...(isOrdered(input) ? [order] : [])].join(' and ')}`,
  ]
}

function isOfNumbers({ correlation: { type } }: CorrelationInput): boolean {
  return type.startsWith('value_') && type !== 'value_count'
}

function kustoAggregate(input: CorrelationInput): string {
  const { type, percentile } = input.correlation
  const field = () => `todouble(${valueField(input)})`
  switch (type) {
    case 'event_count':
      return 'event_count = count()'
    case 'temporal':
    case 'temporal_ordered':
      return 'event_type_count = dcount(event_type)'
    case 'value_count':
      return `value_count = dcountif(${valueField(input)}, isnotempty(${valueField(input)}))`
    case 'value_sum':
      return `value_sum = sum(${field()})`
    case 'value_avg':
      return `value_avg = avg(${field()})`
    case 'value_median':
      return `value_median = percentile(${field()}, 50)`
    case 'value_percentile':
      return `value_percentile = percentile(${field()}, ${percentile!})`
  }
}
