// The links that `demo` prints: each signs one person in, once. Held in memory, so they end with the
// demonstration, and with a clock that was set back.

import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'

const LINKS_MAX = 100

export class DemoLinks {
  readonly #random: (bytes: number) => Buffer
  readonly #links = new Map<string, UserId>()

  constructor({ random }: { readonly random: (bytes: number) => Buffer }) {
    this.#random = random
  }

  /** A token that is good until it is used or the server stops. */
  make(userId: UserId): string {
    if (this.#links.size >= LINKS_MAX) throw new AppError('busy', 'Too many links are open.')
    const token = this.#random(32).toString('base64url')
    this.#links.set(sha256Hex(token), userId)
    return token
  }

  /** Undefined when the link was used before or never made. */
  redeem(token: string): UserId | undefined {
    const key = sha256Hex(token)
    const userId = this.#links.get(key)
    this.#links.delete(key)
    return userId
  }

  clear(): void {
    this.#links.clear()
  }
}
