// One body of a write on PostgreSQL: a transaction of its own on the writer's connection. All its
// statements go through one line, in which a procedure of the platform (an append to the audit log)
// is never torn apart.

import type { CompiledQuery, QueryResult } from 'kysely'
import { assert } from '#kernel/error.ts'
import { openTx, type Hook } from '#platform/db/handle.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import { type Step, type StepResult, type StepRunner, type Steps } from '#platform/db/steps.ts'
import type { TableLists } from '#platform/db/table-lists.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Client } from './connect.ts'
import { execute, executeStatement, postgresQueries } from './queries.ts'

export class PostgresBody implements StepRunner {
  readonly #client: Client
  readonly #lists: TableLists
  readonly hooks: Hook[] = []
  /** The first statement that failed: PostgreSQL takes no more of this transaction. */
  failure: Error | undefined
  #isLive = true
  #line: Promise<unknown> = Promise.resolve()

  constructor(client: Client, lists: TableLists) {
    this.#client = client
    this.#lists = lists
  }

  makeTx(scope: WorkspaceScope): Tx {
    const run = (query: CompiledQuery) => this.#query(query)
    return openTx({ engine: postgresQueries, lists: this.#lists, scope, run }, this, this.hooks)
  }

  /** No statement begins after this; resolves when the last one has ended. */
  async close(): Promise<void> {
    this.#isLive = false
    await this.#line
  }

  run<T>(steps: Steps<T>): Promise<T> {
    return this.#inLine(() => driveStepsAsync(steps, (step) => this.#step(step)))
  }

  #query(query: CompiledQuery): Promise<QueryResult<unknown>> {
    return this.#inLine(() => this.#attempt(() => execute(this.#client, query)))
  }

  #step(step: Step): Promise<StepResult> {
    if ('snapshot' in step) return NO_ROWS // bodies run one at a time: the state holds still
    return this.#attempt(() => executeStatement(this.#client, step))
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(() => {
      this.assertLive()
      return work()
    })
    this.#line = done.then(nothing, nothing)
    return done
  }

  async #attempt<T>(use: () => Promise<T>): Promise<T> {
    this.assertLive()
    try {
      return await use()
    } catch (error) {
      this.failure ??= error as Error
      throw error
    }
  }

  assertLive(): void {
    assert(this.#isLive, 'this tx is over: its body has settled or was stopped')
  }
}

export async function driveStepsAsync<T>(
  steps: Steps<T>,
  run: (step: Step) => Promise<StepResult>,
): Promise<T> {
  let next = steps.next()
  while (!next.done) {
    const outcome = await run(next.value).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    )
    next = 'result' in outcome ? steps.next(outcome.result) : steps.throw(outcome.error)
  }
  return next.value
}

const NO_ROWS: Promise<StepResult> = Promise.resolve({ rows: [], changes: 0 })

function nothing(): void {}
