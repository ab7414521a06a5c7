// Where a rule of ours stands: one object on one target, the bytes that are to stand there, and how it
// was when it was last looked at. Pure.

import type { DeploymentId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { RuleBody } from '#domain/targets/port.ts'

export const PLACEMENT_STATES = [
  'soaking',
  'live',
  'paused',
  'drifted',
  'missing',
  'unknown',
] as const
/** A rule without a placement is not deployed there. */
export type PlacementState = (typeof PLACEMENT_STATES)[number]

export interface Placement {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  /** The vendor's own id or name. */
  readonly ref: string
  /** `observe`: watched and never written. */
  readonly ownership: 'observe' | 'managed'
  readonly state: PlacementState
  /** Of the rule: the one whose body is to stand there. */
  readonly version: number
  /** Hex SHA-256 of the canonical `body`. */
  readonly hash: string
  /** What is to stand there, in the adapter's one spelling. */
  readonly body: RuleBody
  /** As the target gave it when it was read back, for going back to it. */
  readonly raw: Json
  readonly etag: string | null
  readonly origin: 'baseline' | 'deployment'
  /** The one that wrote it last; null for a baseline. */
  readonly deploymentId: DeploymentId | null
  /** Somebody signed these bytes, or they are a signed baseline: back to them goes without a new signature. */
  readonly isSigned: boolean
  readonly soakUntil: Instant | null
  /** This body stands there. */
  readonly since: Instant
  /** It was seen there last. */
  readonly checkedAt: Instant
}

/** A time during which it stood so, from `fromAt` up to `toAt`. */
export interface PlacementSpan extends Pick<
  Placement,
  | 'ruleId'
  | 'targetId'
  | 'ref'
  | 'ownership'
  | 'state'
  | 'version'
  | 'hash'
  | 'origin'
  | 'deploymentId'
  | 'isSigned'
> {
  /** 1, 2, 3 … of that rule at that target. */
  readonly number: number
  /** As it was called then. */
  readonly targetName: string
  readonly kind: SiemKind
  readonly fromAt: Instant
  /** Null: it is so now. */
  readonly toAt: Instant | null
}

export interface SpanWithBody extends PlacementSpan {
  readonly ruleTitle: string
  /** What lists sort by. */
  readonly sortTitle: string
  readonly body: RuleBody
}

/** With the names that lists show. */
export interface NamedPlacement extends Placement {
  readonly ruleTitle: string
  readonly targetName: string
  readonly kind: SiemKind
}

/** What a list shows of it. */
export type Standing = Pick<
  NamedPlacement,
  'ruleId' | 'targetId' | 'targetName' | 'state' | 'version'
>

/** What follows for the state of a rule from all its placements; what is not there runs nowhere. */
export function runningStateOf(states: readonly PlacementState[]): 'active' | 'paused' | 'draft' {
  const present = states.filter((state) => state !== 'missing')
  if (present.length === 0) return 'draft'
  return present.every((state) => state === 'paused') ? 'paused' : 'active'
}
