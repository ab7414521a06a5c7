// A kysely handle walled to one workspace. It runs only queries that passed the guard of its own
// scope, only statements on rows, and only through the engine's `run`, which knows whether the
// handle may be used now.

import {
  Kysely,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { Bug, assert } from '#kernel/error.ts'
import { passedGuard, scopeGuard } from './guard.ts'
import type { WorkspaceScope } from './scope.ts'
import type { TableLists } from './table-lists.ts'
import type { Tables } from './tables.ts'

/** What kysely needs to know about an engine. */
export interface QueryEngine {
  readonly adapter: DialectAdapter
  readonly compiler: QueryCompiler
}

/** Runs one compiled query, or throws when the handle is over. */
export type RunQuery = (query: CompiledQuery) => Promise<QueryResult<unknown>>

export interface HandleOptions {
  readonly engine: QueryEngine
  readonly lists: TableLists
  readonly scope: WorkspaceScope
  readonly run: RunQuery
}

export function openHandle(options: HandleOptions): Kysely<Tables> {
  const { engine, lists, scope } = options
  const connection = new WalledConnection(options)
  return new Kysely<Tables>({
    dialect: dialectFor(connection, engine),
    plugins: [scopeGuard(scope, lists)],
  })
}

// Transaction control, pragmas and DDL by raw text would break the writer's transactions.
const ON_ROWS = /^\s*(select|insert|update|delete|with|values)\b/i

class WalledConnection implements DatabaseConnection {
  readonly #options: HandleOptions

  constructor(options: HandleOptions) {
    this.#options = options
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { scope, run } = this.#options
    assert(passedGuard(query.queryId, scope), 'this query was not built on this handle')
    assert(ON_ROWS.test(query.sql), 'only select, insert, update and delete run here')
    return (await run(query)) as QueryResult<R>
  }

  // An open cursor blocks better-sqlite3's connection for every other query, also for COMMIT.
  // oxlint-disable-next-line require-yield -- kysely's interface asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Bug('read in pages by key instead of streaming')
  }
}

function dialectFor(connection: DatabaseConnection, { adapter, compiler }: QueryEngine): Dialect {
  const refuse = async () => {
    throw new Bug('the writer owns transactions: call write(caller, body)')
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    destroy: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
  }
  return {
    createDriver: () => driver,
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector: () => {
      throw new Bug('migrations look at the schema, handles do not')
    },
  }
}
