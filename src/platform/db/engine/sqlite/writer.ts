// The one writer. `write(caller, body)` queues a body; bodies run strictly one after another, each
// in its own savepoint; COMMIT follows when the queue is empty or 128 bodies are in.
//
// A whole group, BEGIN to COMMIT, runs inside one turn of the event loop: a body's queries are
// microtasks, so nothing else of the process runs in between and no lock is needed. The price is
// the rule that a body awaits only its own queries. It is enforced: when the microtask queue is
// dry (`process.nextTick`) and a body has not settled, it waits for something foreign, and is
// rolled back. Nobody, not even a body that threw, is answered before COMMIT: what a body saw may
// have been written by an earlier one in its group and is not true until then.

import { AppError, Bug } from '#kernel/error.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Steps } from '#platform/db/steps.ts'
import type { TableLists } from '#platform/db/table-lists.ts'
import type { Tx } from '#platform/db/tx.ts'
import { OpenBody } from './body.ts'
import { inspectNow } from './inspect.ts'
import { isStorageError, sqliteCode, type Connection } from './open.ts'
import { Statements } from './statements.ts'
import type { WalKeeper } from './wal.ts'

/** Who writes. The product's caller carries more (actor, now, request id). */
export interface WriteCaller {
  readonly scope: WorkspaceScope
}

export interface WriterOptions {
  /** Opens a fresh connection with every setting checked. Also called to recover. */
  open(): Connection
  readonly lists: TableLists
  readonly wal: WalKeeper
  /** Runs on a reopened connection before it may write again. Throws to stay read-only. */
  verify?(): Steps<void>
  /** Told of hooks that threw and of storage coming and going. */
  report?(event: 'hook_failed' | 'read_only' | 'recovered', cause?: unknown): void
  probeEveryMs?: number
  groupMsMax?: number
}

const GROUP_MAX = 128
const GROUP_MS_MAX = 8 // a group holds the event loop until its COMMIT; others want a turn within 20
const QUEUE_MAX = 4_096 // waiting bodies; more than this is a flood, answered `busy`
const PROBE_EVERY_MS = 5_000
const PROBE_BYTES = 256 * 1024 // room for a full group, so recovery does not flap at the brink

export class Writer {
  readonly #options: WriterOptions
  #statements: Statements
  #queue: Pending[] = []
  #isScheduled = false
  #isClosed = false
  #open: OpenBody | undefined // the body running now
  #storageFailure: unknown // why we are read-only
  #probe: NodeJS.Timeout | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#statements = new Statements(options.open())
  }

  /**
   * Resolves with the body's value once it is durable. Rejects with what the body threw; with
   * `storage_full` while the disk takes no data, `busy` when the queue is full. Effects of a
   * rejected body are absent, with one exception that no database can rule out: after a failed
   * COMMIT *and* a power cut before the next write, the group may reappear whole.
   */
  write<T>(caller: WriteCaller, body: (tx: Tx) => Promise<T>): Promise<T> {
    const refusal = this.#refusal()
    if (refusal) return Promise.reject(refusal)
    return new Promise<T>((resolve, reject) => {
      const pending = {
        scope: caller.scope,
        body,
        resolve: resolve as (value: unknown) => void,
        reject,
      }
      this.#queue.push(pending)
      this.#schedule()
    })
  }

  /** Throws when a body is running: any other handle would show it the state before its writes. */
  assertOutsideBody(): void {
    if (this.#open) throw new Bug('inside a write body use its tx, nothing else')
  }

  get isReadOnly(): boolean {
    return this.#storageFailure !== undefined
  }

  /** Takes no more bodies and finishes those that wait. */
  async drain(): Promise<void> {
    this.assertOutsideBody()
    this.#isClosed = true
    while (this.#isScheduled) await new Promise((resolve) => setImmediate(resolve))
  }

  /** After `drain`. The last connection to close empties the log, and a reader could not. */
  close(): void {
    clearTimeout(this.#probe)
    this.#options.wal.stop()
    this.#statements.connection.close()
  }

  #refusal(): Error | undefined {
    if (this.#open) return new Bug('a write inside a write body would wait for itself: use tx')
    if (this.#isClosed) return new AppError('busy', 'The server is stopping. Try again shortly.')
    if (this.isReadOnly) return storageFull(this.#storageFailure)
    if (this.#queue.length >= QUEUE_MAX)
      return new AppError('busy', 'Too many changes are waiting. Try again shortly.')
    return undefined
  }

  // setImmediate comes after the poll phase: all requests that arrived together form one group.
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => void this.#runGroup())
  }

  async #runGroup(): Promise<void> {
    await Promise.resolve() // from here on we are a microtask, which #watch needs
    const group: Settled[] = []
    let failure: Error | undefined
    try {
      if (this.isReadOnly) throw this.#storageFailure
      this.#run('begin immediate')
      this.#watch()
      const begun = performance.now()
      const { groupMsMax = GROUP_MS_MAX } = this.#options
      const hasRoom = () =>
        group.length < GROUP_MAX && (group.length === 0 || performance.now() - begun < groupMsMax)
      while (this.#queue.length > 0 && hasRoom()) {
        await this.#runBody(this.#queue.shift()!, group)
      }
      this.#run('commit')
    } catch (cause) {
      failure = this.#abandon(group, cause)
    }
    if (!failure) for (const settled of group) this.#fireHooks(settled)
    for (const settled of group) answer(settled, failure)
    if (!failure) this.#keepWal()
    this.#isScheduled = false
    if (this.#queue.length > 0) this.#schedule()
  }

  // Throws only when the whole group is lost; the body is in `group` before anything can fail.
  async #runBody(pending: Pending, group: Settled[]): Promise<void> {
    const open = new OpenBody(this.#statements, this.#options.lists)
    const settled: Settled = { pending, open, outcome: NOT_RUN }
    // The first needs no savepoint: nothing stands before it that its rollback could take along.
    const isFirst = group.push(settled) === 1
    if (!isFirst) this.#run('savepoint body')
    this.#open = open
    try {
      settled.outcome = { kind: 'done', value: await open.start(pending.scope, pending.body) }
    } catch (error) {
      settled.outcome = { kind: 'threw', error }
    }
    this.#open = undefined
    open.close()
    // A body may swallow an error after which nothing of the group can be trusted.
    if (open.fatal) throw open.fatal
    const hasThrown = settled.outcome.kind === 'threw'
    if (isFirst) {
      if (hasThrown) this.#restart()
      return
    }
    if (hasThrown) this.#run('rollback to body')
    this.#run('release body')
  }

  #restart(): void {
    this.#run('rollback')
    this.#run('begin immediate')
  }

  // Fires when the microtask queue is dry. A group that is still open then has a body that waits.
  #watch(): void {
    process.nextTick(() => {
      if (!this.#open) return
      this.#open.abort(
        new Bug('a write body may await only its own queries; do slow things before it'),
      )
      queueMicrotask(() => this.#watch()) // the rest of the group runs on, and is watched again
    })
  }

  // Ends the transaction and names the error that everybody in `group` gets.
  #abandon(group: Settled[], cause: unknown): Error {
    const { connection } = this.#statements
    try {
      if (connection.inTransaction) this.#run('rollback')
    } catch {
      connection.close() // nothing may run in a transaction we cannot end
    }
    const isLost = isStorageError(cause) || !connection.open
    if (isLost || group.length === 0) group.push(...this.#takeQueue())
    if (isLost) {
      if (!this.isReadOnly) this.#enterReadOnly(cause)
      return storageFull(cause)
    }
    if (sqliteCode(cause) === 'SQLITE_BUSY') {
      return new AppError('busy', 'The database is busy. Try again shortly.', { cause })
    }
    return new Bug('the group of this write was rolled back', { cause })
  }

  #takeQueue(): Settled[] {
    const open = new OpenBody(this.#statements, this.#options.lists)
    return this.#queue.splice(0).map((pending) => ({ pending, open, outcome: NOT_RUN }))
  }

  // After the answers: what was committed is durable whatever happens to the log now.
  #keepWal(): void {
    try {
      this.#options.wal.afterCommit(this.#statements.connection)
    } catch (cause) {
      if (!isStorageError(cause)) throw cause
      this.#enterReadOnly(cause)
    }
  }

  #enterReadOnly(cause: unknown): void {
    this.#options.wal.stop()
    this.#storageFailure = cause ?? new Bug('unknown storage failure')
    this.#options.report?.('read_only', cause)
    this.#probeLater()
  }

  #probeLater(): void {
    this.#probe = setTimeout(
      () => this.#recover(),
      this.#options.probeEveryMs ?? PROBE_EVERY_MS,
    ).unref()
  }

  // The failed connection is never used again: after a failed fsync the kernel may have dropped
  // the dirty pages and a second fsync would lie.
  #recover(): void {
    let fresh: Connection | undefined
    try {
      this.#statements.connection.close()
      fresh = this.#options.open()
      fresh
        .prepare('insert or replace into storageProbe (id, padding) values (1, randomblob(?))')
        .run(PROBE_BYTES)
      fresh.prepare("update storageProbe set padding = x''").run()
      if (this.#options.verify) inspectNow(fresh, this.#options.verify())
      this.#statements = new Statements(fresh)
      this.#storageFailure = undefined
      this.#options.report?.('recovered')
    } catch (cause) {
      fresh?.close()
      this.#storageFailure = cause
      this.#probeLater()
    }
  }

  #fireHooks({ open, outcome }: Settled): void {
    for (const hook of outcome.kind === 'done' ? open.hooks : []) {
      try {
        hook()
      } catch (cause) {
        this.#options.report?.('hook_failed', cause)
      }
    }
  }

  #run(text: string): void {
    this.#statements.prepare(text).run()
  }
}

interface Pending {
  readonly scope: WorkspaceScope
  readonly body: (tx: Tx) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }

interface Settled {
  readonly pending: Pending
  readonly open: OpenBody
  outcome: Outcome
}

const NOT_RUN: Outcome = { kind: 'threw', error: new Bug('this write did not run') }

function answer({ pending, outcome }: Settled, failure: Error | undefined): void {
  if (failure) pending.reject(failure)
  else if (outcome.kind === 'done') pending.resolve(outcome.value)
  else pending.reject(outcome.error)
}

function storageFull(cause: unknown): AppError {
  return new AppError(
    'storage_full',
    'Nothing can be saved: the disk is full or failing. Reading still works. Free space on the data volume.',
    { cause },
  )
}
