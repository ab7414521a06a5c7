// `join`, `lookup` and `union`. Source: learn.microsoft.com, Kusto "join operator", "lookup operator",
// "union operator", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import { optionOf, type StepScope } from './step.ts'
import type { KustoExpression, KustoJoin, KustoUnion } from './tree.ts'
import { missing, type KustoRow, type KustoTable, type KustoType } from './values.ts'

interface JoinKind {
  readonly isUnique?: true
  readonly keepsLeft?: true
  readonly keepsRight?: true
  /** Only the rows of one side, with a partner or without. */
  readonly only?: { readonly side: 'left' | 'right'; readonly hasPartner: boolean }
}

const KINDS: Readonly<Record<string, JoinKind>> = {
  innerunique: { isUnique: true },
  inner: {},
  leftouter: { keepsLeft: true },
  rightouter: { keepsRight: true },
  fullouter: { keepsLeft: true, keepsRight: true },
  leftsemi: { only: { side: 'left', hasPartner: true } },
  rightsemi: { only: { side: 'right', hasPartner: true } },
  leftanti: { only: { side: 'left', hasPartner: false } },
  anti: { only: { side: 'left', hasPartner: false } },
  leftantisemi: { only: { side: 'left', hasPartner: false } },
  rightanti: { only: { side: 'right', hasPartner: false } },
  rightantisemi: { only: { side: 'right', hasPartner: false } },
}

const LOOKUP_KINDS = new Set(['leftouter', 'inner'])

/** The first row of each key on the left takes part unless another kind is said. */
export function join(left: KustoTable, operator: KustoJoin, scope: StepScope): KustoTable {
  const isLookup = operator.name === 'lookup'
  const usual = isLookup ? 'leftouter' : 'innerunique'
  const name = optionOf(operator.options, 'kind')?.toLowerCase() ?? usual
  const kind = isLookup && !LOOKUP_KINDS.has(name) ? undefined : KINDS[name]
  if (kind === undefined) throw unsupported(`A ${operator.name} of the kind ${name}`, operator)
  const right = scope.tableOf(operator.right)
  const pairs = operator.on.map(pairOf)
  const leftKey = keyOf(
    left,
    pairs.map(([own]) => own),
  )
  const rightKey = keyOf(
    right,
    pairs.map(([, own]) => own),
  )
  const rightByKey = Map.groupBy(right.rows, rightKey)
  if (kind.only) {
    const { side, hasPartner } = kind.only
    const keys = new Set(left.rows.map(leftKey))
    const own = side === 'left' ? left : right
    const isPartner = (row: KustoRow) =>
      side === 'left' ? rightByKey.has(leftKey(row)) : keys.has(rightKey(row))
    return { ...own, rows: own.rows.filter((row) => isPartner(row) === hasPartner) }
  }
  // A column both have gets a 1 on the right, also where it is joined by.
  // What a lookup joins by is there once.
  const joined = new Set(isLookup ? pairs.map(([, own]) => own) : [])
  const added = [...right.columns].filter(([one]) => !joined.has(one))
  const names = new Map(added.map(([one]) => [one, freeName(one, left.columns)]))
  const columns = new Map(left.columns)
  for (const [one, type] of added) columns.set(names.get(one)!, type)
  const rows: KustoRow[] = []
  const add = (a: KustoRow | undefined, b: KustoRow | undefined) => {
    scope.budget.step()
    const row: KustoRow = new Map(
      [...left.columns].map(([one, type]) => [one, a?.get(one) ?? missing(type)]),
    )
    for (const [one, type] of added) row.set(names.get(one)!, b?.get(one) ?? missing(type))
    rows.push(row)
    scope.budget.holdRows(rows.length)
  }
  const seen = new Set<string>()
  for (const row of left.rows) {
    const key = leftKey(row)
    if (kind.isUnique && seen.has(key)) continue
    seen.add(key)
    const partners = rightByKey.get(key) ?? []
    for (const partner of partners) add(row, partner)
    if (partners.length === 0 && kind.keepsLeft) add(row, undefined)
  }
  if (kind.keepsRight)
    for (const row of right.rows) if (!seen.has(rightKey(row))) add(undefined, row)
  return { columns, rows }
}

function freeName(name: string, taken: ReadonlyMap<string, KustoType>): string {
  let free = name
  for (let count = 1; taken.has(free); count++) free = `${name}${count}`
  return free
}

/** `Name`, or `$left.a == $right.b`. */
function pairOf(node: KustoExpression): readonly [string, string] {
  if (node.kind === 'name') return [node.name, node.name]
  if (node.kind === 'binary' && node.operator === '==') {
    const [a, b] = [sideOf(node.left), sideOf(node.right)]
    if (a?.side === '$left' && b?.side === '$right') return [a.name, b.name]
    if (a?.side === '$right' && b?.side === '$left') return [b.name, a.name]
  }
  throw unsupported('This condition of a join', node)
}

function sideOf(
  node: KustoExpression,
): { readonly side: string; readonly name: string } | undefined {
  if (node.kind !== 'path' || node.left.kind !== 'name' || node.right.kind !== 'name')
    return undefined
  return { side: node.left.name, name: node.right.name }
}

function keyOf({ columns }: KustoTable, names: readonly string[]): (row: KustoRow) => string {
  const typed = names.map((name) => [name, missing(columns.get(name) ?? 'dynamic')] as const)
  return (row) => JSON.stringify(typed.map(([name, none]) => row.get(name) ?? none))
}

/** Columns of all tables, or with `kind=inner` those that all have. */
export function union(table: KustoTable, operator: KustoUnion, scope: StepScope): KustoTable {
  const named = operator.tables.map((node) => ({ node, table: scope.tableOf(node) }))
  const source = optionOf(operator.options, 'withsource')
  if (
    source !== undefined ||
    operator.options.some(({ name }) => name !== 'kind' && name !== 'isfuzzy')
  ) {
    throw unsupported('A union with options', operator)
  }
  const isInner = optionOf(operator.options, 'kind')?.toLowerCase() === 'inner'
  const isFirst = table.columns.size === 0 && table.rows.length === 0
  const all = [...(isFirst ? [] : [table]), ...named.map((one) => one.table)]
  const columns = new Map<string, KustoType>()
  for (const { columns: own } of all) {
    for (const [name, type] of own) {
      const known = columns.get(name)
      if (known !== undefined && known !== type) {
        throw new Refusal(
          'type-mismatch',
          `The column “${name}” is ${known} and ${type}.`,
          operator,
        )
      }
      if (!isInner || all.every((one) => one.columns.has(name))) columns.set(name, type)
    }
  }
  const rows = all.flatMap(({ rows: own }) =>
    own.map((row) => {
      scope.budget.step()
      return new Map([...columns].map(([name, type]) => [name, row.get(name) ?? missing(type)]))
    }),
  )
  scope.budget.holdRows(rows.length)
  return { columns, rows }
}
