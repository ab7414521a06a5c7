// A change: what is to become of which rules on which targets, and who said yes to it. Its hash covers
// the complete body that would be written, the state that it replaces, and all that the body was made
// of, so that a signature is about bytes and nothing else. Pure.

import type { Actor } from '#kernel/actor.ts'
import { contentHash } from '#kernel/hash.ts'
import type { ChangeId, RuleId, TargetId, UserId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { PasskeyProof } from '#domain/access/assertions.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Policy } from '#domain/workspaces/policy.ts'

export const CHANGE_STATES = [
  'draft',
  'in_review',
  'changes_requested',
  'approved',
  'deploying',
  'deployed',
  'failed',
  'rolled_back',
  'rejected',
  'withdrawn',
  'expired',
] as const
export type ChangeState = (typeof CHANGE_STATES)[number]

export const CHANGE_ORIGINS = [
  'rules',
  'import',
  'drift',
  'rollback',
  'hotfix',
  'exclusion',
  'budget',
] as const
/** Where it came from. */
export type ChangeOrigin = (typeof CHANGE_ORIGINS)[number]

export const CHANGE_ACTIONS = [
  'adopt',
  'add',
  'change',
  'remove',
  'pause',
  'resume',
  'unmanage',
] as const
export type ChangeAction = (typeof CHANGE_ACTIONS)[number]

export interface Change {
  readonly id: ChangeId
  readonly title: string
  readonly why: string
  readonly state: ChangeState
  readonly origin: ChangeOrigin
  /** Of the person who opened it. */
  readonly author: UserId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly updatedAt: Instant
  readonly submittedAt: Instant | null
  /** An approval that nobody uses ends then. */
  readonly expiresAt: Instant | null
  /** Hex SHA-256 over all items: what is signed. */
  readonly hash: string
  readonly itemCount: number
  /** What was asked for while it was open, never less: weakening a policy does not reach it. */
  readonly policy: ChangePolicy
  /** The change whose exclusions ended, for one that was opened at their end. */
  readonly follows: ChangeId | null
  /** Asked for by the policy of the time it was submitted; 0: review is off. */
  readonly signaturesNeeded: number
  /** That count for the hash of now. */
  readonly signatureCount: number
  /** Grows with each edit: what `If-Match` names. */
  readonly version: number
}

/** The policies that decide about a change: the strictest of the workspace and of groups of its rules. */
export type ChangePolicy = { readonly strictGroups: readonly string[] } & Pick<
  Policy,
  | 'review'
  | 'signatures'
  | 'passkeySigning'
  | 'tokensMaySign'
  | 'testGate'
  | 'budgetGate'
  | 'approvalDays'
>

export interface ChangeItem {
  readonly changeId: ChangeId
  /** 1, 2, 3 … in the order in which they are shown and written. */
  readonly number: number
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  readonly action: ChangeAction
  /** Of the rule; null where nothing of it is written. */
  readonly version: number | null
  /** The complete canonical write body; null where nothing is written. */
  readonly body: RuleBody | null
  readonly bodyHash: string | null
  /** The body in the spelling in which the target is read back, as `replaces` is. */
  readonly becomes: RuleBody | null
  /** What is deployed by itself when exclusions in the body end, in the order of their ends. */
  readonly switches: readonly Switch[]
  /** What stands there now, as far as is known; null for nothing. */
  readonly replaces: Replaced | null
  /** Digests by name of all that the body was made of: `rule`, `rendering`, `mapping`, `exclusions`, `tests`, `renderer`. */
  readonly inputs: Readonly<Record<string, string>>
  /** What the checks found. An error without a waiver stops the change. */
  readonly problems: readonly Problem[]
  readonly waivers: readonly Waiver[]
}

/** The other rendering that is signed with a body: the one without an exclusion that ends. */
export interface Switch {
  /** The first of the exclusions that it leaves out ends then. */
  readonly at: Instant
  readonly body: RuleBody
  readonly bodyHash: string
}

export interface Replaced {
  readonly ref: string
  /** Of the rule, where it is known whose bytes these are. */
  readonly version: number | null
  readonly hash: string
  readonly body: RuleBody
  readonly isEnabled: boolean | null
}

export interface Waiver {
  /** Of the problem that it lets pass. */
  readonly code: string
  readonly reason: string
  readonly by: Actor
}

export const DECISIONS = ['approve', 'reject', 'request_changes'] as const
export type Decision = (typeof DECISIONS)[number]

export interface ChangeSignature {
  readonly userId: UserId
  readonly name: string
  readonly decision: Decision
  /** Of the change when it was signed. */
  readonly hash: string
  readonly comment: string
  readonly at: Instant
  /** Why it counts no longer; null while it counts. */
  readonly voidedBecause: string | null
  /** Made with a passkey over the hash. */
  readonly isPasskey: boolean
}

export interface ChangeComment {
  readonly number: number
  readonly by: Actor
  readonly text: string
  readonly at: Instant
}

/** One line of its history. */
export interface ChangeEvent {
  readonly number: number
  /** `opened`, `edited`, `rendered`, `waived`, or the state that it moved to. */
  readonly what: string
  readonly reason: string
  readonly by: Actor
  readonly at: Instant
}

/** Somebody who holds the verb, and why this change is not theirs to sign. */
export interface Signer {
  readonly userId: UserId
  readonly name: string
  /** Null for who may sign now. */
  readonly whyNot: string | null
}

/** All that is known of a change. */
export interface ChangeWhole {
  readonly change: Change
  readonly items: readonly ChangeItem[]
  readonly signatures: readonly ChangeSignature[]
  readonly comments: readonly ChangeComment[]
  readonly events: readonly ChangeEvent[]
  readonly whoMaySign: readonly Signer[]
}

/** What proves a signature to others. */
export interface SignatureProof {
  /** Canonical JSON, signed as these bytes by the key of the log. */
  readonly statement: string
  readonly passkey: PasskeyProof | null
}

/** What is signed of an item: no names that may be called otherwise tomorrow. */
type SignedItem = Pick<
  ChangeItem,
  'ruleId' | 'targetId' | 'action' | 'version' | 'bodyHash' | 'inputs' | 'switches' | 'waivers'
> & { readonly replaces: { readonly ref: string; readonly hash: string } | null }

/** Hex SHA-256 of the canonical JSON of all items, in their order. */
export function hashChange(items: readonly SignedItem[]): string {
  return contentHash(
    items.map(({ waivers, replaces, switches, ...item }) => ({
      ruleId: item.ruleId,
      targetId: item.targetId,
      action: item.action,
      version: item.version,
      bodyHash: item.bodyHash,
      inputs: item.inputs,
      waivers: waivers.map(({ code, reason }) => ({ code, reason })),
      replaces: replaces && { ref: replaces.ref, hash: replaces.hash },
      // Named where there are any, so that what was signed before there were some keeps its hash.
      ...(switches.length > 0 && {
        switches: switches.map(({ at, bodyHash }) => ({ at, bodyHash })),
      }),
    })),
  )
}
