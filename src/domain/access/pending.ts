// Between the password and the second factor: who has proved the first one, on which browser, for a few
// minutes. Held in memory under the digest of a cookie; a restart or a clock set back lets them begin
// again. Made only after a right password, so strangers cannot fill it.

import { sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'

export interface PendingSignIn {
  readonly userId: UserId
  /** When the password was set that was right: a later change ends this. */
  readonly passwordChangedAt: Instant | null
  readonly next: string | undefined
}

const PENDING_MS = 10 * MINUTE
const PENDING_MAX = 10_000

export class PendingSignIns {
  readonly #random: (bytes: number) => Buffer
  readonly #pending = new Map<string, PendingSignIn & { readonly until: number }>()

  constructor({ random }: { readonly random: (bytes: number) => Buffer }) {
    this.#random = random
  }

  /** The value of the cookie that this goes on by. */
  begin(now: Instant, pending: PendingSignIn): string {
    for (const [key, { until }] of this.#pending) {
      if (until > now && this.#pending.size < PENDING_MAX) break
      this.#pending.delete(key)
    }
    const value = this.#random(32).toString('base64url')
    this.#pending.set(sha256Hex(value), { ...pending, until: now + PENDING_MS })
    return value
  }

  find(now: Instant, value: string | undefined): PendingSignIn | undefined {
    const found = value === undefined ? undefined : this.#pending.get(sha256Hex(value))
    return found && found.until > now ? found : undefined
  }

  end(value: string | undefined): void {
    if (value !== undefined) this.#pending.delete(sha256Hex(value))
  }

  clear(): void {
    this.#pending.clear()
  }
}
