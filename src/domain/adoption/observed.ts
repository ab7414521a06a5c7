// Rules as they stand on a target, whoever wrote them, and what the product may do with each. Pure.

import type { Actor } from '#kernel/actor.ts'
import type { JobId, ObservedId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { Manager } from '#languages/rule-formats/observed/object.ts'
import { PLACEMENT_STATES, type PlacementState } from '#domain/placements/placement.ts'
import type { Completeness, RuleBody } from '#domain/targets/port.ts'

export interface Observed {
  readonly id: ObservedId
  readonly targetId: TargetId
  /** The vendor's own id or name. */
  readonly ref: string
  readonly name: string
  readonly type: string
  readonly level: string | null
  /** Null: the target does not tell. */
  readonly isEnabled: boolean | null
  /** Hex SHA-256 of the canonical body. */
  readonly hash: string
  readonly managers: readonly Manager[]
  readonly actions: readonly string[]
  readonly notices: readonly string[]
  /** Why nothing is written over it. */
  readonly observeOnly: string | null
  readonly remoteChangedAt: Instant | null
  readonly remoteChangedBy: string | null
  readonly firstSeenAt: Instant
  readonly lastSeenAt: Instant
  readonly changedAt: Instant
  readonly missingSince: Instant | null
  /** Null while it is no rule of ours: nobody adopted it, and nothing deployed it. */
  readonly adoption: Adoption | null
}

/** With all that stands there. */
export interface ObservedWhole extends Observed {
  readonly body: RuleBody
  readonly raw: Json
}

export const OWNERSHIPS = ['observe', 'managed'] as const
/** `observe`: watched and never written. */
export type Ownership = (typeof OWNERSHIPS)[number]

export interface Adoption {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly ownership: Ownership
  /** As its place says; of an object that is bound beside it, as the last pull knows. */
  readonly standing: Standing
  /** Of the body that is to stand there. */
  readonly hash: string
  /** Null for what was deployed from here. */
  readonly adoptedAt: Instant | null
  readonly adoptedBy: Actor | null
}

/** How it stands on its target. */
export const STANDINGS = PLACEMENT_STATES
export type Standing = PlacementState

/** Of what has no place of its own: the rule stands on that target as another object. */
export function standingOf(
  { missingSince, isEnabled, hash }: Pick<Observed, 'missingSince' | 'isEnabled' | 'hash'>,
  adoption: Pick<Adoption, 'hash'>,
): Standing {
  if (missingSince !== null) return 'missing'
  if (hash !== adoption.hash) return 'drifted'
  return isEnabled === false ? 'paused' : 'live'
}

export interface Pull {
  readonly targetId: TargetId
  readonly jobId: JobId
  readonly state: 'running' | 'done' | 'failed'
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  /** When one ended well last. */
  readonly doneAt: Instant | null
  /** Of the last that ended well; null before the first. */
  readonly completeness: Completeness | null
  /** The same of what rules build on; null where the target does not tell. */
  readonly dependencies: Completeness | null
  readonly counts: PullCounts
  readonly reason: string | null
  /** What the last adoption did; null before the first. */
  readonly adopted: Adopted | null
}

export interface Adopted {
  readonly jobId: JobId
  /** Rules that were made. */
  readonly created: number
  /** Bound to a rule that was here. */
  readonly linked: number
  /** Of both: those that are watched and never written, because a write would change them. */
  readonly observeOnly: number
  /** The first of them. */
  readonly refused: readonly { readonly name: string; readonly why: string }[]
  readonly refusedCount: number
}

export interface PullCounts {
  readonly rules: number
  readonly added: number
  readonly changed: number
  readonly missing: number
}

/** What was known before stays known until it ends well. */
export function beginning(
  targetId: TargetId,
  jobId: JobId,
  startedAt: Instant,
  before: Pull | undefined,
): Pull {
  return {
    targetId,
    jobId,
    state: 'running',
    startedAt,
    endedAt: null,
    doneAt: before?.doneAt ?? null,
    completeness: before?.completeness ?? null,
    dependencies: before?.dependencies ?? null,
    counts: before?.counts ?? NO_COUNTS,
    reason: null,
    adopted: before?.adopted ?? null,
  }
}

export const NO_COUNTS: PullCounts = { rules: 0, added: 0, changed: 0, missing: 0 }

/** Who looks a rule over finds the one of ours by this mark: `rulewright:<install8>:<rule>:…`. */
export function markedRule(body: string, installId: string): RuleId | null {
  const pattern = /rulewright:([0-9a-f]{8}):(?:rul_)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/g
  for (const [, install, rule] of body.matchAll(pattern)) {
    if (install === installId.slice(0, 8)) return `rul_${rule}` as RuleId
  }
  return null
}

/** What lists sort by. */
export function sortNameOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().slice(0, 100).toWellFormed()
}
