// What stood where at an instant, and who had said yes to it. Made of what was written down then and
// never changed since; what nobody observed is said to be so.

import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, DeploymentId, ExclusionId, RuleId, TargetId, UserId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { Role } from '#domain/access/permission.ts'
import type { PlacementState } from '#domain/placements/placement.ts'
import type { RuleBody } from '#domain/targets/port.ts'

export interface AsOf {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  /** As it was called then. */
  readonly targetName: string
  readonly kind: SiemKind
  readonly ref: string
  readonly state: PlacementState
  readonly ownership: 'observe' | 'managed'
  readonly version: number
  /** Hex SHA-256 of `body`. */
  readonly hash: string
  /** What was to stand there. While it drifted, `found` is what stood there. */
  readonly body: RuleBody
  readonly found: RuleBody | null
  readonly origin: 'baseline' | 'deployment'
  readonly isSigned: boolean
  readonly fromAt: Instant
  /** Null: it is so still. */
  readonly toAt: Instant | null
  /** Between these two nobody looked. Null: nobody had, or nobody has since. */
  readonly lastObservedAt: Instant | null
  readonly nextObservedAt: Instant | null
  readonly deploymentId: DeploymentId | null
  /** Null for a baseline: its signature is in the audit log, with the adoption. */
  readonly change: AsOfChange | null
  readonly exclusions: readonly AsOfExclusion[]
  /** Macros, lookups and lists that it built on, as a reading had found them; null: none is of then. */
  readonly dependencies: readonly AsOfDependency[] | null
}

export interface AsOfChange {
  readonly id: ChangeId
  readonly title: string
  /** What was signed. */
  readonly hash: string
  /** Digests by name of all that the body was made of: the tests' among them. */
  readonly inputs: Readonly<Record<string, string>>
  readonly waivers: readonly {
    readonly code: string
    readonly reason: string
    readonly by: Actor
  }[]
  readonly signatures: readonly AsOfSignature[]
}

export interface AsOfSignature {
  readonly userId: UserId
  readonly name: string
  /** Of then; null where the log no longer reaches so far. */
  readonly role: Role | null
  readonly at: Instant
  readonly hash: string
  readonly isPasskey: boolean
}

export interface AsOfExclusion {
  readonly id: ExclusionId
  readonly title: string
  readonly contentHash: string
  readonly endsAt: Instant
}

export interface AsOfDependency {
  readonly kind: string
  readonly name: string
  /** 0 and null: named, and nobody had told what it is. */
  readonly version: number
  readonly hash: string | null
}

/** The policies of then, from those of now and what the log says was changed since. */
export function policyBefore(
  now: Policy,
  changes: readonly { readonly name: string; readonly from: unknown }[],
): Policy {
  const then: Record<string, unknown> = { ...now }
  for (const { name, from } of changes) if (name in then) then[name] = from
  return then as Policy
}
