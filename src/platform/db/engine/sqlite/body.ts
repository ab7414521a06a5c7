// One body of a write and the only handle it may use. The handle is this body's alone and dies with
// it: a query that a body forgot to await, or made after it was stopped, throws and can never land
// in the savepoint of the next body.

import type { CompiledQuery, QueryResult } from 'kysely'
import { assert } from '#kernel/error.ts'
import { openHandle } from '../../handle.ts'
import type { WorkspaceScope } from '../../scope.ts'
import type { TableLists } from '../../table-lists.ts'
import type { Tx } from '../../tx.ts'
import { isStorageError, type Connection } from './open.ts'
import { sqliteQueries, type Statements } from './statements.ts'

/**
 * Raw statements of the body, for platform code whose several statements must not be torn apart
 * by a body's `Promise.all` (the audit log). Synchronous, and *not* walled to a workspace.
 */
export function bodySql(tx: Tx): BodySql {
  const open = openBodies.get(tx)
  assert(open, 'not a tx')
  return open
}

export interface BodySql {
  readonly connection: Connection
  get(text: string, ...values: unknown[]): unknown
  all(text: string, ...values: unknown[]): unknown[]
  run(text: string, ...values: unknown[]): { readonly changes: number }
}

const openBodies = new WeakMap<Tx, OpenBody>()

export class OpenBody implements BodySql {
  readonly #statements: Statements
  readonly #lists: TableLists
  readonly hooks: (() => void)[] = []
  fatal: unknown
  #isLive = true
  #reject: ((error: Error) => void) | undefined

  constructor(statements: Statements, lists: TableLists) {
    this.#statements = statements
    this.#lists = lists
  }

  start(scope: WorkspaceScope, body: (tx: Tx) => Promise<unknown>): Promise<unknown> {
    const run = async (query: CompiledQuery) => this.#execute(query)
    const handle = openHandle({ engine: sqliteQueries, lists: this.#lists, scope, run })
    const tx = Object.assign(handle as unknown as Tx, {
      scope,
      afterCommit: (hook: () => void) => {
        this.check()
        this.hooks.push(hook)
      },
    })
    openBodies.set(tx, this)
    return new Promise((resolve, reject) => {
      this.#reject = reject
      body(tx).then(resolve, reject)
    })
  }

  abort(error: Error): void {
    this.#isLive = false
    this.#reject?.(error)
  }

  close(): void {
    this.#isLive = false
  }

  check(): void {
    assert(this.#isLive, 'this tx is over: its body has settled or was stopped')
  }

  get connection(): Connection {
    return this.#statements.connection
  }

  get(text: string, ...values: unknown[]): unknown {
    return this.#attempt(() => this.#statements.prepare(text).get(...values))
  }

  all(text: string, ...values: unknown[]): unknown[] {
    return this.#attempt(() => this.#statements.prepare(text).all(...values))
  }

  run(text: string, ...values: unknown[]): { readonly changes: number } {
    return this.#attempt(() => this.#statements.prepare(text).run(...values))
  }

  #execute(query: CompiledQuery): QueryResult<unknown> {
    return this.#attempt(() => this.#statements.execute(query))
  }

  #attempt<T>(use: () => T): T {
    this.check()
    try {
      return use()
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  // SQLite ends the whole transaction by itself on some errors. Were the body to swallow one, its
  // next statement would commit on its own: so no statement follows.
  #failed(error: unknown): void {
    if (!isStorageError(error) && this.connection.inTransaction) return
    this.fatal ??= error
    this.#isLive = false
  }
}
