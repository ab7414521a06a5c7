// Which state of a change follows which, and what is asked of it while it is open. Pure.

import { AppError } from '#kernel/error.ts'
import { tightened } from '#domain/workspaces/group-policy.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { ChangePolicy, ChangeSignature, ChangeState } from './change.ts'

/** Not decided yet, or decided and not yet deployed: what it is made of may still become another. */
export const OPEN_STATES = ['draft', 'in_review', 'changes_requested', 'approved'] as const

const MOVES: Readonly<Record<ChangeState, readonly ChangeState[]>> = {
  draft: ['in_review', 'approved', 'withdrawn', 'deploying'],
  // Straight to `deploying` goes what is signed later: a broken glass.
  in_review: ['draft', 'approved', 'rejected', 'changes_requested', 'withdrawn', 'deploying'],
  changes_requested: ['draft', 'in_review', 'approved', 'withdrawn', 'deploying'],
  approved: ['draft', 'expired', 'rejected', 'changes_requested', 'withdrawn', 'deploying'],
  // Back to a draft where what waited became another thing meanwhile.
  deploying: ['deployed', 'failed', 'rolled_back', 'approved', 'draft'],
  deployed: ['rolled_back'],
  failed: ['rolled_back', 'deploying'],
  rolled_back: [],
  rejected: [],
  withdrawn: [],
  expired: ['draft'],
}

const WORDS: Readonly<Record<ChangeState, string>> = {
  draft: 'a draft',
  in_review: 'in review',
  changes_requested: 'sent back for changes',
  approved: 'approved',
  deploying: 'being deployed',
  deployed: 'deployed',
  failed: 'failed',
  rolled_back: 'rolled back',
  rejected: 'rejected',
  withdrawn: 'withdrawn',
  expired: 'expired',
}

/** Throws `conflict`. */
export function requireMove(from: ChangeState, to: ChangeState): void {
  if (MOVES[from].includes(to)) return
  throw new AppError(
    'conflict',
    `This change is ${WORDS[from]}, so it cannot become ${WORDS[to]}. Look again.`,
  )
}

export function isOpen(state: ChangeState): boolean {
  return (OPEN_STATES as readonly ChangeState[]).includes(state)
}

/**
 * Of the workspace and of those groups that ask for more. Groups whose rules a change held stay named: a
 * rule that leaves one takes nothing from what its change asks.
 */
export function policyOf(policy: Policy, groups: readonly string[]): ChangePolicy {
  const strictGroups = groups.filter((slug) => policy.groups[slug] !== undefined).toSorted()
  const asked = tightened(policy, strictGroups)
  const { review, signatures, passkeySigning, tokensMaySign } = asked
  const { testGate, budgetGate, approvalDays } = asked
  return {
    strictGroups,
    review,
    signatures,
    passkeySigning,
    tokensMaySign,
    testGate,
    budgetGate,
    approvalDays,
  }
}

/** Of each the one that asks for more: a policy that is weakened does not reach what is open. */
export function stricter(one: ChangePolicy, other: ChangePolicy): ChangePolicy {
  return {
    strictGroups: [...new Set([...one.strictGroups, ...other.strictGroups])].toSorted(),
    review: one.review || other.review,
    signatures: Math.max(one.signatures, other.signatures),
    passkeySigning: one.passkeySigning || other.passkeySigning,
    tokensMaySign: one.tokensMaySign && other.tokensMaySign,
    testGate: one.testGate || other.testGate,
    budgetGate: one.budgetGate || other.budgetGate,
    approvalDays: Math.min(one.approvalDays, other.approvalDays),
  }
}

/** 0 where review is off. */
export function signaturesNeeded({ review, signatures }: ChangePolicy): number {
  return review ? signatures : 0
}

/** People who approved these very bytes and did not take it back since. */
export function countApprovals(
  signatures: readonly Pick<
    ChangeSignature,
    'userId' | 'decision' | 'hash' | 'voidedBecause' | 'isPasskey'
  >[],
  { hash, policy }: { readonly hash: string; readonly policy: ChangePolicy },
): number {
  const counting = signatures.filter(
    (one) =>
      one.decision === 'approve' &&
      one.hash === hash &&
      one.voidedBecause === null &&
      (one.isPasskey || !policy.passkeySigning),
  )
  return new Set(counting.map(({ userId }) => userId)).size
}
