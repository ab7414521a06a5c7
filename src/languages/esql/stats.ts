// STATS and INLINE STATS: groups by the values of the BY columns, a row with several values counting in
// the group of each. Source: elastic.co/docs, ES|QL "STATS", "INLINE STATS" 9.x, read 2026-11.

import {
  unsupported,
  valuesOf,
  type Budget,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileAggregate, isAggregate, type Accumulator, type Aggregate } from './aggregates.ts'
import { compileFilter, compute } from './compute.ts'
import type { Compute, ComputeScope } from './computed.ts'
import { Schema } from './schema.ts'
import type { EsqlAggregate, EsqlAssignment, EsqlExpression, EsqlStats } from './tree.ts'
import type { EsqlType } from './values.ts'

interface Group {
  readonly keys: readonly Value[]
  readonly accumulators: readonly Accumulator[]
}

interface Output {
  readonly name: string
  readonly type: EsqlType
  /** Over a row that holds the aggregates by their place. */
  readonly of: Compute
}

export interface CompiledStats {
  readonly schema: Schema
  run(rows: Iterable<Fields>): Iterable<Fields>
}

/** Throws `Refusal`. */
export function compileStats(
  command: EsqlStats,
  scope: ComputeScope,
  schema: Schema,
  budget: Budget,
): CompiledStats {
  const by = command.by.map((item) => ({
    name: nameOf(item, scope),
    ...compute(item.value, scope),
  }))
  const inner: { aggregate: Aggregate; filter: (row: Fields) => boolean }[] = []
  const outputs = command.aggregates.map((item) => compileOutput(item, inner, scope, budget))
  const columns = new Map([...outputs, ...by].map(({ name, type }) => [name, type]))
  const isInline = command.name !== 'stats'
  const own = isInline
    ? [...columns].reduce((rest, [name, type]) => rest.with(name, type), schema)
    : new Schema(columns, false)
  const group = (rows: Iterable<Fields>, onRow: (row: Fields, groups: readonly Group[]) => void) =>
    groupRows(
      rows,
      by.map(({ of }) => of),
      inner,
      { budget, onRow },
    )
  const finish = ({ keys, accumulators }: Group): Fields => {
    const results: Fields = new Map(accumulators.map((one, at) => [placeOf(at), one.result()]))
    const row: Fields = new Map(outputs.map(({ name, of }) => [name, of(results)]))
    for (const [at, { name }] of by.entries()) row.set(name, keys[at]!)
    return row
  }
  if (isInline) return { schema: own, run: (rows) => runInline(rows, group, finish) }
  return {
    schema: own,
    run: (rows) => [...group(rows, () => undefined)].map(finish),
  }
}

type GroupRows = (
  rows: Iterable<Fields>,
  onRow: (row: Fields, groups: readonly Group[]) => void,
) => readonly Group[]

function runInline(rows: Iterable<Fields>, group: GroupRows, finish: (group: Group) => Fields) {
  const seen: { readonly row: Fields; readonly groups: readonly Group[] }[] = []
  group(rows, (row, groups) => seen.push({ row, groups }))
  return seen.map(({ row, groups }) => {
    const [only, another] = groups
    if (only === undefined || another) throw unsupported('INLINE STATS by several values')
    for (const [name, value] of finish(only)) {
      row.delete(name)
      row.set(name, value)
    }
    return row
  })
}

function groupRows(
  rows: Iterable<Fields>,
  by: readonly Compute[],
  inner: readonly { readonly aggregate: Aggregate; readonly filter: (row: Fields) => boolean }[],
  { budget, onRow }: { budget: Budget; onRow: (row: Fields, groups: readonly Group[]) => void },
): readonly Group[] {
  const groups = new Map<string, Group>()
  const groupOf = (keys: readonly Value[]) => {
    const text = JSON.stringify(keys)
    let group = groups.get(text)
    if (group === undefined) {
      group = { keys, accumulators: inner.map(({ aggregate }) => aggregate.start()) }
      groups.set(text, group)
      budget.holdGroups(groups.size)
    }
    return group
  }
  if (by.length === 0) groupOf([])
  for (const row of rows) {
    budget.step()
    const own = keysOf(by.map((of) => of(row))).map(groupOf)
    for (const { accumulators } of own) {
      for (const [at, { filter }] of inner.entries()) if (filter(row)) accumulators[at]!.add(row)
    }
    onRow(row, own)
  }
  return [...groups.values()]
}

/** Every combination of the values; null is a value to group by. */
function keysOf(values: readonly Value[]): readonly (readonly Value[])[] {
  return values.reduce<readonly (readonly Value[])[]>(
    (all, value) => {
      const own = value === null ? [null] : [...new Set(valuesOf(value))]
      return all.flatMap((keys) => own.map((one) => [...keys, one]))
    },
    [[]],
  )
}

/** Without a name of its own a column is called as its expression is written. */
export function nameOf({ target, value }: EsqlAssignment, { text }: ComputeScope): string {
  if (target !== null) return target.name
  return value.kind === 'field' ? value.name : text.slice(value.start, value.end)
}

const placeOf = (at: number) => `\u0000${at}`

/** `max(a) - min(a)` is computed over aggregates, each of which stands in a place of its own. */
function compileOutput(
  item: EsqlAggregate,
  inner: { aggregate: Aggregate; filter: (row: Fields) => boolean }[],
  scope: ComputeScope,
  budget: Budget,
): Output {
  const filter = item.where === null ? () => true : compileFilter(item.where, scope)
  const types = new Map<string, EsqlType>()
  const place = (node: EsqlExpression): EsqlExpression => {
    if (node.kind === 'call' && isAggregate(node.name)) {
      const aggregate = compileAggregate(node, scope, budget)!
      const name = placeOf(inner.length)
      inner.push({ aggregate, filter })
      types.set(name, aggregate.type)
      return { kind: 'field', name, start: node.start, end: node.end }
    }
    if (node.kind === 'binary') return { ...node, left: place(node.left), right: place(node.right) }
    if (node.kind === 'call') return { ...node, arguments: node.arguments.map(place) }
    if (node.kind === 'negation' || node.kind === 'cast') return { ...node, item: place(node.item) }
    if (node.kind === 'literal' || node.kind === 'interval') return node
    throw unsupported('This expression outside an aggregate', node)
  }
  const over: ComputeScope = { ...scope, typeOf: (name) => types.get(name) ?? scope.typeOf(name) }
  const computed = compute(place(item.value), over)
  return { name: nameOf(item, scope), type: computed.type, of: computed.of }
}
