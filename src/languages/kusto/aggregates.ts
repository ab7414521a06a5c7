// The aggregates of `summarize`. Nulls take no part; over no value a count is 0, a list empty, and the
// rest null. Distinct counts are exact here, where Kusto estimates them.
// Source: learn.microsoft.com, Kusto "Aggregation functions", read 2026-11.

import { unsupported, type Budget } from '#languages/evaluation.ts'
import { compute } from './compute.ts'
import type { Computed, ComputeScope } from './computed.ts'
import { sumType } from './scalars.ts'
import type { KustoCall, KustoExpression } from './tree.ts'
import { missing, orderOf, type KustoRow, type KustoType, type KustoValue } from './values.ts'

/** One column of the result; `arg_max` gives several. */
export interface AggregateColumn {
  readonly name: string
  readonly type: KustoType
}

export interface Aggregate {
  readonly columns: readonly AggregateColumn[]
  /** Over the rows of one group, in their order. */
  finish(rows: readonly KustoRow[]): readonly KustoValue[]
}

/** Undefined when the call is no aggregate. Throws `Refusal`. */
export function compileAggregate(
  call: KustoCall,
  name: string | undefined,
  scope: ComputeScope,
  budget: Budget,
): Aggregate | undefined {
  const lower = call.name.toLowerCase()
  if (lower === 'arg_max' || lower === 'arg_min')
    return edgeRow(call, name, scope, lower === 'arg_max')
  const condition = CONDITIONAL[lower]
  const given = call.arguments.map((item) => compute(item, scope))
  const last = given.at(-1)
  const plain = condition ?? lower
  const make = AGGREGATES[plain]
  if (make === undefined) return undefined
  const filter = condition === undefined ? () => true : (row: KustoRow) => last!.of(row) === true
  const inputs = condition === undefined ? given : given.slice(0, -1)
  const made = make(inputs)
  const [input] = inputs
  const finishRows = (rows: readonly KustoRow[]) => {
    const own = rows.filter(filter)
    budget.holdRows(own.length)
    const values = input === undefined ? own.map(() => true) : own.map((row) => input.of(row))
    return [
      made.finish(
        values.filter((value) => value !== null),
        inputs,
        own,
      ),
    ]
  }
  return { columns: [{ name: name ?? nameOf(call), type: made.type }], finish: finishRows }
}

const PREFIXES: Readonly<Record<string, string>> = {
  make_set: 'set_',
  make_set_if: 'set_',
  make_list: 'list_',
  make_list_if: 'list_',
  take_any: '',
  any: '',
}

/** `count_`, `sum_x`, `set_x`, `percentile_x_50` */
function nameOf({ name, arguments: [first, second] }: KustoCall): string {
  const lower = name.toLowerCase()
  const prefix = PREFIXES[lower] ?? `${lower}_`
  if (first?.kind !== 'name') return prefix
  const isShare = lower === 'percentile' && second?.kind === 'literal'
  return `${prefix}${first.name}${isShare ? `_${second.text}` : ''}`
}

const CONDITIONAL: Readonly<Record<string, string>> = {
  countif: 'count',
  dcountif: 'dcount',
  sumif: 'sum',
  avgif: 'avg',
  minif: 'min',
  maxif: 'max',
  make_list_if: 'make_list',
  make_set_if: 'make_set',
  take_anyif: 'take_any',
}

interface Made {
  readonly type: KustoType
  finish(
    values: readonly KustoValue[],
    inputs: readonly Computed[],
    rows: readonly KustoRow[],
  ): KustoValue
}

type Make = (inputs: readonly Computed[]) => Made

const numbersIn = (values: readonly KustoValue[]) =>
  values.filter((value) => typeof value === 'number')
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length

function overNumbers(type: KustoType, apply: (numbers: readonly number[]) => number | null): Make {
  return () => ({
    type,
    finish: (values) => {
      const numbers = numbersIn(values)
      return numbers.length === 0 ? null : apply(numbers)
    },
  })
}

/** Of a sample: one less than there are. */
function variance(numbers: readonly number[]): number {
  if (numbers.length < 2) return 0
  const middle = mean(numbers)
  return sum(numbers.map((one) => (one - middle) ** 2)) / (numbers.length - 1)
}

function extreme(sign: 1 | -1): Make {
  return ([input]) => ({
    type: input!.type,
    finish: (values) =>
      values.reduce<KustoValue>(
        (best, value) => (best === null || (orderOf(value, best) ?? 0) * sign > 0 ? value : best),
        null,
      ),
  })
}

/** The second argument is the most there may be. */
function listing(isSet: boolean): Make {
  return () => ({
    type: 'dynamic',
    finish: (values, [, limit], [row]) => {
      const found = isSet
        ? [...new Map(values.map((one) => [JSON.stringify(one), one])).values()]
        : values
      const most = limit && row ? limit.of(row) : null
      return typeof most === 'number' ? found.slice(0, most) : found
    },
  })
}

const distinct = (values: readonly KustoValue[]) =>
  new Set(values.map((one) => JSON.stringify(one))).size

const AGGREGATES: Readonly<Record<string, Make>> = {
  count: () => ({ type: 'long', finish: (values) => values.length }),
  dcount: () => ({ type: 'long', finish: distinct }),
  count_distinct: () => ({ type: 'long', finish: distinct }),
  sum: ([input]) => ({ type: sumType(input!.type), finish: (values) => sum(numbersIn(values)) }),
  avg: ([input]) => ({
    type: input!.type === 'datetime' || input!.type === 'timespan' ? input!.type : 'real',
    finish: (values) => (numbersIn(values).length === 0 ? null : mean(numbersIn(values))),
  }),
  min: extreme(-1),
  max: extreme(1),
  stdev: overNumbers('real', (numbers) => Math.sqrt(variance(numbers))),
  variance: overNumbers('real', variance),
  make_list: listing(false),
  make_set: listing(true),
  take_any: ([input]) => ({
    type: input!.type,
    finish: (values) => values[0] ?? missing(input!.type),
  }),
  any: ([input]) => ({ type: input!.type, finish: (values) => values[0] ?? missing(input!.type) }),
  percentile: ([input]) => ({
    type: input!.type,
    finish: (values, [, share], [row]) => {
      const sorted = numbersIn(values).toSorted((a, b) => a - b)
      const given = share && row ? share.of(row) : null
      if (typeof given !== 'number' || sorted.length === 0) return null
      // The nearest rank: a value that is there.
      return sorted[Math.max(0, Math.ceil((given / 100) * sorted.length) - 1)]!
    },
  }),
}

/** The row where the first argument is greatest or least, with the columns named behind it. */
function edgeRow(
  { arguments: [by, ...rest] }: KustoCall,
  name: string | undefined,
  scope: ComputeScope,
  isGreatest: boolean,
): Aggregate {
  const { type, of } = compute(by!, scope)
  const own = name ?? (by!.kind === 'name' ? by.name : undefined)
  if (own === undefined)
    throw unsupported('arg_max and arg_min of an expression without a name', by)
  const names = rest.flatMap((node) => columnsOf(node, scope))
  const columns = names
    .filter((one) => one !== own)
    .map((one) => ({ name: one, type: scope.columns.get(one)! }))
  const finish = (rows: readonly KustoRow[]) => {
    let best: KustoRow | undefined
    for (const row of rows) {
      const value = of(row)
      if (value === null) continue
      const order = best === undefined ? 1 : (orderOf(value, of(best)) ?? 0)
      if (best === undefined || (isGreatest ? order > 0 : order < 0)) best = row
    }
    const edge = best
    return [
      edge ? of(edge) : null,
      ...columns.map((column) => edge?.get(column.name) ?? missing(column.type)),
    ]
  }
  return { columns: [{ name: own, type }, ...columns], finish }
}

function columnsOf(node: KustoExpression, scope: ComputeScope): readonly string[] {
  if (node.kind === 'star') return [...scope.columns.keys()]
  if (node.kind === 'name' && scope.columns.has(node.name)) return [node.name]
  throw unsupported('More than columns behind arg_max and arg_min', node)
}
