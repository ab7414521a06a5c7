// Heavy computation off the event loop: a pool of worker threads per entry in src/workers. Threads
// start when first needed and do not keep the process alive while idle. A task that crashes, runs too
// long or is no longer wanted takes its thread with it and nothing else; the next task gets a new one.

import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { AppError, assert, type ErrorCode } from '#kernel/error.ts'
import { embedded } from './embedded.ts'

declare const inputOf: unique symbol
declare const outputOf: unique symbol

/** Names a task and says what goes in and comes out; both travel by structured clone. */
export interface WorkerTask<Input, Output> {
  /** The file in src/workers that answers it. */
  readonly worker: string
  readonly name: string
  readonly [inputOf]?: Input
  readonly [outputOf]?: Output
}

export interface TaskLimits {
  readonly timeoutMs: number
  /** The task is dropped with its thread when this aborts. */
  readonly signal?: AbortSignal
}

/** Tasks that wait per pool; more is answered `busy`. */
const WAITING_MAX = 256
/** One thread that runs wild must not take the memory of the process. */
const HEAP_MB_MAX = 512

/** What a thread is sent and answers. */
export interface TaskRequest {
  readonly name: string
  readonly input: unknown
}
export type TaskAnswer =
  | { readonly kind: 'done'; readonly output: unknown }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'failed'; readonly error: unknown }

export class Workers {
  readonly #size: number
  readonly #start: (worker: string) => Worker
  readonly #pools = new Map<string, Pool>()

  /** `size` threads per pool; 0 takes one per core but one. Tests bring entries of their own. */
  constructor(size = 0, start: (worker: string) => Worker = startThread) {
    this.#size = size > 0 ? size : Math.max(1, availableParallelism() - 1)
    this.#start = start
  }

  /**
   * Throws `busy` when too much waits, `timeout` after the limit (counted from the start of the
   * work), the reason of the signal, what the task threw, and `Bug` when its thread died.
   */
  run<Input, Output>(
    task: WorkerTask<Input, Output>,
    input: Input,
    limits: TaskLimits,
  ): Promise<Output> {
    const known = this.#pools.get(task.worker)
    const pool = known ?? new Pool(() => this.#start(task.worker), this.#size)
    if (!known) this.#pools.set(task.worker, pool)
    return pool.run({ name: task.name, input }, limits) as Promise<Output>
  }

  /** Ends every thread; tasks that run or wait throw `cancelled`. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
  }
}

function startThread(name: string): Worker {
  return embedded.worker(name, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX } })
}

interface Waiting {
  readonly request: TaskRequest
  readonly limits: TaskLimits
  readonly resolve: (output: unknown) => void
  readonly reject: (error: unknown) => void
  /** Listens to the signal until the task begins: the signal may outlive it by far. */
  readonly forget: () => void
}

class Pool {
  readonly #start: () => Worker
  readonly #size: number
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, (error: Error) => void>()
  #waiting: Waiting[] = []
  #isClosed = false

  constructor(start: () => Worker, size: number) {
    this.#start = start
    this.#size = size
  }

  run(request: TaskRequest, limits: TaskLimits): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed())
    if (limits.signal?.aborted) return Promise.reject(reasonOf(limits.signal))
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new AppError('busy', 'Too much is being computed. Try again shortly.'))
    }
    return new Promise((resolve, reject) => {
      const forget = () => this.#forget(waiting)
      const waiting: Waiting = { request, limits, resolve, reject, forget }
      this.#waiting.push(waiting)
      limits.signal?.addEventListener('abort', forget, { once: true })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiting of this.#waiting.splice(0)) {
      unlisten(waiting)
      waiting.reject(closed())
    }
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()]
    for (const drop of this.#busy.values()) drop(closed())
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #forget(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiting)
    waiting.reject(reasonOf(waiting.limits.signal!))
  }

  #next(): void {
    if (this.#waiting.length === 0 || this.#busy.size >= this.#size) return
    const waiting = this.#waiting.shift()!
    unlisten(waiting)
    void this.#execute(this.#idle.pop() ?? this.#start(), waiting)
  }

  async #execute(thread: Worker, { request, limits, resolve, reject }: Waiting): Promise<void> {
    const over = Promise.withResolvers<TaskAnswer>()
    const drop = (error: unknown) => over.resolve({ kind: 'failed', error })
    const die = (error: unknown) => drop(new Error('a worker thread died', { cause: error }))
    const abort = () => drop(reasonOf(limits.signal!))
    const timer = setTimeout(() => drop(tooLong()), limits.timeoutMs)
    this.#busy.set(thread, drop)
    thread.ref()
    thread.once('message', over.resolve).once('error', die).once('exit', die)
    limits.signal?.addEventListener('abort', abort, { once: true })
    thread.postMessage(request, [])
    const answer = await over.promise
    clearTimeout(timer)
    limits.signal?.removeEventListener('abort', abort)
    thread.off('message', over.resolve).off('error', die).off('exit', die)
    this.#busy.delete(thread)
    this.#release(thread, answer)
    if (answer.kind === 'done') resolve(answer.output)
    else if (answer.kind === 'refused') reject(new AppError(answer.code, answer.message))
    else reject(answer.error)
    this.#next()
  }

  // After a failure nobody knows what the thread is still doing.
  #release(thread: Worker, answer: TaskAnswer): void {
    if (answer.kind === 'failed' || this.#isClosed) {
      thread.on('error', () => {})
      void thread.terminate()
      return
    }
    thread.unref()
    this.#idle.push(thread)
  }
}

function unlisten({ limits, forget }: Waiting): void {
  limits.signal?.removeEventListener('abort', forget)
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  assert(reason instanceof Error, 'a signal aborts with an error')
  return reason
}

function tooLong(): AppError {
  return new AppError('timeout', 'The computation took longer than it may.')
}

function closed(): AppError {
  return new AppError('cancelled', 'The server is stopping.')
}
