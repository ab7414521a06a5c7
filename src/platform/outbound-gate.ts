// How much goes out at a time, and to an endpoint that does not answer nothing at all for a while.

import { AppError } from '#kernel/error.ts'
import { SECOND, type Clock } from '#kernel/time.ts'

/** Lets so many in at a time; the others wait in the order they came. */
export class Gate {
  readonly #max: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.#max = max
  }

  /** Returns the way out, which is good once. Throws `cancelled` when the signal says so meanwhile. */
  async enter(signal: AbortSignal): Promise<() => void> {
    refuseAborted(signal)
    if (this.#inside < this.#max) this.#inside += 1
    else await this.#wait(signal)
    let isOut = false
    return () => {
      if (isOut) return
      isOut = true
      const next = this.#waiting.shift()
      // Whoever waits takes the place over, so nobody slips in between.
      if (next) next()
      else this.#inside -= 1
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(new AppError('cancelled', 'The request was given up.'))
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(enter)
    })
  }
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('cancelled', 'The request was given up.')
}

const FAILURES_MAX = 5
const OPEN_MS = 30 * SECOND

/**
 * Opens after five failures in a row: for half a minute nobody is sent, then one goes and looks. Its
 * answer closes the circuit; its failure opens it for another half minute.
 */
export class Breaker {
  readonly #clock: Clock
  #failures = 0
  #openUntilMs = 0
  #isTrying = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws `upstream` while the circuit is open. */
  pass(name: string): void {
    if (this.#failures < FAILURES_MAX) return
    const leftMs = this.#openUntilMs - this.#clock.monotonicMs()
    if (leftMs > 0 || this.#isTrying) {
      throw new AppError(
        'upstream',
        `${name} failed ${FAILURES_MAX} times in a row; it is asked again in a moment.`,
        { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / SECOND)) },
      )
    }
    this.#isTrying = true
  }

  /** `undefined` when what happened says nothing about the endpoint: it was given up, say. */
  tell(isAnswer: boolean | undefined): void {
    this.#isTrying = false
    if (isAnswer === undefined) return
    this.#failures = isAnswer ? 0 : this.#failures + 1
    if (this.#failures >= FAILURES_MAX) this.#openUntilMs = this.#clock.monotonicMs() + OPEN_MS
  }
}
