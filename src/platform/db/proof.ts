// Which tables of one query are proven to yield or change only rows of the scope.
// `t.workspaceId = <scope>` counts in an AND of WHERE for every table; in ON only for inner joins,
// and for the joined table of a left join. An outer join keeps rows its ON did not match, so its
// ON proves nothing about the kept side. Equality with a proven table's workspaceId counts too.

import type { OperationNode } from 'kysely'
import { assert } from '#kernel/error.ts'
import type { TableLists } from './table-lists.ts'

export interface ProofContext {
  readonly workspaceId: string
  readonly lists: TableLists
  /** Aliases of the enclosing queries that are proven; correlated subqueries may lean on them. */
  readonly proven: ReadonlySet<string>
  /** Names of the CTEs in reach, in lower case. */
  readonly ctes: ReadonlySet<string>
}

/** Throws when a workspace table is unproven. Returns the context for what lies inside the query. */
export function proveTables(node: Any, context: ProofContext): ProofContext {
  const joins: Any[] = node.joins ?? []
  const outer = [...(node.from?.froms ?? []), ...(node.using?.tables ?? []), ...updateTargets(node)]
  const sources = [...outer, ...joins.map((join) => join.table)].map((source) =>
    sourceOf(source, context),
  )
  const aliases = sources.map((source) => source.alias)
  assert(new Set(aliases).size === aliases.length, 'two sources of one query bear the same name')
  const here = new Set(sources.filter((source) => source.isWorkspace).map((source) => source.alias))

  // A name of this query hides the same name outside.
  const proven = new Set([...context.proven].filter((alias) => !aliases.includes(alias)))
  const only = sources.length === 1 ? aliases[0] : undefined
  const claims = [
    ...equalities(node.where?.where, only).map((claim) => ({ claim, for: undefined })),
    ...joins.flatMap(claimsOfJoin),
  ]
  let grew = true
  while (grew) {
    grew = false
    for (const { claim, for: limit } of claims) {
      for (const [alias, other] of [
        [claim.left, claim.right],
        [claim.right, claim.left],
      ] as const) {
        if (alias.kind !== 'column' || proven.has(alias.table) || !here.has(alias.table)) continue
        if (limit !== undefined && limit !== alias.table) continue
        const holds =
          other.kind === 'value' ? other.value === context.workspaceId : proven.has(other.table)
        if (!holds) continue
        proven.add(alias.table)
        grew = true
      }
    }
  }
  for (const alias of here)
    assert(proven.has(alias), `${alias} is touched without workspaceId = scope`)
  const inner = { ...context, proven }
  if (node.kind === 'InsertQueryNode') proveInsert(node, inner)
  if (node.kind === 'UpdateQueryNode') proveUpdates(node.updates ?? [], context)
  return inner
}

function proveInsert(node: Any, context: ProofContext): void {
  assert(node.into, 'insert without a table')
  const table = node.into.table.identifier.name
  if (!context.lists.isWorkspace(table, NO_CTES)) return
  // Both delete or undo rows beyond the one inserted: of another workspace, of another body.
  assert(
    !node.replace && !['replace', 'rollback'].includes(node.orAction?.action),
    'insert or replace is refused',
  )
  assert(!node.defaultValues && node.columns && node.values, 'insert without workspaceId = scope')
  const at = node.columns.findIndex((column: Any) => column.column.name === 'workspaceId')
  const bearers = node.columns.filter(
    (column: Any) => column.column.name.toLowerCase() === 'workspaceid',
  )
  assert(at >= 0 && bearers.length === 1, 'insert without workspaceId = scope')
  if (node.values.kind === 'ValuesNode') {
    for (const row of node.values.values) {
      const value = row.kind === 'PrimitiveValueListNode' ? row.values[at] : valueOf(row.values[at])
      assert(value === context.workspaceId, 'insert without workspaceId = scope')
    }
  } else {
    proveSelected(node.values, at, context)
  }
  if (node.onConflict) proveConflict(node.onConflict, table, context)
}

// insert … select: the column that lands in workspaceId must be the scope in every branch.
function proveSelected(select: Any, at: number, context: ProofContext): void {
  assert(select.kind === 'SelectQueryNode', 'insert from something the guard has no rule for')
  const selection = select.selections?.[at]?.selection
  const picked = selection?.kind === 'AliasNode' ? selection.node : selection
  assert(
    select.selections
      ?.slice(0, at + 1)
      .every(
        (one: Any) =>
          !/SelectAll/.test(one.selection.kind) && one.selection.column?.kind !== 'SelectAllNode',
      ),
    'name the columns of insert … select',
  )
  assert(
    picked && valueOf(picked) === context.workspaceId,
    'insert … select needs the scope as a value for workspaceId',
  )
  for (const { expression } of select.setOperations ?? []) proveSelected(expression, at, context)
}

// DO UPDATE changes the row that was in the way, which may be another workspace's when the
// unique index does not hold workspaceId.
function proveConflict(conflict: Any, table: string, context: ProofContext): void {
  if (conflict.doNothing) return
  const columns: string[] = (conflict.columns ?? []).map((column: Any) => column.column.name)
  const isKept = equalities(conflict.updateWhere?.where, table).some(
    ({ left, right }) =>
      left.kind === 'column' &&
      left.table === table &&
      right.kind === 'value' &&
      right.value === context.workspaceId,
  )
  assert(
    columns.includes('workspaceId') || isKept,
    'on conflict needs workspaceId among its columns',
  )
  proveUpdates(conflict.updates ?? [], context)
}

// No row may be moved to another workspace, on whatever table.
function proveUpdates(updates: readonly Any[], context: ProofContext): void {
  for (const { column, value } of updates) {
    const name = column.column?.column?.name ?? column.column?.name
    assert(typeof name === 'string', 'the guard cannot see which column is set')
    if (name.toLowerCase() === 'workspaceid')
      assert(valueOf(value) === context.workspaceId, 'workspaceId may not be changed')
  }
}

interface Source {
  readonly alias: string
  readonly isWorkspace: boolean
}

function sourceOf(node: Any, context: ProofContext): Source {
  const named = node.kind === 'AliasNode' ? node.node : node
  const alias = node.kind === 'AliasNode' ? node.alias.name : node.table?.identifier?.name
  if (named.kind !== 'TableNode') return { alias: alias ?? `#${named.kind}`, isWorkspace: false }
  assert(typeof alias === 'string', 'the guard cannot see the alias')
  return {
    alias,
    isWorkspace: context.lists.isWorkspace(named.table.identifier.name, context.ctes),
  }
}

function updateTargets(node: Any): Any[] {
  if (node.kind !== 'UpdateQueryNode') return []
  assert(node.table.kind !== 'ListNode', 'SQLite updates one table')
  return [node.table]
}

type Side =
  | { readonly kind: 'column'; readonly table: string }
  | { readonly kind: 'value'; readonly value: unknown }
type Claim = { readonly left: Side; readonly right: Side }

function claimsOfJoin(join: Any): { claim: Claim; for: string | undefined }[] {
  const claims = equalities(join.on?.on, undefined)
  const joined =
    join.table.kind === 'AliasNode' ? join.table.alias.name : join.table.table?.identifier?.name
  switch (join.joinType) {
    case 'InnerJoin':
      return claims.map((claim) => ({ claim, for: undefined }))
    case 'LeftJoin':
      return claims.map((claim) => ({ claim, for: joined }))
    default:
      return []
  }
}

// The `… workspaceId = …` conditions that hold for every row: those under AND, never under OR.
function equalities(node: Any | undefined, only: string | undefined): Claim[] {
  switch (node?.kind) {
    case 'AndNode':
      return [...equalities(node.left, only), ...equalities(node.right, only)]
    case 'ParensNode':
      return equalities(node.node, only)
    case 'BinaryOperationNode': {
      if (node.operator.operator !== '=') return []
      const left = sideOf(node.leftOperand, only)
      const right = sideOf(node.rightOperand, only)
      return left && right ? [{ left, right }] : []
    }
    default:
      return []
  }
}

function sideOf(node: Any, only: string | undefined): Side | undefined {
  if (node.kind === 'ValueNode') return { kind: 'value', value: node.value }
  if (node.kind !== 'ReferenceNode' || node.column.column?.name !== 'workspaceId') return undefined
  const table = node.table?.table.identifier.name ?? only
  return table === undefined ? undefined : { kind: 'column', table }
}

function valueOf(node: Any): unknown {
  return node?.kind === 'ValueNode' ? node.value : undefined
}

const NO_CTES: ReadonlySet<string> = new Set()

// Nodes are plain frozen objects; which fields exist follows from `kind`, checked where it is read.
// oxlint-disable-next-line no-explicit-any -- kysely exports no type for a node of any kind
type Any = OperationNode & Record<string, any>
