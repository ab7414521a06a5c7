// Correlations for Splunk. `streamstats` counts within a window that ends at each event; where fewer
// events can make a condition true, and inside a chain, windows stand side by side.
// Known gap: Splunk's list() keeps 100 values, so an order among more events of one group is cut, and
// a subsearch of a chain gives at most as many findings as the server's limits allow.

import { isRising } from '#languages/sigma/correlate.ts'
import { printSpl, splField } from '#languages/sigma/backends/spl.ts'
import { quote } from '#languages/sigma/backends/text.ts'
import { attempt, type Printed } from '#languages/sigma/backends/walk.ts'
import {
  boundsOf,
  bucketed,
  escapeRegex,
  isChain,
  isOrdered,
  measureOf,
  needQuery,
  orderPattern,
  printCondition,
  renamesOf,
  sharedName,
  SYMBOLS,
  valueField,
  type CorrelatedSource,
  type CorrelationInput,
} from './input.ts'

export function printSplCorrelation(input: CorrelationInput): Printed {
  const isSliding = isRising(input.correlation)
  const written = attempt('SPL', () => splQuery(input, isSliding))
  return isSliding && !isChain(input) ? written : bucketed(written)
}

function splQuery(input: CorrelationInput, isSliding: boolean): string {
  const { timespan, groupBy } = input.correlation
  const by = groupBy.map((name) => splField(sharedName(input, name)))
  const window = isSliding
    ? ['| sort 0 _time', `| streamstats time_window=${timespan} ${splAggregate(input)}`]
    : [`| bin _time span=${timespan}`, `| stats ${splAggregate(input)}`]
  const groups = isSliding ? by : ['_time', ...by]
  const tail = groups.length > 0 ? ` by ${groups.join(' ')}` : ''
  return `${splRows(input)}\n\n${window.join('\n')}${tail}\n\n| ${splCondition(input)}`
}

function splRows(input: CorrelationInput): string {
  const { sources } = input
  if (sources.length === 1) return sourceQuery(sources[0]!)
  const parts = sources.map((source) => {
    const renames = renamesOf(input, source).map(
      ([own, shared]) => ` | rename ${splField(own)} as ${splField(shared)}`,
    )
    const kind = ` | eval event_type=${quote(source.reference)}${renames.join('')}`
    return { query: sourceQuery(source) + kind, isStreaming: source.kind === 'rule' }
  })
  const inside = ({ query }: { query: string }) =>
    `[ ${query.startsWith('|') ? query : `search ${query}`} ]`
  if (parts.every(({ isStreaming }) => isStreaming)) {
    return `| multisearch\n${parts.map(inside).join('\n')}`
  }
  // `multisearch` takes no search that counts, as a correlation's own does.
  const [first, ...more] = parts
  return [first!.query, ...more.map((part) => `| append ${inside(part)}`)].join('\n')
}

function sourceQuery(source: CorrelatedSource): string {
  return source.kind === 'rule'
    ? needQuery(printSpl(source.predicate))
    : splQuery(source.input, false)
}

function splAggregate(input: CorrelationInput): string {
  const { type, percentile, expression } = input.correlation
  const field = () => splField(valueField(input))
  if (expression !== undefined || isOrdered(input)) return 'list(event_type) as event_types'
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
  const { expression } = input.correlation
  const order = `match(mvjoin(event_types, ","), ${quote(orderPattern(input))})`
  if (expression !== undefined) {
    const has = (name: string) =>
      `isnotnull(mvfind(event_types, ${quote(`^${escapeRegex(name)}$`)}))`
    const not = (inner: string) => `NOT ${inner}`
    const said = printCondition(expression.tree, input, { has, and: ' AND ', or: ' OR ', not })
    return `where ${said}${isOrdered(input) ? ` AND ${order}` : ''}`
  }
  if (isOrdered(input)) return `where ${order}`
  const measure = measureOf(input)
  const bounds = boundsOf(input).map(({ op, value }) => `${measure} ${SYMBOLS[op]} ${value}`)
  return `search ${bounds.join(' ')}`
}
