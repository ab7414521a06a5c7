// What signing in at targets brought, in memory alone, until its time is over. Kept for each credential:
// another one, or the same typed again, begins with nothing.

import type { Instant } from '#kernel/time.ts'
import type { SignedIn, SignIns } from './port.ts'

/** More credentials than an instance has; beyond it the oldest sign in again. */
const KEPT_MAX = 1_000

export class SignInMemory {
  readonly #now: () => Instant
  readonly #kept = new Map<string, Map<string, SignedIn>>()

  constructor(now: () => Instant) {
    this.#now = now
  }

  /** Those of one credential; `key` names it among all workspaces. */
  of(key: string): SignIns {
    return {
      find: (name) => {
        const known = this.#kept.get(key)?.get(name)
        return known !== undefined && known.until > this.#now() ? known : undefined
      },
      keep: (name, signedIn) => {
        const all = this.#kept.get(key) ?? new Map<string, SignedIn>()
        this.#kept.delete(key)
        this.#kept.set(key, all.set(name, signedIn))
        const [oldest] = this.#kept.keys()
        if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
      },
      forget: (name, signedIn) => {
        const all = this.#kept.get(key)
        if (all?.get(name) === signedIn) all.delete(name)
      },
    }
  }
}
