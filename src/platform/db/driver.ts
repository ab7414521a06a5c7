// Joins kysely to one better-sqlite3 connection. better-sqlite3 answers at once, so every await
// in kysely is a microtask: the writer rests on that. A handle runs only queries that passed the
// guard of its own scope, only while its gate is open, and only statements on rows.

import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Statement } from 'better-sqlite3'
import { Bug, assert } from '#kernel/error.ts'
import { passedGuard, scopeGuard, type WorkspaceScope } from './guard.ts'
import type { Connection } from './open.ts'
import type { Tables } from './tables.ts'

/** Throws when the handle may not be used now; told of every error SQLite raised. */
export interface Gate {
  check(): void
  failed(error: unknown): void
}

/** A kysely over `statements`, walled to one workspace. */
export function openHandle(
  statements: Statements,
  scope: WorkspaceScope,
  gate: Gate,
): Kysely<Tables> {
  const connection = new GatedConnection(statements, scope, gate)
  return new Kysely<Tables>({ dialect: dialectFor(connection), plugins: [scopeGuard(scope)] })
}

const STATEMENTS_MAX = 512

/** Prepared statements of one connection, by text; the least recently made goes first. */
export class Statements {
  readonly connection: Connection
  readonly #prepared = new Map<string, Statement<unknown[]>>()

  constructor(connection: Connection) {
    this.connection = connection
  }

  prepare(text: string): Statement<unknown[]> {
    const known = this.#prepared.get(text)
    if (known) return known
    const made = this.connection.prepare<unknown[]>(text)
    if (this.#prepared.size >= STATEMENTS_MAX) {
      const [oldest] = this.#prepared.keys()
      this.#prepared.delete(oldest!)
    }
    this.#prepared.set(text, made)
    return made
  }
}

// Transaction control, pragmas and DDL by raw text would break the writer's savepoints.
const ON_ROWS = /^\s*(select|insert|update|delete|with|values)\b/i

class GatedConnection implements DatabaseConnection {
  readonly #statements: Statements
  readonly #scope: WorkspaceScope
  readonly #gate: Gate

  constructor(statements: Statements, scope: WorkspaceScope, gate: Gate) {
    this.#statements = statements
    this.#scope = scope
    this.#gate = gate
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement = this.#prepare(query)
    try {
      if (statement.reader) return { rows: statement.all(query.parameters) as R[] }
      const { changes, lastInsertRowid } = statement.run(query.parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (error) {
      this.#gate.failed(error)
      throw error
    }
  }

  // An open cursor blocks better-sqlite3's connection for every other query, also for COMMIT.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Bug('read in pages by key instead of streaming')
  }

  #prepare(query: CompiledQuery): Statement<unknown[]> {
    this.#gate.check()
    assert(passedGuard(query.queryId, this.#scope), 'this query was not built on this handle')
    assert(ON_ROWS.test(query.sql), 'only select, insert, update and delete run here')
    try {
      return this.#statements.prepare(query.sql)
    } catch (error) {
      this.#gate.failed(error)
      throw error
    }
  }
}

function dialectFor(connection: DatabaseConnection): Dialect {
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
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

// kysely takes a mutex around adapters that say they have a single connection. Statements here
// never overlap, and the mutex would keep a query of a closed body waiting instead of failing.
class SharedConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true
  }
}

const adapter = new SharedConnectionAdapter()
