// The one writer on PostgreSQL: bodies run strictly one after another, each in a transaction of its
// own, so a body sees what every earlier one left and the audit head has one owner. The price is
// one round trip and one synced commit for each write; grouping them is left for when it hurts.

import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import { AppError, Bug } from '#kernel/error.ts'
import type { DatabaseOptions, WriteCaller } from '#platform/db/database.ts'
import type { TableLists } from '#platform/db/table-lists.ts'
import type { Tx } from '#platform/db/tx.ts'
import { driveStepsAsync, PostgresBody } from './body.ts'
import { isStorageError } from './connect.ts'
import { executeStatement } from './queries.ts'

export interface PostgresWriterOptions extends Pick<
  DatabaseOptions,
  'verify' | 'report' | 'probeEveryMs'
> {
  /** Opens a connection that holds the instance lock. Called again to recover. */
  open(): Promise<pg.Client>
  readonly lists: TableLists
  /** A body that takes longer waits for something foreign and is stopped. */
  readonly bodyTimeoutMs?: number
}

const QUEUE_MAX = 4_096
const PROBE_EVERY_MS = 5_000
const BODY_TIMEOUT_MS = 5_000

export class PostgresWriter {
  readonly #options: PostgresWriterOptions
  readonly #inBody = new AsyncLocalStorage<true>()
  #client: pg.Client
  #line: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isClosed = false
  #failure: unknown
  #probe: NodeJS.Timeout | undefined

  constructor(client: pg.Client, options: PostgresWriterOptions) {
    this.#client = client
    this.#options = options
  }

  write<T>(caller: WriteCaller, body: (tx: Tx) => Promise<T>): Promise<T> {
    const refusal = this.#refusal()
    if (refusal) return Promise.reject(refusal)
    this.#waiting += 1
    const done = this.#line.then(() => this.#runBody(caller, body))
    this.#line = done.then(nothing, nothing).then(() => void (this.#waiting -= 1))
    return done
  }

  /** Throws inside a body: another connection would show it the state before its writes. */
  assertOutsideBody(): void {
    if (this.#inBody.getStore()) throw new Bug('inside a write body use its tx, nothing else')
  }

  get isReadOnly(): boolean {
    return this.#failure !== undefined
  }

  /** Finishes what waits, then closes. */
  async close(): Promise<void> {
    this.assertOutsideBody()
    this.#isClosed = true
    await this.#line
    clearTimeout(this.#probe)
    await this.#client.end().catch(nothing)
  }

  #refusal(): Error | undefined {
    if (this.#inBody.getStore())
      return new Bug('a write inside a write body would wait for itself: use tx')
    if (this.#isClosed) return new AppError('busy', 'The server is stopping. Try again shortly.')
    if (this.isReadOnly) return unavailable(this.#failure)
    if (this.#waiting >= QUEUE_MAX)
      return new AppError('busy', 'Too many changes are waiting. Try again shortly.')
    return undefined
  }

  async #runBody<T>(caller: WriteCaller, body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.isReadOnly) throw unavailable(this.#failure)
    const open = new PostgresBody(this.#client, this.#options.lists)
    const tx = open.makeTx(caller.scope)
    await this.#control('begin')
    let value: T
    try {
      value = await this.#inBody.run(true, () => this.#withinTime(body(tx)))
      await open.close()
      // The body may have swallowed it; PostgreSQL has not, and would roll back in silence.
      if (open.failure) throw open.failure
    } catch (error) {
      await open.close()
      if (isStorageError(open.failure)) throw this.#enterReadOnly(open.failure)
      await this.#control('rollback')
      throw error
    }
    const ended = await this.#control('commit')
    if (ended !== 'COMMIT') throw new Bug('the transaction of this write was rolled back')
    for (const hook of open.hooks) this.#fire(hook)
    return value
  }

  async #control(text: 'begin' | 'commit' | 'rollback'): Promise<string> {
    try {
      return (await this.#client.query(text)).command
    } catch (cause) {
      throw isStorageError(cause) ? this.#enterReadOnly(cause) : cause
    }
  }

  #withinTime<T>(work: Promise<T>): Promise<T> {
    const { bodyTimeoutMs = BODY_TIMEOUT_MS } = this.#options
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Bug('a write body may await only its own queries; do slow things before it')),
        bodyTimeoutMs,
      )
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  #enterReadOnly(cause: unknown): Error {
    if (!this.isReadOnly) {
      this.#failure = cause
      this.#options.report?.('read_only', cause)
      this.#probeLater()
    }
    return unavailable(cause)
  }

  #probeLater(): void {
    const everyMs = this.#options.probeEveryMs ?? PROBE_EVERY_MS
    this.#probe = setTimeout(() => void this.#recover(), everyMs).unref()
  }

  // A connection that failed is never used again: whether its last COMMIT took hold is unknown.
  async #recover(): Promise<void> {
    let fresh: pg.Client | undefined
    try {
      await this.#client.end().catch(nothing)
      fresh = await this.#options.open()
      const client = fresh
      if (this.#options.verify) {
        await driveStepsAsync(this.#options.verify(), async (step) =>
          'snapshot' in step ? { rows: [], changes: 0 } : executeStatement(client, step),
        )
      }
      if (this.#isClosed) return await client.end()
      this.#client = client
      this.#failure = undefined
      this.#options.report?.('recovered')
    } catch (cause) {
      await fresh?.end().catch(nothing)
      this.#failure = cause
      if (!this.#isClosed) this.#probeLater()
    }
  }

  #fire(hook: () => void): void {
    try {
      hook()
    } catch (cause) {
      this.#options.report?.('hook_failed', cause)
    }
  }
}

function unavailable(cause: unknown): AppError {
  const isFull = (cause as { code?: string } | undefined)?.code === '53100'
  return new AppError(
    isFull ? 'storage_full' : 'busy',
    isFull
      ? 'Nothing can be saved: the disk of the database server is full. Reading still works.'
      : 'The database cannot be reached or takes no changes now. Try again shortly.',
    { cause, retryAfterSeconds: 5 },
  )
}

function nothing(): void {}
