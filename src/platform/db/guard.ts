// The third workspace wall: walks every query before it runs and throws when a workspace table is
// touched without `workspaceId` = the handle's scope. Proof, not search: for each table of each
// select, insert, update and delete the condition assert stand where SQL enforces it for every row.
// Deny by default: unknown tables, node kinds with no rule here and raw text naming a workspace
// table are refused. A throw is a bug of a store, never an answer to a user.
//
// Known gap: raw text that puts a table's name together from pieces is not seen.

import type { KyselyPlugin, OperationNode, RootOperationNode } from 'kysely'
import { Bug, assert } from '#kernel/error.ts'
import { proveTables, type ProofContext } from './proof.ts'
import { INSTANCE_TABLES, WORKSPACE_TABLES } from './tables.ts'

const madeHere = Symbol('made by platform/db')

/** The only way to a store. Only `makeScope` can make one, and only doors may import that. */
export class WorkspaceScope {
  readonly workspaceId: string
  readonly #isGenuine = true

  constructor(key: symbol, workspaceId: string) {
    assert(key === madeHere, 'a WorkspaceScope is made by makeScope')
    this.workspaceId = workspaceId
    Object.freeze(this)
  }

  // A look-alike `{ workspaceId }` passed by a cast fails here.
  static isGenuine(value: unknown): value is WorkspaceScope {
    return typeof value === 'object' && value !== null && #isGenuine in value
  }
}

/** Called where a session, token or job row was just checked to belong to the workspace. */
export function makeScope(workspaceId: string): WorkspaceScope {
  assert(/^wsp_[a-z0-9-]+$/.test(workspaceId), 'not a workspace id')
  return new WorkspaceScope(madeHere, workspaceId)
}

export function scopeGuard(scope: WorkspaceScope): KyselyPlugin {
  assert(WorkspaceScope.isGenuine(scope), 'not a WorkspaceScope')
  return {
    transformQuery({ node, queryId }) {
      assertScoped(node, scope.workspaceId)
      passed.set(queryId, scope)
      return node
    },
    transformResult: async ({ result }) => result,
  }
}

/** Whether this very query was walked under this very scope; compiled text from elsewhere was not. */
export function passedGuard(queryId: object, scope: WorkspaceScope): boolean {
  return passed.get(queryId) === scope
}

const passed = new WeakMap<object, WorkspaceScope>()
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
const workspaceTables = new Set<string>(WORKSPACE_TABLES.map((name) => name.toLowerCase()))
const instanceTables = new Set<string>(INSTANCE_TABLES.map((name) => name.toLowerCase()))
const namesWorkspaceTable = new RegExp(`\\b(${[...workspaceTables].join('|')})\\b`, 'i')
const namesOtherTable = /\b(audit\w+|sqlite_\w+|storageProbe|pragma_\w+)\b/i

/** Throws unless every row the query can read or change is of `workspaceId`. */
export function assertScoped(root: RootOperationNode, workspaceId: string): void {
  assert(ROOTS.has(root.kind), `the guard has no rule for ${root.kind}`)
  visit(root, { workspaceId, isWorkspaceTable, proven: new Set(), ctes: new Set() })
}

// SQLite compares names without case; a name neither list holds assert be a CTE in reach.
function isWorkspaceTable(name: string, ctes: ReadonlySet<string>): boolean {
  const lower = name.toLowerCase()
  if (workspaceTables.has(lower)) return true
  if (ctes.has(lower) || instanceTables.has(lower)) return false
  throw new Bug(`the guard does not know the table ${name}`)
}

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
      return
    default:
      return visitChildren(node, context)
  }
}

function visitChildren(node: OperationNode, context: ProofContext): void {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value) visitChild(node, item, context)
    else visitChild(node, value, context)
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
  assert(!namesWorkspaceTable.test(text), 'raw text may not name a workspace table')
  assert(!namesOtherTable.test(text), 'raw text may not name a table of the platform')
  for (const parameter of parameters) {
    if (parameter.kind === 'IdentifierNode') {
      const { name } = parameter as unknown as { name: string }
      assert(
        !namesWorkspaceTable.test(name) && !namesOtherTable.test(name),
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
    assert(!workspaceTables.has(lower), 'a CTE may not bear the name of a workspace table')
    ctes.add(lower)
  }
  return { ...context, ctes }
}

type CteNode = {
  readonly name: {
    readonly table: { readonly table: { readonly identifier: { readonly name: string } } }
  }
}
