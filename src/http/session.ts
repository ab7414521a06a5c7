// Sessions as rows on the server: ending one takes effect at the next request. Held in memory, so a
// restart signs everybody out. Only digests of the cookie's 256-bit value are kept, and nothing of it
// reaches a log. Also the single-use links that `demo` prints.

import type { Flag, Role } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import { HOUR, type Clock, type Instant } from '#kernel/time.ts'
import { CLOCK_SLACK_MS } from '#platform/clock-mark.ts'

export interface Membership {
  readonly workspaceId: WorkspaceId
  readonly slug: string
  readonly name: string
  readonly role: Role
  readonly flags: readonly Flag[]
}

export interface Person {
  readonly userId: UserId
  readonly name: string
  readonly memberships: readonly Membership[]
  /** Holds the verbs of the whole instance. */
  readonly isOwner: boolean
}

export interface Session {
  /** Digest of the cookie: names the session without being able to open it. */
  readonly key: string
  readonly person: Person
  readonly startedAt: Instant
  /** What the next page says once: "Job cancelled." Set and taken by respond.tsx. */
  notice: string | null
}

/** Where somebody lands: their first workspace; the instance for an owner who is in none. */
export function homeOf({ memberships }: Person): string {
  const [first] = memberships
  return first ? `/w/${first.slug}` : '/instance'
}

export interface SessionLimits {
  /** Ends after this long without a request. */
  readonly idleMs: number
  /** Ends after this long whatever happens. */
  readonly absoluteMs: number
}

export const SESSION_LIMITS: SessionLimits = { idleMs: 8 * HOUR, absoluteMs: 24 * HOUR }

const SESSIONS_MAX = 10_000
const LINKS_MAX = 100

interface Row {
  readonly session: Session
  usedAt: Instant
}

export class Sessions {
  readonly #clock: Clock
  readonly #clockFellBack: () => void
  readonly #random: (bytes: number) => Buffer
  readonly #limits: SessionLimits
  readonly #rows = new Map<string, Row>()
  readonly #links = new Map<string, Person>()
  /** The latest instant seen: a clock behind it must not revive what has ended. */
  #latest: Instant

  constructor(
    source: {
      readonly clock: Clock
      readonly random: (bytes: number) => Buffer
      /** Told after everybody was signed out, before anybody comes in again. */
      readonly clockFellBack?: () => void
    },
    limits: SessionLimits = SESSION_LIMITS,
  ) {
    this.#clock = source.clock
    this.#random = source.random
    this.#clockFellBack = source.clockFellBack ?? (() => {})
    this.#limits = limits
    this.#latest = source.clock.now()
  }

  /** Makes a session and returns the value for its cookie. Throws `busy` when there are too many. */
  start(person: Person): string {
    const now = this.#now()
    if (this.#rows.size >= SESSIONS_MAX) this.#sweep(now)
    if (this.#rows.size >= SESSIONS_MAX) {
      throw new AppError('busy', 'Too many people are signed in. Try again later.')
    }
    const token = this.#random(32).toString('base64url')
    const session: Session = { key: sha256Hex(token), person, startedAt: now, notice: null }
    this.#rows.set(session.key, { session, usedAt: now })
    return token
  }

  /** The live session of a cookie; finding it counts as use. */
  find(token: string | undefined): Session | undefined {
    if (token === undefined || token.length !== 43) return undefined
    const now = this.#now() // first: a clock set back empties the rows
    const row = this.#rows.get(sha256Hex(token))
    if (!row || !this.#isWithinLimits(row, now)) return undefined
    row.usedAt = now
    return row.session
  }

  /** For streams that outlive their request. Does not count as use. */
  isLive(session: Session): boolean {
    const now = this.#now()
    const row = this.#rows.get(session.key)
    return row !== undefined && this.#isWithinLimits(row, now)
  }

  revoke(session: Session): void {
    this.#rows.delete(session.key)
  }

  revokeAll(): void {
    this.#rows.clear()
    this.#links.clear()
  }

  /** A token that signs this person in once, good until it is used or the server stops. */
  makeLink(person: Person): string {
    if (this.#links.size >= LINKS_MAX) throw new AppError('busy', 'Too many links are open.')
    const token = this.#random(32).toString('base64url')
    this.#links.set(sha256Hex(token), person)
    return token
  }

  /** Undefined when the link was used before or never made. */
  redeemLink(token: string): Person | undefined {
    const key = sha256Hex(token)
    const person = this.#links.get(key)
    this.#links.delete(key)
    return person
  }

  #isWithinLimits(row: Row, now: Instant): boolean {
    const isLive =
      now - row.usedAt < this.#limits.idleMs &&
      now - row.session.startedAt < this.#limits.absoluteMs
    if (!isLive) this.#rows.delete(row.session.key)
    return isLive
  }

  #now(): Instant {
    const now = this.#clock.now()
    const isBehind = now < this.#latest - CLOCK_SLACK_MS
    if (!isBehind && now < this.#latest) return this.#latest
    this.#latest = now
    if (isBehind) {
      this.revokeAll()
      this.#clockFellBack()
    }
    return now
  }

  #sweep(now: Instant): void {
    for (const row of this.#rows.values()) this.#isWithinLimits(row, now)
  }
}
