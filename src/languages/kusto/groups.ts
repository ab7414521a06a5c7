// What `summarize` and `make-series` share: aggregates with names of their own, and rows by their keys.

import { unsupported, type Budget } from '#languages/evaluation.ts'
import { compileAggregate, type Aggregate } from './aggregates.ts'
import type { Column } from './column-steps.ts'
import type { ComputeScope } from './computed.ts'
import { stepped, type StepScope } from './step.ts'
import type { KustoExpression } from './tree.ts'
import type { KustoRow, KustoTable, KustoValue } from './values.ts'

export interface Group {
  readonly keys: readonly KustoValue[]
  readonly rows: readonly KustoRow[]
}

/** In the order of their first rows. */
export function groupRows(
  table: KustoTable,
  keys: readonly Column[],
  scope: StepScope,
): readonly Group[] {
  const groups = new Map<string, { readonly keys: readonly KustoValue[]; rows: KustoRow[] }>()
  for (const row of stepped(table, scope)) {
    const values = keys.map(({ of }) => of(row))
    const text = JSON.stringify(values)
    const group = groups.get(text) ?? { keys: values, rows: [] }
    group.rows.push(row)
    groups.set(text, group)
    scope.budget.holdGroups(groups.size)
  }
  return [...groups.values()]
}

/** Throws `Refusal`. A name that a key or an aggregate before has gets a number. */
export function compileAggregates(
  nodes: readonly KustoExpression[],
  keys: readonly Column[],
  scope: ComputeScope,
  budget: Budget,
): readonly Aggregate[] {
  const compiled = nodes.map((node) => {
    const value = node.kind === 'named' ? node.value : node
    const name = node.kind === 'named' ? node.names[0]!.name : undefined
    const made = value.kind === 'call' ? compileAggregate(value, name, scope, budget) : undefined
    if (made === undefined) throw unsupported('This aggregate', node)
    return made
  })
  return withFreeNames(compiled, keys)
}

function withFreeNames(
  aggregates: readonly Aggregate[],
  keys: readonly Column[],
): readonly Aggregate[] {
  const taken = new Set(keys.map(({ name }) => name))
  return aggregates.map((aggregate) => {
    const own = aggregate.columns.map(({ name, type }) => {
      let free = name
      for (let count = 1; taken.has(free); count++) free = `${name}${count}`
      taken.add(free)
      return { name: free, type }
    })
    return { columns: own, finish: (rows) => aggregate.finish(rows) }
  })
}
