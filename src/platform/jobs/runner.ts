// Runs the jobs of all workspaces in this process. It sleeps until something is due: it is woken
// after the COMMIT of a new job, by the end of a run, and by one timer for everything that has a time
// (waiting jobs, slots, leases, time limits). Within the process time is monotonic; only what must
// agree with a calendar looks at the wall clock.
//
// Workspaces take turns, each with a few runs at once, so that a thousand jobs of one do not delay
// the first of another.

import type { Logger } from 'pino'
import { AppError, assert } from '#kernel/error.ts'
import type { JobId, WorkspaceId } from '#kernel/id.ts'
import { JOBS_RUNNING_MAX } from '#kernel/limits.ts'
import { addMs, HOUR, MINUTE, SECOND, type Clock } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import type { Bell, BellListener } from './bell.ts'
import type { JobDefinitions } from './define.ts'
import { endingOf } from './ending.ts'
import { isDue, makePlace, nextDueAt, type Place } from './place.ts'
import { Run } from './run.ts'
import { runDueSchedules } from './scheduler.ts'
import { settle } from './settle.ts'
import { claimJobs, renewLeases, workspacesWithJobs, type JobRow } from './store.ts'
import { forgetEnded, takeBack, takeBackForeign } from './upkeep.ts'

export interface RunnerOptions {
  readonly definitions: JobDefinitions
  readonly bell: Bell
  /** Runs at once in one workspace. */
  readonly perWorkspaceMax: number
  /** How long a finished job stays to be looked at; a dead one stays a year at least. */
  readonly keepMs: number
  /** A restored instance that nobody has released yet runs no schedules. */
  isHeld?(): boolean
  /** Of a suspended workspace no job begins. Wake the runner when that ends. */
  isSuspended?(workspaceId: WorkspaceId): boolean
}

/** Of a lease; it is prolonged three times as often. */
const LEASE_MS = 60 * SECOND
const SWEEP_EVERY_MS = HOUR
/** After a write failed: the disk is looked at again this often. */
const RESUME_AFTER_MS = 1 * SECOND
/** The wall clock can jump; no wait for it is longer than this before it is read again. */
const LOOK_AGAIN_MS = 1 * MINUTE

export class JobRunner implements BellListener {
  readonly #house: House
  readonly #clock: Clock
  readonly #log: Logger
  readonly #options: RunnerOptions
  readonly #perKindMax: ReadonlyMap<string, number>
  /** Whose leases are ours: made anew with each runner. */
  readonly #owner: string
  /** In the order of their turns. */
  readonly #places = new Map<WorkspaceId, Place>()
  readonly #running = new Map<JobId, Run>()
  readonly #settling = new Set<Promise<void>>()
  #state: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  #turn: Promise<void> | undefined
  #isAnotherTurnDue = false
  #timer: NodeJS.Timeout | undefined
  // On the monotonic clock:
  #renewAt = Infinity
  #sweepAt = Infinity
  #resumeAt = -Infinity
  #resumeWaits: (() => void)[] = []

  constructor(house: House, options: RunnerOptions) {
    this.#house = house
    this.#clock = house.clock
    this.#log = house.log
    this.#options = options
    this.#owner = house.random(8).toString('hex')
    const definitions = [...options.definitions.values()]
    this.#perKindMax = new Map(definitions.map((one) => [one.kind, one.perWorkspaceMax]))
    options.bell.listen(this)
  }

  /** Only the holder of the instance lock may: what is leased belonged to a process that is gone. */
  async start(): Promise<void> {
    assert(this.#state === 'new', 'a runner starts once')
    for (const workspaceId of await workspacesWithJobs(this.#house.db)) {
      this.#places.set(workspaceId, makePlace(workspaceId, { mayHoldForeignLeases: true }))
    }
    this.#state = 'running'
    this.#sweepAt = this.#clock.monotonicMs() + LOOK_AGAIN_MS
    this.wake()
  }

  /** Takes jobs: started, and not stopping. */
  get isRunning(): boolean {
    return this.#state === 'running'
  }

  get runningCount(): number {
    return this.#running.size
  }

  /**
   * Takes nothing more, aborts what runs and puts it back in the queue. What does not stop within
   * `drainMs` keeps its lease, which the next start takes over.
   */
  async stop(drainMs: number): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'stopping'
    clearTimeout(this.#timer)
    for (const run of this.#running.values()) run.stop('stopping')
    this.#resumeAll()
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, drainMs)
    await Promise.race([this.#quiet(), limit.promise])
    clearTimeout(timer)
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    if (this.#running.size > 0) {
      this.#log.warn({ jobs: [...this.#running.keys()] }, 'jobs did not stop in time')
    }
  }

  async #quiet(): Promise<void> {
    await this.#turn
    while (this.#running.size > 0 || this.#settling.size > 0) await this.#oneEnd()
  }

  /**
   * For tests: resolves when nothing runs and nothing can run at this moment of the clock, be it
   * that the disk takes nothing.
   */
  async drain(): Promise<void> {
    for (;;) {
      this.wake()
      await this.#turn
      if (this.#isPaused() || this.#state === 'stopped') return
      if (this.#running.size > 0 || this.#settling.size > 0) await this.#oneEnd()
      else if (!this.#isAnythingDue()) return
    }
  }

  #oneEnd(): Promise<unknown> {
    const ends = [...this.#running.values()].map((run) => run.ended as Promise<unknown>)
    return Promise.race([...ends, ...this.#settling])
  }

  jobsAdded(workspaceId: WorkspaceId): void {
    this.#place(workspaceId).isReady = true
    this.wake()
  }

  schedulesChanged(workspaceId: WorkspaceId): void {
    this.#place(workspaceId).plan = undefined
    this.wake()
  }

  cancelRequested(id: JobId): void {
    const run = this.#running.get(id)
    if (run) return run.stop('cancelled')
    // Claimed in the same COMMIT and not begun yet: prolonging its lease will show the wish.
    this.#renewAt = -Infinity
    this.wake()
  }

  /** Looks at everything that may be due. Cheap when nothing is. */
  wake(): void {
    if (this.#state === 'new' || this.#state === 'stopped') return
    this.#isAnotherTurnDue = true
    this.#turn ??= this.#turns().finally(() => {
      this.#turn = undefined
      if (this.#isAnotherTurnDue) this.wake()
      else this.#setTimer()
    })
  }

  async #turns(): Promise<void> {
    while (this.#isAnotherTurnDue) {
      this.#isAnotherTurnDue = false
      try {
        await this.#oneTurn()
      } catch (cause) {
        this.#pause(cause)
      }
    }
  }

  async #oneTurn(): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    for (const run of this.#running.values()) run.tick(nowMs)
    if (this.#isPaused()) return
    this.#resumeAll()
    if (this.#running.size > 0 && nowMs >= this.#renewAt) await this.#renew(nowMs)
    if (this.#state !== 'running') return
    await this.#reclaim()
    await this.#runSchedules()
    await this.#claim()
    if (nowMs >= this.#sweepAt) await this.#sweep(nowMs)
  }

  // The disk takes nothing, or something is wrong with us: neither may turn into a busy loop.
  #pause(cause: unknown): void {
    this.#resumeAt = this.#clock.monotonicMs() + RESUME_AFTER_MS
    if (!isPassing(cause)) this.#log.error({ err: cause }, 'the job runner failed and tries again')
  }

  #isPaused(): boolean {
    return this.#clock.monotonicMs() < this.#resumeAt
  }

  #resumeAll(): void {
    for (const resume of this.#resumeWaits.splice(0)) resume()
  }

  // A new runner under the instance lock finds leases only of the dead.
  async #reclaim(): Promise<void> {
    for (const place of this.#places.values()) {
      if (!place.mayHoldForeignLeases) continue
      const by = { owner: this.#owner, now: this.#clock.now() }
      await this.#write(place.scope, (tx) => takeBackForeign(tx, this.#house.events, by))
      place.mayHoldForeignLeases = false
    }
  }

  async #runSchedules(): Promise<void> {
    if (this.#options.isHeld?.()) return
    const { events, log, random } = this.#house
    const tools = { definitions: this.#options.definitions, events, log, random }
    for (const place of this.#openPlaces()) {
      const now = this.#clock.now()
      const { plan } = place
      const isDueNow = !plan || now < plan.plannedAt || (plan.nextAt !== null && plan.nextAt <= now)
      if (!isDueNow) continue
      place.plan = await this.#write(place.scope, (tx) => runDueSchedules(tx, tools, now))
      place.isReady = true
    }
  }

  #openPlaces(): readonly Place[] {
    const places = [...this.#places.values()]
    return places.filter(({ workspaceId }) => this.#options.isSuspended?.(workspaceId) !== true)
  }

  // Each round gives every workspace that has work an equal share of what is free. Their bodies are
  // queued together and so share a COMMIT.
  async #claim(): Promise<void> {
    for (;;) {
      const free = JOBS_RUNNING_MAX - this.#running.size
      const now = this.#clock.now()
      const ready = this.#openPlaces()
        .filter((place) => isDue(place, now))
        .slice(0, free)
      if (free <= 0 || ready.length === 0 || this.#state !== 'running') return
      const share = Math.floor(free / ready.length)
      const results = await Promise.allSettled(ready.map((place) => this.#claimIn(place, share)))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    }
  }

  async #claimIn(place: Place, max: number): Promise<void> {
    this.#places.delete(place.workspaceId)
    this.#places.set(place.workspaceId, place) // its next turn is after everybody else's
    place.isReady = false // a job added meanwhile sets it again
    const now = this.#clock.now()
    try {
      const claimed = await this.#write(place.scope, async (tx) => {
        const taken = await claimJobs(tx, {
          owner: this.#owner,
          now,
          leaseUntil: addMs(now, LEASE_MS),
          max,
          perWorkspaceMax: this.#options.perWorkspaceMax,
          perKindMax: this.#perKindMax,
        })
        await takeBack(tx, this.#house.events, taken.expired, now)
        return taken
      })
      place.nextAt = claimed.nextAt
      if (claimed.isMore || claimed.expired.length > 0) place.isReady = true
      for (const row of claimed.rows) this.#begin(place.scope, row)
    } catch (error) {
      place.isReady = true
      throw error
    }
  }

  #begin(scope: WorkspaceScope, row: JobRow): void {
    const tools = {
      house: this.#house,
      scope,
      persist: this.#persist.bind(this),
      wake: () => this.wake(),
    }
    this.#renewAt = Math.min(this.#renewAt, this.#clock.monotonicMs() + LEASE_MS / 3)
    const run = new Run(tools, row, this.#options.definitions.get(row.kind))
    this.#running.set(run.lease.jobId, run)
    if (this.#state !== 'running') run.stop('stopping')
    const settling = run.ended.then(() => this.#settle(run))
    this.#settling.add(settling)
    void settling.finally(() => this.#settling.delete(settling))
  }

  async #settle(run: Run): Promise<void> {
    const { row, lease } = run
    const outcome = await run.ended
    this.#running.delete(lease.jobId)
    if (this.#running.size === 0) this.#renewAt = Infinity
    const backoffMs = this.#options.definitions.get(row.kind)?.backoffMs ?? [0]
    const ending = endingOf(outcome, { ...row, backoffMs }, this.#house.random(4))
    this.#logEnd(row, ending, outcome.thrown)
    const settled = this.#persist(run.scope, (tx) =>
      settle(tx, this.#house.events, {
        lease,
        attempt: row.attempt,
        ending,
        mayHaveSteps: run.mayHaveSteps,
        progress: run.unwrittenProgress,
        now: this.#clock.now(),
      }),
    )
    // Looking for the next job now lets its claim join the COMMIT of this end.
    this.jobsAdded(row.workspaceId as WorkspaceId)
    try {
      await settled
    } catch (cause) {
      // The lease stays: the next start runs the job again, which every run allows for.
      this.#log.error({ err: cause, job: row.id }, 'the end of a job could not be written')
    }
  }

  #logEnd(row: JobRow, ending: ReturnType<typeof endingOf>, thrown: unknown): void {
    const isBug = thrown !== undefined && !(thrown instanceof AppError)
    const isDead =
      ending.kind === 'end' && (ending.state === 'failed' || ending.state === 'unknown')
    if (ending.kind === 'release' || !(isBug || isDead)) return
    const { id, kind, attempt } = row
    this.#log[isBug ? 'error' : 'warn']({ err: thrown, job: id, kind, attempt }, 'a job failed')
  }

  async #renew(nowMs: number): Promise<void> {
    this.#renewAt = nowMs + LEASE_MS / 3
    const runs = [...this.#running.values()]
    for (const scope of new Set(runs.map((run) => run.scope))) {
      const until = addMs(this.#clock.now(), LEASE_MS)
      const held = await this.#write(scope, (tx) => renewLeases(tx, this.#owner, until))
      for (const run of runs.filter((one) => one.scope === scope)) {
        const row = held.find(({ id, fence }) => id === run.row.id && fence === run.lease.fence)
        if (!row) run.stop('lease_lost')
        else if (row.isCancelRequested === 1) run.stop('cancelled')
      }
    }
  }

  async #sweep(nowMs: number): Promise<void> {
    let isMore = false
    for (const { scope } of this.#places.values()) {
      const now = this.#clock.now()
      const { keepMs, definitions } = this.#options
      const kinds = [...definitions.values()]
      if (await this.#write(scope, (tx) => forgetEnded(tx, now, keepMs, kinds))) isMore = true
    }
    this.#sweepAt = nowMs + (isMore ? SECOND : SWEEP_EVERY_MS)
  }

  #write<T>(scope: WorkspaceScope, body: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#house.db.write({ scope }, body)
  }

  async #persist<T>(scope: WorkspaceScope, body: (tx: Tx) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#write(scope, body)
      } catch (error) {
        if (!isPassing(error) || this.#state === 'stopping') throw error
        this.#pause(error)
        await new Promise<void>((resolve) => {
          this.#resumeWaits.push(resolve)
          this.wake()
        })
      }
    }
  }

  #place(workspaceId: WorkspaceId): Place {
    const known = this.#places.get(workspaceId)
    if (known) return known
    const place = makePlace(workspaceId, { mayHoldForeignLeases: false })
    this.#places.set(workspaceId, place)
    return place
  }

  #isAnythingDue(): boolean {
    const now = this.#clock.now()
    return this.#isAnotherTurnDue || this.#openPlaces().some((place) => isDue(place, now))
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    const nowMs = this.#clock.monotonicMs()
    const dueAt = Math.min(
      this.#sweepAt,
      this.#running.size > 0 ? this.#renewAt : Infinity,
      this.#resumeWaits.length > 0 || this.#resumeAt > nowMs ? this.#resumeAt : Infinity,
      ...[...this.#running.values()].map((run) => run.dueAt),
    )
    const now = this.#clock.now()
    const isHeld = this.#options.isHeld?.() ?? false
    const calendarMs = this.#openPlaces().map((place) => nextDueAt(place, isHeld) - now)
    const waitMs = Math.min(dueAt - nowMs, ...calendarMs, LOOK_AGAIN_MS)
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.ceil(waitMs))).unref()
  }
}

/** The disk is full or the writer flooded: worth waiting for. */
function isPassing(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'storage_full' || error.code === 'busy')
}
