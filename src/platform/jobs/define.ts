// What a kind of job is: its input, its limits and the one call its run makes. Declared next to its
// noun (`domain/<noun>/jobs.ts`) and listed once in app.ts.
//
// A run happens *at least once*: the process may die after the work and before the result is
// written. So every `run` is safe to repeat, and says in a comment what makes it so. A call that must
// not be repeated blindly (a write on a target, a webhook) goes through `step`.

import type { z } from 'zod'
import { assert } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Job, JobProgress } from './job.ts'

export interface JobDefinition<Input> {
  /** `noun.verb`, stored with each job: renaming one strands the jobs that wait. */
  readonly kind: string
  readonly input: z.ZodType<Input>
  /** Verbs the run may use. Whoever enqueued was asked for permission then. */
  readonly verbs: readonly string[]
  /** The signal aborts after this long; the attempt then counts as failed with `timeout`. */
  readonly timeoutMs: number
  /** Runs before it is given up and kept with its reason, a crash of the process included. */
  readonly attemptsMax: number
  /** Upper bounds of the waits after the first, second … failure; the wait is random below it. */
  readonly backoffMs: readonly number[]
  /** Runs of this kind at once in one workspace. */
  readonly perWorkspaceMax: number
  readonly priority: JobPriority
  /**
   * What succeeded is forgotten after so long, where that is sooner than the settings say: for kinds
   * that run every few minutes and leave what they found elsewhere.
   */
  readonly keptMs?: number
  /** Jobs of one workspace with the same key run one after another: a target's id, say. */
  concurrencyKey?(input: Input): string
  run(context: JobContext<Input>): Promise<unknown>
  /** Finds out what became of a step whose result was never written. */
  reconcile?(context: JobContext<Input>, step: StepIntent): Promise<Reconciled>
}

/** `first` is for what a person waits for, `last` for what nobody does. */
export type JobPriority = 'first' | 'normal' | 'last'

export interface JobContext<Input> {
  readonly house: House
  /** The job itself as actor, in the workspace of its row, with the verbs of its definition. */
  readonly caller: Caller
  readonly job: Job
  readonly input: Input
  /** Aborts on cancel, timeout, a lost lease and shutdown. Every wait listens to it. */
  readonly signal: AbortSignal
  /** Shows how far it is. Cheap to call in a loop: at most four a second are written. */
  readonly report: (progress: JobProgress) => void
  /**
   * Throws unless this run still holds its lease. Inside a write body it makes the whole write
   * refuse when another run has taken the job over.
   */
  readonly assertLeased: (tx: Tx) => Promise<void>
  /**
   * Makes a call that must not be repeated blindly; returns its result, now or from before. When an
   * earlier run may have made it, `reconcile` finds out; if nobody can, the job ends `unknown`.
   */
  readonly step: <Result extends Json>(step: Step<Result>) => Promise<Result>
}

/** One call on the outside world, remembered before it is made and after it returned. */
export interface StepIntent {
  /** Unique in the job. */
  readonly stepId: string
  /** Sent along, so that the other side can recognise a repetition. */
  readonly idempotencyKey: string
  /** Hash of what the call makes true: the same step never stands for two contents. */
  readonly desiredHash: string
}

export interface Step<Result extends Json> extends StepIntent {
  /**
   * `intent` is the one written down, whose key may be of an earlier run. A throw of `AppError` with
   * a code that says the other side refused (`invalid`, `forbidden`, `conflict` …) means nothing
   * happened. Any other throw leaves it open.
   */
  call(intent: StepIntent, signal: AbortSignal): Promise<Result>
}

export type Reconciled =
  | { readonly kind: 'done'; readonly result: Json }
  | { readonly kind: 'not_done' }
  | { readonly kind: 'unknown'; readonly reason: string }

/** What is usual; a definition names only what differs. */
const USUAL = {
  timeoutMs: 10 * MINUTE,
  attemptsMax: 5,
  backoffMs: [1 * SECOND, 10 * SECOND, 60 * SECOND],
  perWorkspaceMax: 4,
  priority: 'normal',
} as const

type Given<Input> = Partial<JobDefinition<Input>> &
  Pick<JobDefinition<Input>, 'kind' | 'input' | 'verbs' | 'run'>

export function defineJob<Input>(given: Given<Input>): JobDefinition<Input> {
  const definition = { ...USUAL, ...given }
  const { kind, timeoutMs, attemptsMax, backoffMs, perWorkspaceMax } = definition
  assert(/^[a-z][a-z_]*\.[a-z][a-z_]*$/.test(kind), `${kind} is not noun.verb`)
  assert(timeoutMs > 0 && backoffMs.length > 0, `${kind} has a time limit and waits`)
  assert(attemptsMax >= 1 && attemptsMax <= 20, `${kind} has 1 to 20 attempts`)
  assert(perWorkspaceMax >= 1, `${kind} may run`)
  return Object.freeze(definition)
}

/** By kind. */
export type JobDefinitions = ReadonlyMap<string, JobDefinition<unknown>>

/** The kinds of job this process knows: the list in app.ts. */
export function jobDefinitions(list: readonly JobDefinition<unknown>[]): JobDefinitions {
  const map = new Map(list.map((definition) => [definition.kind, definition]))
  assert(map.size === list.length, 'two definitions bear the same kind')
  return map
}
