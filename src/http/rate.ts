// Token buckets in memory, one a client network: a general brake on whoever asks too fast. It forgets
// at a restart; guesses at passwords are counted in the database, elsewhere.

import { SECOND, type Clock } from '#kernel/time.ts'

export interface RateVerdict {
  readonly isAllowed: boolean
  /** Whole requests left at once. */
  readonly remaining: number
  /** Until one more is allowed; 0 when one is. */
  readonly waitMs: number
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** A page with its parts is a dozen requests at once, an office behind one address many pages. */
const BURST_SECONDS = 10

/** Networks remembered; the ones longest unseen are forgotten first, with a full bucket again. */
const BUCKETS_MAX = 20_000

export class RateLimit {
  readonly perSecond: number
  readonly burst: number
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.perSecond = perSecond
    this.burst = perSecond * BURST_SECONDS
  }

  take(network: string): RateVerdict {
    const nowMs = this.#clock.monotonicMs()
    const bucket = this.#refilled(network, nowMs)
    const isAllowed = bucket.tokens >= 1
    if (isAllowed) bucket.tokens -= 1
    const waitMs = isAllowed ? 0 : ((1 - bucket.tokens) / this.perSecond) * SECOND
    return { isAllowed, remaining: Math.floor(bucket.tokens), waitMs }
  }

  #refilled(network: string, nowMs: number): Bucket {
    const known = this.#buckets.get(network)
    const bucket = known ?? { tokens: this.burst, filledAtMs: nowMs }
    const gained = ((nowMs - bucket.filledAtMs) / SECOND) * this.perSecond
    bucket.tokens = Math.min(this.burst, bucket.tokens + gained)
    bucket.filledAtMs = nowMs
    // Taken out and put back: a Map keeps the order of insertion, so the first is the longest unseen.
    if (known) this.#buckets.delete(network)
    else if (this.#buckets.size >= BUCKETS_MAX) this.#forgetOldest()
    this.#buckets.set(network, bucket)
    return bucket
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
