// Prepared statements of one connection, and kysely's queries run on them. better-sqlite3 answers at
// once, so every await in kysely is a microtask: the writer rests on that.

import type { Statement } from 'better-sqlite3'
import { SqliteAdapter, SqliteQueryCompiler, type CompiledQuery, type QueryResult } from 'kysely'
import type { QueryEngine } from '#platform/db/handle.ts'
import type { Statement as RawStatement, StepResult } from '#platform/db/steps.ts'
import type { Connection } from './open.ts'

const STATEMENTS_MAX = 512

/** By text; the least recently made goes first. */
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

  execute(query: CompiledQuery): QueryResult<unknown> {
    const statement = this.prepare(query.sql)
    if (statement.reader) return { rows: statement.all(query.parameters) }
    const { changes, lastInsertRowid } = statement.run(query.parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  step({ text, values, isFirst }: RawStatement): StepResult {
    const statement = this.prepare(text)
    if (statement.reader) {
      if (!isFirst) return { rows: statement.all(values), changes: 0 }
      const row = statement.get(values)
      return { rows: row === undefined ? NO_ROWS : [row], changes: 0 }
    }
    return { rows: NO_ROWS, changes: statement.run(values).changes }
  }
}

const NO_ROWS: readonly unknown[] = []

// kysely takes a mutex around adapters that say they have a single connection. Statements here
// never overlap, and the mutex would keep a query of a closed body waiting instead of failing.
class SharedConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true
  }
}

// One compiler serves all: it compiles synchronously and starts clean with each query.
export const sqliteQueries: QueryEngine = {
  adapter: new SharedConnectionAdapter(),
  compiler: new SqliteQueryCompiler(),
}
