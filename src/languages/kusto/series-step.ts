// `make-series`: for each group the aggregates of equal steps along an axis, as lists. Where the
// documentation leaves a row's place open the query is refused: a last step cut by the end with rows
// behind it, a group without a row in the range, steps counted from an end alone.
// Source: learn.microsoft.com, Kusto "make-series operator", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import type { Aggregate } from './aggregates.ts'
import { compileColumns, type Column } from './column-steps.ts'
import { compute } from './compute.ts'
import { compileAggregates, groupRows, type Group } from './groups.ts'
import { optionOf, type StepScope } from './step.ts'
import type { KustoExpression, KustoSeries } from './tree.ts'
import {
  binStart,
  isNumeric,
  writeDate,
  writeSpan,
  type KustoRow,
  type KustoTable,
  type KustoType,
  type KustoValue,
} from './values.ts'

/** Throws `Refusal`. The columns are the keys, the aggregates and, last, the axis. */
export function makeSeries(table: KustoTable, operator: KustoSeries, scope: StepScope): KustoTable {
  const keys = compileColumns(operator.by, table, scope, 'Column', false)
  const measures = compileMeasures(table, operator, keys, scope)
  const axis = compileAxis(table, operator, scope)
  const columns = new Map<string, KustoType>(keys.map(({ name, type }) => [name, type]))
  for (const { name } of measures) columns.set(name, 'dynamic')
  if (columns.has(axis.name)) throw unsupported('An axis with the name of another column', operator)
  columns.set(axis.name, 'dynamic')
  const groups = groupRows(table, keys, scope)
  let held = 0
  const rows = [...groups, ...emptyGroup(operator, groups)].map((group): KustoRow => {
    const steps = stepsOf(group, axis, operator)
    scope.budget.holdGroups(steps.count)
    held += steps.count * (measures.length + 1)
    scope.budget.holdRows(held)
    const places = Array.from({ length: steps.count }, (_, place) => place)
    const row: KustoRow = new Map(keys.map(({ name }, at) => [name, group.keys[at]!]))
    for (const { name, aggregate, fallback } of measures) {
      const valueAt = (place: number) => {
        scope.budget.step()
        const own = steps.rows.get(place)
        return own === undefined ? fallback : aggregate.finish(own)[0]!
      }
      row.set(name, places.map(valueAt))
    }
    row.set(
      axis.name,
      places.map((place) => written(steps.start + place * axis.step, axis.type)),
    )
    return row
  })
  return { columns, rows }
}

/** `kind=nonempty` answers defaults alone where no row came in. */
function emptyGroup(operator: KustoSeries, groups: readonly Group[]): readonly Group[] {
  const { options, by, from, to } = operator
  const more = options.find(({ name }) => name !== 'kind' && !name.startsWith('hint.'))
  if (more) throw unsupported(`make-series with “${more.name}”`, more)
  const kind = optionOf(options, 'kind')
  if (kind === undefined) return []
  if (kind !== 'nonempty') throw unsupported(`A make-series of the kind ${kind}`, operator)
  if (groups.length > 0) return []
  if (by.length > 0 || from === null || to === null)
    throw unsupported('kind=nonempty over no rows, with groups or without both ends,', operator)
  return [{ keys: [], rows: [] }]
}

interface Measure {
  readonly name: string
  readonly aggregate: Aggregate
  /** Where a step has no row. */
  readonly fallback: number | null
}

/** Those the documentation lists. */
const AGGREGATES =
  /^(?:(?:avg|count|dcount|max|min|sum)(?:if)?|percentile|stdev|take_any|variance)$/i

function compileMeasures(
  table: KustoTable,
  { aggregates }: KustoSeries,
  keys: readonly Column[],
  scope: StepScope,
): readonly Measure[] {
  const nodes = aggregates.map(({ value }) => value)
  const own = scope.computeScope(table.columns)
  const compiled = compileAggregates(nodes, keys, own, scope.budget)
  return compiled.map((aggregate, at) => {
    const { value: node, fallback } = aggregates[at]!
    const call = node.kind === 'named' ? node.value : node
    const [column, more] = aggregate.columns
    const isListed = call.kind === 'call' && AGGREGATES.test(call.name)
    if (!isListed || more || !isNumeric(column!.type))
      throw unsupported('A series of what is no number', node)
    return {
      name: column!.name,
      aggregate,
      fallback: fallback === null ? 0 : fallbackOf(fallback, column!.type, scope),
    }
  })
}

function fallbackOf(node: KustoExpression, type: KustoType, scope: StepScope): number | null {
  const value = compute(node, scope.computeScope(new Map())).of(new Map())
  if (value === null) return null
  if (typeof value !== 'number') throw new Refusal('wrong-arguments', 'A number is needed.', node)
  if (type === 'long' && !Number.isInteger(value))
    throw unsupported('A fraction as default of a whole number', node)
  return value
}

interface Axis extends Column {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly step: number
}

/** What the ends and the step of an axis must be. */
const AXES: Partial<
  Record<KustoType, { readonly ends: readonly KustoType[]; readonly step: readonly KustoType[] }>
> = {
  datetime: { ends: ['datetime'], step: ['timespan'] },
  timespan: { ends: ['timespan'], step: ['timespan'] },
  long: { ends: ['long'], step: ['long'] },
  real: { ends: ['long', 'real'], step: ['long', 'real'] },
}

function compileAxis(table: KustoTable, operator: KustoSeries, scope: StepScope): Axis {
  const { on, from, to, step, isInclusive } = operator
  if (on.kind !== 'name' && on.kind !== 'named')
    throw unsupported('An axis that is no column and has no name', on)
  const [column] = compileColumns([on], table, scope, 'Column', false)
  const types = AXES[column!.type]
  if (types === undefined || step === null)
    throw new Refusal('type-mismatch', `A ${column!.type} is no axis.`, on)
  const axis: Axis = {
    ...column!,
    from: from === null ? undefined : constant(from, types.ends, scope),
    to: to === null ? undefined : constant(to, types.ends, scope),
    step: constant(step, types.step, scope),
  }
  if (axis.step <= 0) throw new Refusal('wrong-arguments', 'A step must go forward.', step)
  const isEdge = (at: number) => binStart(at, axis.step, axis.type) === at
  if (isInclusive && axis.from !== undefined && !isEdge(axis.from))
    throw unsupported('in range() from what is no multiple of the step', operator)
  if (axis.from === undefined && axis.to !== undefined && !isEdge(axis.to))
    throw unsupported('make-series to what is no multiple of the step, without a from,', operator)
  return axis
}

function constant(node: KustoExpression, types: readonly KustoType[], scope: StepScope): number {
  const { type, of } = compute(node, scope.computeScope(new Map()))
  const value = of(new Map())
  if (!types.includes(type) || typeof value !== 'number' || !Number.isFinite(value))
    throw new Refusal('wrong-arguments', `A constant ${types.join(' or ')} is needed.`, node)
  return value
}

interface Steps {
  readonly start: number
  readonly count: number
  /** By place; a step without rows is not there. */
  readonly rows: ReadonlyMap<number, KustoRow[]>
}

/** Without a `from` or a `to` the steps run from the first to the last that has rows of the group. */
function stepsOf({ rows }: Group, axis: Axis, operator: KustoSeries): Steps {
  const { step, to } = axis
  const placed = rows.flatMap((row) => {
    const at = axis.of(row)
    return typeof at === 'number' ? [{ at, row }] : []
  })
  const first = placed.reduce((least, { at }) => Math.min(least, at), Infinity)
  const last = placed.reduce((most, { at }) => Math.max(most, at), -Infinity)
  const start = axis.from ?? binStart(first, step, axis.type)
  const placeOf = (at: number) => Math.floor((at - start) / step)
  const isWhole = to === undefined || operator.isInclusive
  const count = Math.max(0, isWhole ? placeOf(to ?? last) + 1 : Math.ceil((to - start) / step))
  const inside = placed.filter(({ at }) => placeOf(at) >= 0 && placeOf(at) < count)
  const isBehind = (at: number) => to !== undefined && (operator.isInclusive ? at > to : at >= to)
  if (inside.some(({ at }) => isBehind(at)))
    throw unsupported('make-series with rows behind the end, in its last step,', operator)
  if (inside.length === 0 && rows.length > 0)
    throw unsupported('make-series of a group without a row in the range', operator)
  return { start, count, rows: groupedRows(inside, placeOf) }
}

function groupedRows(
  placed: readonly { readonly at: number; readonly row: KustoRow }[],
  placeOf: (at: number) => number,
): ReadonlyMap<number, KustoRow[]> {
  const groups = Map.groupBy(placed, ({ at }) => placeOf(at))
  return new Map([...groups].map(([place, own]) => [place, own.map(({ row }) => row)]))
}

/** In a list dates and spans are texts. */
function written(at: number, type: KustoType): KustoValue {
  if (type === 'datetime') return writeDate(at)
  return type === 'timespan' ? writeSpan(at) : at
}
