// One body of a write and the only handle it may use. The handle is this body's alone and dies with
// it: a query that a body forgot to await, or made after it was stopped, throws and can never land
// in the savepoint of the next body.

import type { Kysely } from 'kysely'
import { assert } from '#kernel/error.ts'
import { openHandle, type Gate, type Statements } from './driver.ts'
import type { WorkspaceScope } from './guard.ts'
import { isStorageError, type Connection } from './open.ts'
import type { Tables } from './tables.ts'

type Queries =
  | 'selectFrom'
  | 'insertInto'
  | 'updateTable'
  | 'deleteFrom'
  | 'with'
  | 'withRecursive'
  | 'fn'
  | 'getExecutor'

declare const inBody: unique symbol

/**
 * What a body may use. No other handle fits: stores that write take a `Tx`, so calling one with
 * the reader does not compile. After its body a Tx throws on every use.
 */
export type Tx = Pick<Kysely<Tables>, Queries> & {
  readonly [inBody]: true
  readonly scope: WorkspaceScope
  /** Runs after COMMIT, in order, before callers are answered. Must not throw. */
  afterCommit(hook: () => void): void
}

/**
 * Raw statements of the body, for platform code whose several statements assert not be torn apart
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

export class OpenBody implements Gate, BodySql {
  readonly #statements: Statements
  readonly hooks: (() => void)[] = []
  fatal: unknown
  #isLive = true
  #reject: ((error: Error) => void) | undefined

  constructor(statements: Statements) {
    this.#statements = statements
  }

  start(scope: WorkspaceScope, body: (tx: Tx) => Promise<unknown>): Promise<unknown> {
    const handle = openHandle(this.#statements, scope, this)
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

  // SQLite ends the whole transaction by itself on some errors. Were the body to swallow one, its
  // next statement would commit on its own: so no statement follows.
  failed(error: unknown): void {
    if (!isStorageError(error) && this.connection.inTransaction) return
    this.fatal ??= error
    this.#isLive = false
  }

  get connection(): Connection {
    return this.#statements.connection
  }

  get(text: string, ...values: unknown[]): unknown {
    return this.#attempt(text, (statement) => statement.get(...values))
  }

  all(text: string, ...values: unknown[]): unknown[] {
    return this.#attempt(text, (statement) => statement.all(...values))
  }

  run(text: string, ...values: unknown[]): { readonly changes: number } {
    return this.#attempt(text, (statement) => statement.run(...values))
  }

  #attempt<T>(text: string, use: (statement: ReturnType<Statements['prepare']>) => T): T {
    this.check()
    try {
      return use(this.#statements.prepare(text))
    } catch (error) {
      this.failed(error)
      throw error
    }
  }
}
