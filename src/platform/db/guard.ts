// The third workspace wall: walks every query before it runs and throws when a workspace table is
// touched without `workspaceId` = the handle's scope. Proof, not search: for each table of each
// select, insert, update and delete the condition must stand where SQL enforces it for every row.
// Deny by default: unknown tables, node kinds with no rule here and raw text naming a workspace
// table are refused. A throw is a bug of a store, never an answer to a user.
//
// Known gap: raw text that puts a table's name together from pieces is not seen.

import type { OperationNode, RootOperationNode } from 'kysely'
import { Bug, assert } from '#kernel/error.ts'
import { proveTables, type ProofContext } from './proof.ts'
import type { TableLists } from './table-lists.ts'

const ROOTS = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'RawNode',
])
const SOURCES = new Set([
  'FromNode',
  'JoinNode',
  'UsingNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'CommonTableExpressionNameNode',
])

/** Throws unless every row the query can read or change is of `workspaceId`. */
export function assertScoped(
  root: RootOperationNode,
  workspaceId: string,
  lists: TableLists,
): void {
  assert(ROOTS.has(root.kind), `the guard has no rule for ${root.kind}`)
  visit(root, { workspaceId, lists, proven: NONE, ctes: NONE })
}

const NONE: ReadonlySet<string> = new Set()

function visit(node: OperationNode, context: ProofContext): void {
  switch (node.kind) {
    case 'SelectQueryNode':
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode': {
      const inner = withCtes(node, context)
      return visitChildren(node, proveTables(node, inner))
    }
    case 'MergeQueryNode':
      throw new Bug('the guard has no rule for merge')
    case 'RawNode':
      return visitRaw(node, context)
    case 'TableNode': // sources are accounted for by their query; one that is left is unproven
      throw new Bug('a table stands where the guard cannot prove its scope')
    case 'ReferenceNode': // `table.column`: the qualifier is no source
    case 'ValueNode': // what a user typed may look like a node
    case 'PrimitiveValueListNode':
    case 'ColumnNode': // a name
    case 'IdentifierNode':
    case 'OperatorNode':
      return
    default:
      return visitChildren(node, context)
  }
}

function visitChildren(node: OperationNode, context: ProofContext): void {
  for (const name in node) {
    const value: unknown = (node as unknown as Record<string, unknown>)[name]
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) for (const item of value) visitChild(node, item, context)
    else visitChild(node, value as OperationNode, context)
  }
}

function visitChild(
  parent: OperationNode,
  child: OperationNode | undefined,
  context: ProofContext,
): void {
  if (typeof child?.kind === 'string' && !isAccounted(parent, child)) visit(child, context)
}

// Positions that proveTables has judged: sources and targets that are plain or aliased tables.
function isAccounted(parent: OperationNode, child: OperationNode): boolean {
  if (!SOURCES.has(parent.kind)) return false
  return (
    child.kind === 'TableNode' ||
    (child.kind === 'AliasNode' && (child as { node?: OperationNode }).node?.kind === 'TableNode')
  )
}

function visitRaw(node: OperationNode, context: ProofContext): void {
  const { sqlFragments, parameters } = node as unknown as {
    sqlFragments: string[]
    parameters: OperationNode[]
  }
  const text = sqlFragments.join(' ')
  assert(!context.lists.namesWorkspace.test(text), 'raw text may not name a workspace table')
  assert(!context.lists.namesOther.test(text), 'raw text may not name a table of the platform')
  for (const parameter of parameters) {
    if (parameter.kind === 'IdentifierNode') {
      const { name } = parameter as unknown as { name: string }
      assert(
        !context.lists.namesWorkspace.test(name) && !context.lists.namesOther.test(name),
        'raw text may not name a workspace table',
      )
    }
    visit(parameter, context)
  }
}

// A CTE's body is walked like any query; its name then stands for rows already proven.
function withCtes(node: OperationNode, context: ProofContext): ProofContext {
  const withNode = (node as { with?: { expressions: readonly CteNode[] } }).with
  if (!withNode) return context
  const ctes = new Set(context.ctes)
  for (const { name } of withNode.expressions) {
    const lower = name.table.table.identifier.name.toLowerCase()
    assert(!context.lists.workspace.has(lower), 'a CTE may not bear the name of a workspace table')
    ctes.add(lower)
  }
  return { ...context, ctes }
}

type CteNode = {
  readonly name: {
    readonly table: { readonly table: { readonly identifier: { readonly name: string } } }
  }
}
