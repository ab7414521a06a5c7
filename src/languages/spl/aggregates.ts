// The functions of `stats` and its kin. Each takes every value of a field, and `count(eval(…))` counts
// the rows where the condition holds. Distinct counts and percentiles are exact.
// Source: Splunk Search Reference, "Statistical and charting functions", read 2026-11.

import {
  compareText,
  listOf,
  unsupported,
  valuesOf,
  type Budget,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileEval, type ComputeScope } from './compute.ts'
import type { SplAggregate } from './tree.ts'
import { compareValues, numberIn, textIn } from './values.ts'

export interface Accumulator {
  add(row: Fields): void
  result(): Value
}

export interface Aggregate {
  readonly name: string
  start(): Accumulator
}

/** Throws `Refusal`. */
export function compileAggregate(
  node: SplAggregate,
  scope: ComputeScope,
  budget: Budget,
): Aggregate {
  const { name, argument, as } = node
  const isField = argument === null || argument.kind === 'field'
  if (!isField && as === null) throw unsupported('An eval inside an aggregate without “as”', node)
  if (argument?.kind === 'field' && argument.name.includes('*')) {
    throw unsupported('An aggregate over a pattern of fields', node)
  }
  const written = argument?.kind === 'field' ? `${name}(${argument.name})` : name
  const column = as?.name ?? written
  if (argument === null) {
    if (name !== 'count' && name !== 'c') throw unsupported(`“${name}” without a field`, node)
    return { name: column, start: () => countRows() }
  }
  const compute = compileEval(argument, scope)
  const finish = finisherOf(name, node)
  const start = (): Accumulator => {
    const seen: Seen[] = []
    return {
      add: (row) => {
        // False counts as nothing: `count(eval(a=1))` counts where it holds.
        for (const value of valuesOf(compute(row))) {
          if (value === false) continue
          seen.push({ value: value === true ? 1 : value, at: numberIn(row.get('_time')) })
        }
        budget.holdRows(seen.length)
      },
      result: () => finish(seen),
    }
  }
  return { name: column, start }
}

function countRows(): Accumulator {
  let count = 0
  return { add: () => void count++, result: () => count }
}

interface Seen {
  readonly value: Value
  readonly at: number | undefined
}

type Finish = (seen: readonly Seen[]) => Value

function overNumbers(compute: (numbers: readonly number[]) => number): Finish {
  return (seen) => {
    const numbers = seen.flatMap(({ value }) => numberIn(value) ?? [])
    return numbers.length === 0 ? null : compute(numbers)
  }
}

const LIST_VALUES_MAX = 100
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
const average = (numbers: readonly number[]) => sum(numbers) / numbers.length
const distinct = (seen: readonly Seen[]) => [...new Set(seen.map(({ value }) => textIn(value)))]

/** `n` values less one for a sample. */
function variance(numbers: readonly number[], isSample: boolean): number {
  if (isSample && numbers.length < 2) return 0
  const middle = average(numbers)
  const squares = sum(numbers.map((one) => (one - middle) ** 2))
  return squares / (numbers.length - (isSample ? 1 : 0))
}

/** Numbers by size when all are, else all as text. */
function extreme(sign: 1 | -1): Finish {
  return (seen) => {
    if (seen.length === 0) return null
    const values = seen.map(({ value }) => value)
    const areNumbers = values.every((value) => numberIn(value) !== undefined)
    const compare = areNumbers
      ? compareValues
      : (a: Value, b: Value) => compareText(textIn(a), textIn(b))
    return values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best))
  }
}

/** The first or last by `_time`; events without one take no part. */
function byTime(sign: 1 | -1, pick: (seen: Seen) => Value): Finish {
  return (seen) => {
    const timed = seen.filter(({ at }) => at !== undefined)
    const [first, ...rest] = timed
    if (first === undefined) return null
    return pick(rest.reduce((best, one) => ((one.at! - best.at!) * sign > 0 ? one : best), first))
  }
}

/** The higher of the two where a percentile falls between values. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((share / 100) * sorted.length))]!
}

function mode(seen: readonly Seen[]): Value {
  const counts = new Map<string, number>()
  for (const { value } of seen) counts.set(textIn(value), (counts.get(textIn(value)) ?? 0) + 1)
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  return first?.[0] ?? null
}

const FINISHERS: Readonly<Record<string, Finish>> = {
  count: (seen) => seen.length,
  c: (seen) => seen.length,
  dc: (seen) => distinct(seen).length,
  distinct_count: (seen) => distinct(seen).length,
  estdc: (seen) => distinct(seen).length,
  sum: overNumbers(sum),
  sumsq: overNumbers((numbers) => sum(numbers.map((one) => one ** 2))),
  avg: overNumbers(average),
  mean: overNumbers(average),
  median: overNumbers((numbers) => percentile(numbers, 50)),
  mode,
  min: extreme(-1),
  max: extreme(1),
  range: overNumbers((numbers) => Math.max(...numbers) - Math.min(...numbers)),
  stdev: overNumbers((numbers) => Math.sqrt(variance(numbers, true))),
  stdevp: overNumbers((numbers) => Math.sqrt(variance(numbers, false))),
  var: overNumbers((numbers) => variance(numbers, true)),
  varp: overNumbers((numbers) => variance(numbers, false)),
  first: (seen) => seen[0]?.value ?? null,
  last: (seen) => seen.at(-1)?.value ?? null,
  earliest: byTime(-1, ({ value }) => value),
  latest: byTime(1, ({ value }) => value),
  earliest_time: byTime(-1, ({ at }) => at ?? null),
  latest_time: byTime(1, ({ at }) => at ?? null),
  values: (seen) => listOf(distinct(seen).toSorted(compareText)),
  list: (seen) => listOf(seen.slice(0, LIST_VALUES_MAX).map(({ value }) => value)),
}

function finisherOf(name: string, node: SplAggregate): Finish {
  const finish = FINISHERS[name]
  if (finish !== undefined) return finish
  const share = /^(?:p|perc|exactperc|upperperc|percentile)(\d+(?:\.\d+)?)$/.exec(name)?.[1]
  if (share === undefined) throw unsupported(`The function ${name} of stats`, node)
  return overNumbers((numbers) => percentile(numbers, Number(share)))
}
