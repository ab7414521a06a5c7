// Drift: what stands on a target is not what is to stand there. What a finding is; when there is one is
// decided in drift-comparing.ts.

import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, DependencyId, DriftId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { Placement } from '#domain/placements/placement.ts'
import type { RuleBody } from '#domain/targets/port.ts'

export const DRIFT_KINDS = ['changed', 'missing', 'dependency'] as const
/** `dependency`: what rules build on is no longer what it was when they were put there. */
export type DriftKind = (typeof DRIFT_KINDS)[number]

export const DRIFT_STATES = ['found', 'adopted', 'redeployed', 'unmanaged', 'ended'] as const
/** `ended`: it became again as it should be without anybody here. */
export type DriftState = (typeof DRIFT_STATES)[number]

export const RESOLUTIONS = ['adopt', 'redeploy', 'unmanage'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

export interface DriftField {
  readonly name: string
  /** What is to stand there; null for nothing. */
  readonly ours: Json
  /** What stands there; null for nothing. */
  readonly theirs: Json
}

export interface Drift {
  readonly id: DriftId
  readonly targetId: TargetId
  readonly targetName: string
  readonly targetKind: SiemKind
  readonly kind: DriftKind
  /** Null for a dependency. */
  readonly ruleId: RuleId | null
  readonly ruleTitle: string | null
  /** `observe`: nothing is ever written there. Null where it has no place any more. */
  readonly ownership: Placement['ownership'] | null
  readonly dependencyId: DependencyId | null
  /** What the target calls it. */
  readonly name: string
  readonly state: DriftState
  readonly fields: readonly DriftField[]
  /** Of the body that was found; null when it was gone. */
  readonly observedHash: string | null
  /** How it stood, and will again. */
  readonly before: StandingBefore
  /** What the target says of it: AUTO DISABLED, say. */
  readonly notices: readonly string[]
  /** Null: the target does not tell. */
  readonly remoteChangedAt: Instant | null
  readonly remoteChangedBy: string | null
  readonly foundAt: Instant
  /** It was still so. */
  readonly seenAt: Instant
  /** A change, or without one a deployment, was begun that does this. */
  readonly wanted: Exclude<Resolution, 'adopt'> | null
  readonly changeId: ChangeId | null
  readonly endedAt: Instant | null
  readonly endedBy: Actor | null
}

export type StandingBefore = 'soaking' | 'live' | 'paused'

/** What was read of an object, as far as it decides. */
export interface Seen {
  readonly hash: string
  readonly body: RuleBody
  /** Null: the target does not tell. */
  readonly isEnabled: boolean | null
}
