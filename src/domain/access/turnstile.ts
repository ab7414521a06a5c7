// Lets a few through at a time, some wait, the rest are turned away at once: for work that costs much
// memory and a whole core.

import { AppError } from '#kernel/error.ts'

export interface TurnstileLimits {
  readonly running: number
  readonly waiting: number
  /** What whoever is turned away is told to wait. */
  readonly retryAfterSeconds: number
}

export class Turnstile {
  readonly #limits: TurnstileLimits
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: TurnstileLimits) {
    this.#limits = limits
  }

  /** First come, first served. Throws `busy` when too many wait already. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(): Promise<void> | undefined {
    const { running, waiting, retryAfterSeconds } = this.#limits
    if (this.#running < running) {
      this.#running += 1
      return undefined
    }
    if (this.#waiting.length >= waiting) {
      throw new AppError('busy', 'Many people are signing in right now. Try again in a moment.', {
        retryAfterSeconds,
      })
    }
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  // The place goes straight to the one who waited longest, so nobody slips in between.
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}
