// Challenges of passkeys: random, good for five minutes, once, for one purpose and one browser. They
// are not stored: each carries its time and a digest under a key of this process, so that looking at
// the sign-in page costs no memory and a restart ends them all. Only what was used is remembered.

import { createSecretKey, type KeyObject } from 'node:crypto'
import { hmacSha256, isSameBytes } from '#kernel/hash.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'

/** What it is for, and the browser or session it was made for. */
export interface ChallengeUse {
  readonly purpose: 'sign-in' | 'register' | 'prove'
  readonly boundTo: string
}

const CHALLENGE_MS = 5 * MINUTE
const TIME_BYTES = 6
const RANDOM_BYTES = 16
const DIGEST_BYTES = 16
const CHALLENGE_BYTES = TIME_BYTES + RANDOM_BYTES + DIGEST_BYTES

/** Used ones that are remembered. More within five minutes is an attack: then all end at once. */
const USED_MAX = 20_000

export class Challenges {
  readonly #random: (bytes: number) => Buffer
  readonly #used = new Map<string, Instant>()
  #key: KeyObject

  constructor({ random }: { readonly random: (bytes: number) => Buffer }) {
    this.#random = random
    this.#key = createSecretKey(random(32))
  }

  /** base64url, as WebAuthn's JSON takes it. */
  make(now: Instant, use: ChallengeUse): string {
    const head = Buffer.alloc(TIME_BYTES + RANDOM_BYTES)
    head.writeUIntBE(now, 0, TIME_BYTES)
    this.#random(RANDOM_BYTES).copy(head, TIME_BYTES)
    return Buffer.concat([head, this.#digest(head, use)]).toString('base64url')
  }

  /** True once for a challenge that was made for this use not long ago. */
  take(now: Instant, challenge: string, use: ChallengeUse): boolean {
    const bytes = Buffer.from(challenge, 'base64url')
    if (bytes.length !== CHALLENGE_BYTES) return false
    const head = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES)
    if (!isSameBytes(bytes.subarray(head.length), this.#digest(head, use))) return false
    const age = now - head.readUIntBE(0, TIME_BYTES)
    if (age < 0 || age >= CHALLENGE_MS) return false
    const name = bytes.toString('base64url')
    if (this.#used.has(name)) return false
    this.#forget(now)
    this.#used.set(name, now)
    return true
  }

  /** Ends every challenge there is. */
  clear(): void {
    this.#key = createSecretKey(this.#random(32))
    this.#used.clear()
  }

  // In the order they were used, so the first that is young ends the walk.
  #forget(now: Instant): void {
    for (const [name, at] of this.#used) {
      if (now - at < CHALLENGE_MS) break
      this.#used.delete(name)
    }
    if (this.#used.size >= USED_MAX) this.clear()
  }

  #digest(head: Buffer, { purpose, boundTo }: ChallengeUse): Buffer {
    const use = `${purpose}|${boundTo}`
    return hmacSha256(this.#key, head, use).subarray(0, DIGEST_BYTES)
  }
}
