// How far a target was looked at, when it did not answer, and what it holds.

import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export interface Watch {
  readonly targetId: TargetId
  /** `partial`: it answers and does not tell everything. */
  readonly state: 'ok' | 'partial' | 'away'
  readonly reason: string
  readonly since: Instant
  readonly triedAt: Instant
  /** All before it was asked; null while it never answered. */
  readonly sampledUntil: Instant | null
}

/** A time in which a target did not answer. */
export interface Outage {
  readonly targetId: TargetId
  readonly targetName: string
  readonly from: Instant
  /** Null while it lasts. */
  readonly to: Instant | null
  readonly reason: string
}

/** An index, source type, table or log source of a target, as it was told last. */
export interface Source {
  readonly targetId: TargetId
  readonly name: string
  /** Newest event; null where the target does not tell. */
  readonly lastSeenAt: Instant | null
  readonly seenAt: Instant
  /** The longest that it was silent and came back. */
  readonly quietMs: number
  readonly columns: readonly string[]
  /** Null: never measured. */
  readonly delay: Delay | null
}

/** How late the events of an hour came in: of 20 of them one later than `p95Ms`, of 100 than `p99Ms`. */
export interface Delay {
  /** So many were looked at. */
  readonly events: number
  /** Null where they are too few to say. */
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly at: Instant
}
