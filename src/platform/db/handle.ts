// A kysely handle walled to one workspace. Every query passes the guard in the step that compiles
// it, and only what was compiled here, under the same scope, is run: there is no way around. It
// replaces kysely's own executor, whose drivers, mutexes and plugins cost more than the query.

import {
  Kysely,
  type CompiledQuery,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type KyselyPlugin,
  type KyselyProps,
  type QueryCompiler,
  type QueryExecutor,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
} from 'kysely'
import { Bug, assert } from '#kernel/error.ts'
import { assertScoped } from './guard.ts'
import { narrowSelect } from './reach.ts'
import { WorkspaceScope } from './scope.ts'
import { stepRunner, type HasStepRunner, type StepRunner } from './steps.ts'
import type { TableLists } from './table-lists.ts'
import type { Tables } from './tables.ts'
import type { Reader, Tx } from './tx.ts'

/** What kysely needs to know about an engine. */
export interface QueryEngine {
  readonly adapter: DialectAdapter
  readonly compiler: QueryCompiler
}

/** Runs one compiled query, or throws when the handle is over. An engine may answer at once. */
export type RunQuery = (
  query: CompiledQuery,
) => QueryResult<unknown> | Promise<QueryResult<unknown>>

export interface HandleOptions {
  readonly engine: QueryEngine
  readonly lists: TableLists
  readonly scope: WorkspaceScope
  readonly run: RunQuery
}

/** Selects and no more, by type; the engine's connection refuses the rest. */
export function openReader(options: HandleOptions): Reader {
  return new Kysely<Tables>(propsOf(options))
}

/** The handle of one write body. */
export function openTx(options: HandleOptions, runner: StepRunner, hooks: Hook[]): Tx {
  return new TxHandle(options, runner, hooks) as unknown as Tx
}

export type Hook = () => void

class TxHandle extends Kysely<Tables> implements HasStepRunner {
  readonly scope: WorkspaceScope
  readonly [stepRunner]: StepRunner
  readonly #hooks: Hook[]

  constructor(options: HandleOptions, runner: StepRunner, hooks: Hook[]) {
    super(propsOf(options))
    this.scope = options.scope
    this[stepRunner] = runner
    this.#hooks = hooks
  }

  afterCommit(hook: Hook): void {
    this[stepRunner].assertLive()
    this.#hooks.push(hook)
  }
}

function propsOf(options: HandleOptions): KyselyProps {
  return { ...NO_DIALECT, executor: new WalledExecutor(options) }
}

// Transaction control, pragmas and DDL by raw text would break the writer's transactions.
const ON_ROWS = /^\s*(select|insert|update|delete|with|values)\b/i

class WalledExecutor implements QueryExecutor {
  readonly #options: HandleOptions

  constructor(options: HandleOptions) {
    assert(WorkspaceScope.isGenuine(options.scope), 'not a WorkspaceScope')
    this.#options = options
  }

  get adapter(): DialectAdapter {
    return this.#options.engine.adapter
  }

  get plugins(): readonly KyselyPlugin[] {
    return NO_PLUGINS
  }

  transformQuery<T extends RootOperationNode>(node: T): T {
    return node
  }

  compileQuery<R>(node: RootOperationNode, queryId: QueryId): CompiledQuery<R> {
    const { engine, lists, scope } = this.#options
    assertScoped(node, scope.workspaceId, lists)
    const { sql: text, parameters } = engine.compiler.compileQuery(node, queryId)
    assert(ON_ROWS.test(text), 'only select, insert, update and delete run here')
    const { workspaceId, within } = scope
    const isNarrowed = within !== undefined && node.kind === 'SelectQueryNode'
    const sql = isNarrowed ? narrowSelect(text, { workspaceId, within }) : text
    const walled: unknown = new WalledQuery(scope, node, queryId, sql, parameters)
    return walled as CompiledQuery<R>
  }

  async executeQuery<R>(query: CompiledQuery<R>): Promise<QueryResult<R>> {
    const { scope, run } = this.#options
    assert(WalledQuery.isOf(scope, query), 'this query was not built on this handle')
    return run(query) as QueryResult<R> | Promise<QueryResult<R>>
  }

  provideConnection(): never {
    throw new Bug('the writer owns transactions: call write(caller, body)')
  }

  // An open cursor blocks better-sqlite3's connection for every other query, also for COMMIT.
  stream(): never {
    throw new Bug('read in pages by key instead of streaming')
  }

  withConnectionProvider(): never {
    throw new Bug('a handle keeps its connection')
  }

  withPlugin(): never {
    throw new Bug('a handle takes no plugins: they could change a query after the guard saw it')
  }

  withPlugins(): never {
    return this.withPlugin()
  }

  withPluginAtFront(): never {
    return this.withPlugin()
  }

  withoutPlugins(): QueryExecutor {
    return this
  }
}

// A look-alike made elsewhere, or a copy with another text, has no #scope and does not run.
class WalledQuery {
  readonly #scope: WorkspaceScope
  readonly query: RootOperationNode
  readonly queryId: QueryId
  readonly sql: string
  readonly parameters: readonly unknown[]

  constructor(
    scope: WorkspaceScope,
    query: RootOperationNode,
    queryId: QueryId,
    sql: string,
    parameters: readonly unknown[],
  ) {
    this.#scope = scope
    this.query = query
    this.queryId = queryId
    this.sql = sql
    this.parameters = parameters
    Object.freeze(this)
  }

  static isOf(scope: WorkspaceScope, value: object): boolean {
    return #scope in value && value.#scope === scope
  }
}

const NO_PLUGINS: readonly KyselyPlugin[] = []

// Kysely asks for a dialect and a driver beside the executor, for what handles do not offer.
const refuse = (): never => {
  throw new Bug('the writer owns transactions: call write(caller, body)')
}
const dialect: Dialect = {
  createDriver: refuse,
  createAdapter: refuse,
  createQueryCompiler: refuse,
  createIntrospector: refuse,
}
const driver: Driver = {
  init: refuse,
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: refuse,
  destroy: refuse,
}
const NO_DIALECT: Omit<KyselyProps, 'executor'> = { config: { dialect }, dialect, driver }
