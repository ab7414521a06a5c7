// One body of a write and the only handle it may use. The handle is this body's alone and dies with
// it: a query that a body forgot to await, or made after it was stopped, throws and can never land
// in the savepoint of the next body.

import type { CompiledQuery, QueryResult } from 'kysely'
import { assert } from '#kernel/error.ts'
import { openTx, type Hook } from '#platform/db/handle.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import {
  driveSteps,
  type Step,
  type StepResult,
  type StepRunner,
  type Steps,
} from '#platform/db/steps.ts'
import type { TableLists } from '#platform/db/table-lists.ts'
import type { Tx } from '#platform/db/tx.ts'
import { isStorageError } from './open.ts'
import { sqliteQueries, type Statements } from './statements.ts'

export class OpenBody implements StepRunner {
  readonly #statements: Statements
  readonly #lists: TableLists
  readonly hooks: Hook[] = []
  fatal: Error | undefined
  #isLive = true
  #reject: ((error: Error) => void) | undefined

  constructor(statements: Statements, lists: TableLists) {
    this.#statements = statements
    this.#lists = lists
  }

  start(scope: WorkspaceScope, body: (tx: Tx) => Promise<unknown>): Promise<unknown> {
    const run = (query: CompiledQuery) => this.#execute(query)
    const tx = openTx({ engine: sqliteQueries, lists: this.#lists, scope, run }, this, this.hooks)
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

  assertLive(): void {
    assert(this.#isLive, 'this tx is over: its body has settled or was stopped')
  }

  // Not an async function: the statements run before anything else of the body can.
  run<T>(steps: Steps<T>): Promise<T> {
    try {
      return Promise.resolve(driveSteps(steps, (step) => this.#step(step)))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #step(step: Step): StepResult {
    if ('snapshot' in step) return NO_ROWS // the transaction is one
    return this.#attempt(() => this.#statements.step(step))
  }

  #execute(query: CompiledQuery): QueryResult<unknown> {
    return this.#attempt(() => this.#statements.execute(query))
  }

  #attempt<T>(use: () => T): T {
    this.assertLive()
    try {
      return use()
    } catch (error) {
      this.#failed(error as Error)
      throw error
    }
  }

  // SQLite ends the whole transaction by itself on some errors. Were the body to swallow one, its
  // next statement would commit on its own: so no statement follows.
  #failed(error: Error): void {
    if (!isStorageError(error) && this.#statements.connection.inTransaction) return
    this.fatal ??= error
    this.#isLive = false
  }
}

const NO_ROWS: StepResult = { rows: [], changes: 0 }
