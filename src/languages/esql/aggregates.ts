// ES|QL's aggregates. Each takes every value of a multivalue, and none that is null; over no value at
// all a count is 0 and the rest null. Distinct counts and percentiles are exact here, where a cluster
// may estimate them over many values. Source: elastic.co/docs, ES|QL "Aggregation functions" 9.x,
// read 2026-11.

import {
  listOf,
  unsupported,
  valuesOf,
  type Budget,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compute } from './compute.ts'
import { edgeOf } from './operators.ts'
import type { Computed, ComputeScope } from './computed.ts'
import { median } from './scalars-multivalue.ts'
import type { EsqlCall } from './tree.ts'
import { numberFrom, orderOf, type EsqlType, type Scalar } from './values.ts'

export interface Aggregate {
  readonly type: EsqlType
  /** A fresh accumulator for one group. */
  start(): Accumulator
}

export interface Accumulator {
  add(row: Fields): void
  result(): Value
}

type Make = (given: readonly Computed[], call: EsqlCall, budget: Budget) => Aggregate

/** Undefined when the function is no aggregate. Throws `Refusal`. */
export function compileAggregate(
  call: EsqlCall,
  scope: ComputeScope,
  budget: Budget,
): Aggregate | undefined {
  const make = AGGREGATES[call.name]
  if (make === undefined) return undefined
  const given = call.arguments.map((item) => compute(item, scope))
  return make(given, call, budget)
}

export function isAggregate(name: string): boolean {
  return Object.hasOwn(AGGREGATES, name)
}

/** Folds the values one by one. */
function folding(
  type: EsqlType | 'first',
  start: () => Scalar,
  step: (total: Scalar, value: Scalar) => Scalar,
): Make {
  return ([input]) => ({
    type: type === 'first' ? (input?.type ?? 'null') : type,
    start: () => {
      let total = start()
      return {
        add: (row) => {
          for (const value of valuesOf(input!.of(row))) total = step(total, value as Scalar)
        },
        result: () => total,
      }
    },
  })
}

/** Keeps the values for a result over all of them. */
function keeping(
  type: EsqlType | 'first',
  finish: (values: readonly Value[], more: readonly Value[]) => Value,
): Make {
  return ([input, ...more], _call, budget) => ({
    type: type === 'first' ? (input?.type ?? 'null') : type,
    start: () => {
      const values: Value[] = []
      let options: readonly Value[] | undefined
      return {
        add: (row) => {
          values.push(...valuesOf(input!.of(row)))
          options ??= more.map((item) => item.of(row))
          budget.holdRows(values.length)
        },
        result: () => (values.length === 0 ? null : finish(values, options ?? [])),
      }
    },
  })
}

const numbersOf = (values: readonly Value[]) => values.map((one) => numberFrom(one, 'An aggregate'))
const plus = (total: Scalar, value: Scalar) =>
  numberFrom(total ?? 0, 'SUM') + numberFrom(value, 'SUM')

const AGGREGATES: Readonly<Record<string, Make>> = {
  count: ([input]) => ({ type: 'long', start: () => counter(input) }),
  count_distinct: ([input]) => ({
    type: 'long',
    start: () => {
      const seen = new Set<Value>()
      return {
        add: (row) => {
          for (const value of valuesOf(input!.of(row))) seen.add(value)
        },
        result: () => seen.size,
      }
    },
  }),
  sum: folding('first', () => null, plus),
  max: folding(
    'first',
    () => null,
    (best, value) => edgeOf(listOf([best, value]), true),
  ),
  min: folding(
    'first',
    () => null,
    (best, value) => edgeOf(listOf([best, value]), false),
  ),
  avg: keeping('double', (values) => mean(numbersOf(values))),
  median: keeping('double', (values) => median(numbersOf(values))),
  median_absolute_deviation: keeping('double', (values) => {
    const numbers = numbersOf(values)
    const middle = median(numbers)!
    return median(numbers.map((one) => Math.abs(one - middle)))
  }),
  percentile: keeping('double', (values, [share = 50]) =>
    percentileOf(numbersOf(values), numberFrom(share, 'PERCENTILE')),
  ),
  std_dev: keeping('double', (values) => Math.sqrt(varianceOf(numbersOf(values)))),
  variance: keeping('double', (values) => varianceOf(numbersOf(values))),
  // The order of VALUES is not promised; here it is that of the first time each was seen.
  values: keeping('first', (values) => listOf([...new Set(values)])),
  top: keeping('first', (values, [count = 1, order = 'ASC']) => {
    const sorted = values.toSorted((a, b) => orderOf(a as Scalar, b as Scalar) ?? 0)
    const isDown = String(order).toLowerCase() === 'desc'
    return listOf((isDown ? sorted.toReversed() : sorted).slice(0, numberFrom(count, 'TOP')))
  }),
  weighted_avg: ([input, weight]) => ({ type: 'double', start: () => weighing(input!, weight!) }),
}

function counter(input: Computed | undefined): Accumulator {
  let count = 0
  return {
    add: (row) => {
      count += input === undefined ? 1 : valuesOf(input.of(row)).length
    },
    result: () => count,
  }
}

function weighing(input: Computed, weight: Computed): Accumulator {
  let [total, weights] = [0, 0]
  return {
    add: (row) => {
      const [value, share] = [input.of(row), weight.of(row)]
      if (value === null || share === null) return
      if (typeof value === 'object' || typeof share === 'object') {
        throw unsupported('WEIGHTED_AVG over several values')
      }
      total += numberFrom(value, 'WEIGHTED_AVG') * numberFrom(share, 'WEIGHTED_AVG')
      weights += numberFrom(share, 'WEIGHTED_AVG')
    },
    result: () => (weights === 0 ? null : total / weights),
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}

/** Of the whole population, as ES|QL computes it. */
function varianceOf(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((total, value) => total + (value - middle) ** 2, 0) / values.length
}

/** Between two values in proportion. */
function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (share / 100) * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  return low + (high - low) * (place - Math.floor(place))
}
