// Correlations for ES|QL, in windows that stand side by side. It reads one source of rows, so several
// rules are one condition with a flag or a row for each; what a correlation found can be counted again, but not
// together with something else.

import { esqlField, printEsqlCondition } from '#languages/sigma/backends/esql.ts'
import { quote } from '#languages/sigma/backends/text.ts'
import { attempt, Unsayable, type Printed } from '#languages/sigma/backends/walk.ts'
import {
  boundsOf,
  bucketed,
  groupNames,
  isOrdered,
  measureOf,
  namesOf,
  printCondition,
  renamesOf,
  rulesOf,
  SYMBOLS,
  valueField,
  withFields,
  type CorrelatedRule,
  type CorrelationInput,
} from './input.ts'

export function printEsqlCorrelation(input: CorrelationInput): Printed {
  return bucketed(attempt('ES|QL', () => esqlLines(withFields(input, esqlField)).join('\n| ')))
}

const UNITS: Readonly<Record<string, string>> = {
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
}

function esqlLines(input: CorrelationInput): readonly string[] {
  const { timespan } = input.correlation
  const unit = UNITS[timespan.slice(-1)]
  if (unit === undefined) throw new Unsayable(`a timespan of ${timespan}`)
  const [first] = input.sources
  const isChain = input.sources.length === 1 && first?.kind === 'correlation'
  const time = isChain ? 'timebucket' : '@timestamp'
  const rows = isChain
    ? [
        ...esqlLines(first.input),
        ...renamesOf(input, first).map(([own, shared]) => `rename ${own} as ${shared}`),
      ]
    : esqlRows(input)
  const groups = groupNames(input)
  // Rows without a value would be a group of their own.
  const present = groups.map((name) => `${name} is not null`)
  const grouped = present.length > 0 ? [`where ${present.join(' and ')}`] : []
  const by = ['timebucket', ...groups].join(', ')
  const bucket = `eval timebucket=date_trunc(${timespan.slice(0, -1)}${unit}, ${time})`
  const [aggregate, condition] = esqlJudgement(input)
  return [...rows, ...grouped, `${bucket} | stats ${aggregate} by ${by}`, `where ${condition}`]
}

function esqlRows(input: CorrelationInput): readonly string[] {
  const rules = rulesOf(input)
  const conditions = rules.map((rule) => printEsqlCondition(rule.predicate))
  const where =
    conditions.length === 1 ? conditions[0]! : conditions.map((one) => `(${one})`).join(' or ')
  const lines = [`from ${input.index} metadata _id, _index, _version | where ${where}`]
  if (rules.length === 1) return lines
  const isRenamed = namesOf(input).some((name) => fieldsOf(input, name).size > 1)
  if (isTemporal(input) && !isRenamed) {
    const cases = rules.map((rule, at) => `${conditions[at]!}, ${quote(rule.reference)}`)
    lines.push(`eval event_type=case(${cases.join(', ')})`, ...flagLines(input, conditions))
    return lines
  }
  lines.push(...expanded(rules, conditions))
  const isOne = (rule: CorrelatedRule) => `event_type == ${quote(rule.reference)}`
  for (const name of namesOf(input)) {
    if (fieldsOf(input, name).size === 1) continue
    const own = rules.map((rule) => `${isOne(rule)}, ${rule.fieldOf(name)}`)
    lines.push(`eval ${name}=case(${own.join(', ')})`)
  }
  return isTemporal(input) ? [...lines, ...flagLines(input, rules.map(isOne))] : lines
}

function fieldsOf(input: CorrelationInput, name: string): ReadonlySet<string> {
  return new Set(input.sources.map((source) => source.fieldOf(name)))
}

/** A row for each rule an event satisfies, which counts for every one of them. */
function expanded(
  rules: readonly CorrelatedRule[],
  conditions: readonly string[],
): readonly string[] {
  const isFree = (mark: string) => rules.every(({ reference }) => !reference.includes(mark))
  const between = [',', ';', '|'].find(isFree) ?? '\n'
  const names = rules.map(
    (rule, at) => `case(${conditions[at]!}, ${quote(rule.reference + between)}, "")`,
  )
  return [
    `eval event_type=split(concat(${names.join(', ')}), ${quote(between)})`,
    'mv_expand event_type',
    'where event_type != ""',
  ]
}

/** An event may satisfy two of the rules, and counts for both. */
function flagLines(input: CorrelationInput, conditions: readonly string[]): readonly string[] {
  const flags = conditions.map((one, at) => `rule_${at + 1}=case(${one}, 1, 0)`)
  const times = conditions.map((one, at) => `time_${at + 1}=case(${one}, @timestamp)`)
  const lines = [`eval ${flags.join(', ')}`]
  return isOrdered(input) ? [...lines, `eval ${times.join(', ')}`] : lines
}

function isTemporal({ correlation: { type, expression } }: CorrelationInput): boolean {
  return expression !== undefined || type === 'temporal' || type === 'temporal_ordered'
}

/** What is computed for each window, and what must hold of it. */
function esqlJudgement(input: CorrelationInput): readonly [string, string] {
  const { expression } = input.correlation
  if (!isTemporal(input)) return [esqlAggregate(input), bounds(input)]
  const flags = input.sources.map((_source, at) => `rule_${at + 1}`)
  const aggregates = flags.map((flag) => `${flag}=max(${flag})`)
  const has = (name: string) =>
    `${flags[input.sources.findIndex(({ reference }) => reference === name)]!} > 0`
  const not = (inner: string) => `not (${inner})`
  const words = { has, and: ' and ', or: ' or ', not }
  const said = expression ? printCondition(expression.tree, input, words) : undefined
  if (isOrdered(input)) {
    if (flags.length !== 2) throw new Unsayable('an order of more than two rules')
    aggregates.push('time_1=min(time_1)', 'time_2=max(time_2)')
    return [aggregates.join(', '), [...(said ? [said] : []), 'time_1 <= time_2'].join(' and ')]
  }
  if (said !== undefined) return [aggregates.join(', '), said]
  return [aggregates.join(', '), bounds(input, `(${flags.join(' + ')})`)]
}

function bounds(input: CorrelationInput, measure = measureOf(input)): string {
  return boundsOf(input)
    .map(({ op, value }) => `${measure} ${op === 'eq' ? '==' : SYMBOLS[op]} ${value}`)
    .join(' and ')
}

function esqlAggregate(input: CorrelationInput): string {
  const { type, percentile } = input.correlation
  const field = () => valueField(input)
  switch (type) {
    case 'event_count':
    case 'temporal':
    case 'temporal_ordered':
      return 'event_count=count()'
    case 'value_count':
      return `value_count=count_distinct(${field()})`
    case 'value_sum':
      return `value_sum=sum(${field()})`
    case 'value_avg':
      return `value_avg=avg(${field()})`
    case 'value_median':
      return `value_median=median(${field()})`
    case 'value_percentile':
      return `value_percentile=percentile(${field()}, ${percentile!})`
  }
}
