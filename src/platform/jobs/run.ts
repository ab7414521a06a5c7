// One run of one leased job: hands the definition its context, stops it when it must stop, and says
// how it went. It owns no timer: the runner asks `dueAt` and calls `tick`.

import { AppError, assert } from '#kernel/error.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { SECOND } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import type { JobContext, JobDefinition, StepIntent } from './define.ts'
import type { RunOutcome, StopCause } from './ending.ts'
import type { JobProgress } from './job.ts'
import { runStep } from './step.ts'
import { isLeased, progressText, toJob, updateLeased, type JobRow, type Lease } from './store.ts'
import { publishJob } from './settle.ts'

/** How long a run may take to stop; then its lease is taken from it. */
export const STOP_GRACE_MS = 10 * SECOND
/** Four a second: enough for a bar that moves. */
const PROGRESS_EVERY_MS = 250

export interface RunTools {
  readonly house: House
  readonly scope: WorkspaceScope
  /** Waits and tries again while the disk takes nothing. */
  persist<T>(scope: WorkspaceScope, body: (tx: Tx) => Promise<T>): Promise<T>
  /** Asks for a `tick` soon, because `dueAt` moved forward. */
  wake(): void
}

const STOP_TEXT: Readonly<Record<StopCause, string>> = {
  cancelled: 'Cancelled.',
  timeout: 'It took longer than it may.',
  lease_lost: 'Another run has taken it over.',
  stopping: 'The server is stopping.',
}

export class Run {
  readonly row: JobRow
  readonly lease: Lease
  readonly scope: WorkspaceScope
  /** Settles when the run has ended or was left behind; never rejects. */
  readonly ended: Promise<RunOutcome>
  readonly #tools: RunTools
  readonly #controller = new AbortController()
  readonly #abandon = Promise.withResolvers<never>()
  #stopCause: StopCause | undefined
  #unknownReason: string | undefined
  #deadlineAt: number // monotonic: the time limit, then the end of the grace
  #progress: JobProgress | undefined // reported, not written
  #progressAt = -Infinity
  #isWritingProgress = false
  #hasStepped = false

  /** `definition` is undefined for a kind that this version does not know. */
  constructor(tools: RunTools, row: JobRow, definition: JobDefinition<unknown> | undefined) {
    this.row = row
    this.scope = tools.scope
    this.lease = { jobId: row.id, fence: row.fence }
    this.#tools = tools
    this.#deadlineAt = tools.house.clock.monotonicMs() + (definition?.timeoutMs ?? Infinity)
    this.#abandon.promise.catch(() => {})
    this.ended = this.#execute(definition)
  }

  /** What was reported last, unless it is written already. */
  get unwrittenProgress(): JobProgress | undefined {
    return this.#progress
  }

  /** Steps of earlier runs count too. */
  get mayHaveSteps(): boolean {
    return this.#hasStepped || this.row.attempt > 1
  }

  /** When `tick` has something to do, on the monotonic clock. */
  get dueAt(): number {
    const progressAt = this.#progress ? this.#progressAt + PROGRESS_EVERY_MS : Infinity
    return Math.min(this.#deadlineAt, progressAt)
  }

  /** Aborts the signal. The first cause stays, but a lost lease outweighs all. */
  stop(cause: StopCause): void {
    if (cause === 'lease_lost') this.#stopCause = cause
    if (this.#controller.signal.aborted) return
    this.#stopCause = cause
    this.#deadlineAt = this.#tools.house.clock.monotonicMs() + STOP_GRACE_MS
    const code = cause === 'timeout' ? 'timeout' : 'cancelled'
    this.#controller.abort(new AppError(code, STOP_TEXT[cause], { details: { cause } }))
    this.#tools.wake()
  }

  tick(nowMs: number): void {
    if (nowMs >= this.#deadlineAt) this.#limitReached()
    if (this.#progress && nowMs >= this.#progressAt + PROGRESS_EVERY_MS) this.#writeProgress(nowMs)
  }

  #limitReached(): void {
    if (!this.#controller.signal.aborted) return this.stop('timeout')
    this.#deadlineAt = Infinity
    const text = `${STOP_TEXT[this.#stopCause ?? 'timeout']} It did not stop and may still be at work.`
    this.#abandon.reject(new AppError('timeout', text))
  }

  async #execute(definition: JobDefinition<unknown> | undefined): Promise<RunOutcome> {
    const outcome: { thrown?: unknown } = {}
    try {
      const given = this.#begin(definition)
      await Promise.race([given, this.#abandon.promise])
    } catch (error) {
      outcome.thrown = this.#causeOf(error)
    }
    return { ...outcome, stopCause: this.#stopCause, unknownReason: this.#unknownReason }
  }

  async #begin(definition: JobDefinition<unknown> | undefined): Promise<unknown> {
    if (!definition) {
      throw new AppError('unsupported', `This version knows no job “${this.row.kind}”.`)
    }
    const input = definition.input.safeParse(JSON.parse(this.row.input))
    if (!input.success) {
      throw new AppError('invalid', 'What it was given is not what this version expects.', {
        cause: input.error,
      })
    }
    return definition.run(this.#context(definition, input.data))
  }

  // A run that stops as it was told throws whatever its last wait threw; what counts is why.
  #causeOf(error: unknown): unknown {
    if (this.#stopCause === 'timeout' && !(error instanceof AppError)) {
      return this.#controller.signal.reason
    }
    return error
  }

  #context(definition: JobDefinition<unknown>, input: unknown): JobContext<unknown> {
    const { house, scope } = this.#tools
    const now = house.clock.now()
    const context: JobContext<unknown> = {
      house,
      caller: {
        actor: this.lease.jobId,
        scope,
        now,
        requestId: makeId(ID_PREFIXES.request, now, house.random(10)),
        verbs: new Set(definition.verbs),
      },
      job: toJob(this.row),
      input,
      signal: this.#controller.signal,
      report: (progress) => this.#report(progress),
      assertLeased: (tx) => this.#assertLeased(tx),
      step: (step) => {
        this.#hasStepped = true
        return runStep(tools, step)
      },
    }
    const tools = {
      jobId: this.lease.jobId,
      signal: this.#controller.signal,
      now: () => house.clock.now(),
      write: <T>(body: (tx: Tx) => Promise<T>) => this.#writeLeased(body),
      reconcile:
        definition.reconcile && ((intent: StepIntent) => definition.reconcile!(context, intent)),
      giveUp: (reason: string) => this.#giveUp(reason),
    }
    return context
  }

  #giveUp(reason: string): never {
    this.#unknownReason = reason
    throw new AppError('conflict', reason)
  }

  #writeLeased<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#tools.persist(this.scope, async (tx) => {
      await this.#assertLeased(tx)
      return body(tx)
    })
  }

  async #assertLeased(tx: Tx): Promise<void> {
    if (await isLeased(tx, this.lease)) return
    this.stop('lease_lost')
    throw new AppError('cancelled', STOP_TEXT.lease_lost)
  }

  #report(progress: JobProgress): void {
    assert(progress.done >= 0, 'progress counts up from 0')
    const wasWaiting = this.#progress !== undefined
    this.#progress = progress
    if (!wasWaiting) this.#tools.wake()
  }

  // Only for people to look at: a write that fails is made good by the next.
  #writeProgress(nowMs: number): void {
    if (this.#isWritingProgress) return
    const progress = this.#progress!
    this.#progress = undefined
    this.#progressAt = nowMs
    this.#isWritingProgress = true
    const { house } = this.#tools
    house.db
      .write({ scope: this.scope }, async (tx) => {
        const isOurs = await updateLeased(tx, this.lease, { progress: progressText(progress) })
        if (isOurs) publishJob(tx, house.events, this.lease.jobId)
      })
      .catch((cause: unknown) => house.log.debug({ err: cause }, 'progress was not written'))
      .finally(() => {
        this.#isWritingProgress = false
      })
  }
}
