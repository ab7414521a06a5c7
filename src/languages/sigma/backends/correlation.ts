// Correlations as queries. A window that slides is printed where the language can (SPL streamstats,
// Kusto prev(), EQL sequences); where it cannot, windows stand side by side and a warning says that
// events on both sides of a border are missed. A chain of correlations is refused by name.
// Known gap: Splunk's list() keeps 100 values, so an order among more events of one group is cut.

import type { Problem } from '#kernel/problem.ts'
import type { Predicate } from '#languages/predicate.ts'
import { isRising } from '#languages/sigma/correlate.ts'
import type { CountBound, SigmaCorrelation } from '#languages/sigma/rule.ts'
import { selectNames, type Condition } from '#languages/sigma/condition.ts'
import { printEqlCondition } from './eql.ts'
import { printEsqlCondition } from './esql.ts'
import { printKusto } from './kusto.ts'
import { printSpl, splField } from './spl.ts'
import { quote } from './text.ts'
import { attempt, Unsayable, type Printed } from './walk.ts'

export interface CorrelatedRule {
  readonly reference: string
  readonly predicate: Predicate
  /** The field a name of the correlation stands for in this rule's events. */
  fieldOf(name: string): string
}

export interface CorrelationInput {
  readonly correlation: SigmaCorrelation
  readonly rules: readonly CorrelatedRule[]
  /** For ES|QL. */
  readonly index: string
}

export function printSplCorrelation(input: CorrelationInput): Printed {
  const { correlation } = input
  const isSliding = isRising(correlation)
  const written = attempt('SPL', () => {
    const by = correlation.groupBy.map((name) => splField(sharedName(input, name)))
    const window = isSliding
      ? [
          '| sort 0 _time',
          `| streamstats time_window=${correlation.timespan} ${splAggregate(input)}`,
        ]
      : [`| bin _time span=${correlation.timespan}`, `| stats ${splAggregate(input)}`]
    const groups = isSliding ? by : ['_time', ...by]
    const tail = groups.length > 0 ? ` by ${groups.join(' ')}` : ''
    return `${splSources(input)}\n\n${window.join('\n')}${tail}\n\n| ${splCondition(input)}`
  })
  return isSliding ? written : bucketed(written)
}

function splSources(input: CorrelationInput): string {
  const queries = input.rules.map((rule) => needQuery(printSpl(rule.predicate)))
  if (queries.length === 1) return queries[0]!
  const parts = queries.map((query, at) => {
    const rule = input.rules[at]!
    const renames = namesOf(input).flatMap((name) => {
      const [own, shared] = [rule.fieldOf(name), sharedName(input, name)]
      return own === shared ? [] : [` | rename ${splField(own)} as ${splField(shared)}`]
    })
    return `[ search ${query} | eval event_type=${quote(rule.reference)}${renames.join('')} ]`
  })
  return `| multisearch\n${parts.join('\n')}`
}

function splAggregate(input: CorrelationInput): string {
  const { type, percentile, expression } = input.correlation
  const field = () => splField(valueField(input))
  if (expression !== undefined || (type === 'temporal_ordered' && isPlainTemporal(input))) {
    return 'list(event_type) as event_types'
  }
  switch (type) {
    case 'event_count':
      return 'count as event_count'
    case 'temporal':
    case 'temporal_ordered':
      return 'dc(event_type) as event_type_count'
    case 'value_count':
      return `dc(${field()}) as value_count`
    case 'value_sum':
      return `sum(${field()}) as value_sum`
    case 'value_avg':
      return `avg(${field()}) as value_avg`
    case 'value_median':
      return `median(${field()}) as value_median`
    case 'value_percentile':
      return `perc${percentile!}(${field()}) as value_percentile`
  }
}

function splCondition(input: CorrelationInput): string {
  const { type, expression } = input.correlation
  if (expression !== undefined) {
    const order = type === 'temporal_ordered' ? ` AND ${splOrder(input)}` : ''
    const has = (name: string) =>
      `isnotnull(mvfind(event_types, ${quote(`^${escapeRegex(name)}$`)}))`
    return `where ${printCondition(expression.tree, input, { has, and: ' AND ', or: ' OR ', not: 'NOT ' })}${order}`
  }
  if (type === 'temporal_ordered' && isPlainTemporal(input)) return `where ${splOrder(input)}`
  const measure = measureOf(input)
  return `search ${boundsOf(input)
    .map(({ op, value }) => `${measure} ${SYMBOLS[op]} ${value}`)
    .join(' ')}`
}

function splOrder(input: CorrelationInput): string {
  const names = input.rules.map(({ reference }) => escapeRegex(reference))
  return `match(mvjoin(event_types, ","), ${quote(`(^|,)${names.join(',(.*,)?')}(,|$)`)})`
}

export function printKustoCorrelation(input: CorrelationInput): Printed {
  const { correlation, rules } = input
  const sliding = kustoSliding(input)
  const written = attempt('Kusto', () => {
    if (correlation.expression || correlation.type === 'temporal_ordered') {
      throw new Unsayable('an order or a condition over rules')
    }
    const conditions = rules.map((rule) => needQuery(printKusto(rule.predicate)))
    const where = conditions.map((one) => `(${one})`).join(' or ')
    const lines = [`where ${conditions.length === 1 ? conditions[0]! : where}`]
    if (rules.length > 1) lines.push(`extend event_type = case(${casesOf(input, conditions)}, "")`)
    lines.push(...aliasCases(input).map(([name, cases]) => `extend ${name} = case(${cases}, "")`))
    if (sliding !== undefined) return [...lines, ...sliding].join('\n| ')
    const by = [`bin(TimeGenerated, ${correlation.timespan})`, ...groupNames(input)].join(', ')
    const bounds = boundsOf(input).map(({ op, value }) => {
      return `${measureOf(input)} ${op === 'eq' ? '==' : SYMBOLS[op]} ${value}`
    })
    lines.push(`summarize ${kustoAggregate(input)} by ${by}`, `where ${bounds.join(' and ')}`)
    return lines.join('\n| ')
  })
  return sliding === undefined ? bucketed(written) : written
}

/** "At least n events" holds exactly when the event n-1 places before is near enough. */
function kustoSliding(input: CorrelationInput): readonly string[] | undefined {
  const { type, bounds, timespan } = input.correlation
  const [bound] = bounds
  if (type !== 'event_count' || bounds.length !== 1 || !bound) return undefined
  const least = bound.op === 'gte' ? bound.value : bound.op === 'gt' ? bound.value + 1 : 0
  if (least < 2) return undefined
  const groups = groupNames(input)
  const order = [...groups, 'TimeGenerated'].map((name) => `${name} asc`).join(', ')
  const same = groups.map((name) => `prev(${name}, ${least - 1}) == ${name}`)
  const near = `TimeGenerated - prev(TimeGenerated, ${least - 1}) <= ${timespan}`
  return [`sort by ${order}`, `where ${[...same, near].join(' and ')}`]
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
      return `value_count = dcount(${valueField(input)})`
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

const ESQL_UNITS: Readonly<Record<string, string>> = {
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
}

export function printEsqlCorrelation(input: CorrelationInput): Printed {
  const written = attempt('ES|QL', () => {
    const { correlation, rules, index } = input
    if (correlation.expression || correlation.type === 'temporal_ordered') {
      throw new Unsayable('an order or a condition over rules')
    }
    const unit = ESQL_UNITS[correlation.timespan.slice(-1)]
    if (unit === undefined) throw new Unsayable(`a timespan of ${correlation.timespan}`)
    const conditions = rules.map((rule) => printEsqlCondition(rule.predicate))
    const where =
      conditions.length === 1 ? conditions[0]! : conditions.map((one) => `(${one})`).join(' or ')
    const lines = [`from ${index} metadata _id, _index, _version | where ${where}`]
    if (rules.length > 1) lines.push(`eval event_type=case(${casesOf(input, conditions)})`)
    lines.push(...aliasCases(input).map(([name, cases]) => `eval ${name}=case(${cases})`))
    const by = ['timebucket', ...groupNames(input)].join(', ')
    const bucket = `eval timebucket=date_trunc(${correlation.timespan.slice(0, -1)}${unit}, @timestamp)`
    lines.push(`${bucket} | stats ${esqlAggregate(input)} by ${by}`)
    const bounds = boundsOf(input).map(
      ({ op, value }) => `${measureOf(input)} ${op === 'eq' ? '==' : SYMBOLS[op]} ${value}`,
    )
    return [...lines, `where ${bounds.join(' and ')}`].join('\n| ')
  })
  return bucketed(written)
}

function esqlAggregate(input: CorrelationInput): string {
  const { type, percentile } = input.correlation
  const field = () => valueField(input)
  switch (type) {
    case 'event_count':
      return 'event_count=count()'
    case 'temporal':
    case 'temporal_ordered':
      return 'event_type_count=count_distinct(event_type)'
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

/** EQL knows sequences: an order of rules, or one rule so many times. */
export function printEqlCorrelation(input: CorrelationInput): Printed {
  return attempt('EQL', () => {
    const { correlation, rules } = input
    const by = (rule: CorrelatedRule) => {
      const fields = correlation.groupBy.map((name) => rule.fieldOf(name))
      return fields.length > 0 ? ` by ${fields.join(', ')}` : ''
    }
    const step = (rule: CorrelatedRule) =>
      `[any where ${printEqlCondition(rule.predicate)}]${by(rule)}`
    const head = `sequence with maxspan=${correlation.timespan}`
    if (correlation.type === 'temporal_ordered' && isPlainTemporal(input)) {
      return [head, ...rules.map((rule) => `  ${step(rule)}`)].join('\n')
    }
    const [bound] = correlation.bounds
    const runs =
      bound && (bound.op === 'gte' ? bound.value : bound.op === 'gt' ? bound.value + 1 : 0)
    const isRuns = correlation.type === 'event_count' && correlation.bounds.length === 1
    if (!isRuns || rules.length !== 1 || !runs || runs < 1 || runs > 100) {
      throw new Unsayable(`a correlation of the type ${correlation.type} with this condition`)
    }
    return `${head}\n  ${step(rules[0]!)} with runs=${runs}`
  })
}

const SYMBOLS = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const

const BUCKETS: Problem = {
  code: 'sigma/side-by-side-windows',
  severity: 'warning',
  message:
    'The language has no sliding window for this: events on both sides of a window border are missed.',
}

function bucketed(written: Printed): Printed {
  if (written.query === undefined) return written
  return { ...written, problems: [...written.problems, BUCKETS] }
}

/** Without a condition a temporal correlation asks for every one of its rules. */
function boundsOf({ correlation, rules }: CorrelationInput): readonly CountBound[] {
  return correlation.bounds.length > 0 ? correlation.bounds : [{ op: 'gte', value: rules.length }]
}

function isPlainTemporal({ correlation }: CorrelationInput): boolean {
  return correlation.bounds.length === 0 && correlation.expression === undefined
}

function measureOf({ correlation: { type } }: CorrelationInput): string {
  return type === 'temporal' || type === 'temporal_ordered' ? 'event_type_count' : type
}

function namesOf({ correlation }: CorrelationInput): readonly string[] {
  return [...new Set([...correlation.groupBy, ...correlation.valueFields])]
}

function groupNames(input: CorrelationInput): readonly string[] {
  return input.correlation.groupBy.map((name) => sharedName(input, name))
}

function valueField(input: CorrelationInput): string {
  const [field, ...more] = input.correlation.valueFields
  if (field === undefined || more.length > 0)
    throw new Unsayable('values of several fields together')
  return sharedName(input, field)
}

/** The field all rules agree on, or else the name of the correlation itself. */
function sharedName({ rules }: CorrelationInput, name: string): string {
  const fields = new Set(rules.map((rule) => rule.fieldOf(name)))
  return fields.size === 1 ? [...fields][0]! : name
}

function aliasCases(input: CorrelationInput): readonly (readonly [string, string])[] {
  return namesOf(input).flatMap((name) => {
    if (new Set(input.rules.map((rule) => rule.fieldOf(name))).size === 1) return []
    const cases = input.rules.map(
      (rule) => `event_type == ${quote(rule.reference)}, ${rule.fieldOf(name)}`,
    )
    return [[name, cases.join(', ')] as const]
  })
}

function casesOf({ rules }: CorrelationInput, conditions: readonly string[]): string {
  return rules.map((rule, at) => `${conditions[at]!}, ${quote(rule.reference)}`).join(', ')
}

function needQuery(printed: Printed): string {
  if (printed.query !== undefined) return printed.query
  throw new Unsayable(printed.problems[0]?.message.replace(/\.$/, '') ?? 'one of its rules')
}

interface Words {
  readonly has: (name: string) => string
  readonly and: string
  readonly or: string
  readonly not: string
}

function printCondition(tree: Condition, input: CorrelationInput, words: Words): string {
  switch (tree.kind) {
    case 'identifier':
      return words.has(tree.name)
    case 'selector': {
      const names = selectNames(
        tree.pattern,
        input.rules.map(({ reference }) => reference),
      )
      return `(${names.map((name) => words.has(name)).join(tree.quantity === 'all' ? words.and : words.or)})`
    }
    case 'not':
      return `${words.not}${printCondition(tree.of, input, words)}`
    case 'and':
    case 'or': {
      const parts = tree.of.map((one) => printCondition(one, input, words))
      return `(${parts.join(tree.kind === 'and' ? words.and : words.or)})`
    }
  }
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}
