// An alert that a deployed rule made: where it is, when it was, which version made it, and what somebody
// made of it. Its body is evidence and stays at the target. Pure.

import type { Disposition } from '#domain/targets/port.ts'
import type { Actor } from '#kernel/actor.ts'
import type { AlertId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export interface AlertRef {
  readonly id: AlertId
  readonly ruleId: RuleId
  readonly targetId: TargetId
  readonly targetName: string
  /** What the target calls it. */
  readonly remoteId: string
  readonly at: Instant
  /** Of the rule that stood there when the alert was seen; null where that is not known. */
  readonly version: number | null
  readonly disposition: Disposition | null
  readonly disposedAt: Instant | null
  /** Null: the target told it. */
  readonly disposedBy: Actor | null
  readonly note: string
}

export type DispositionCounts = Readonly<Record<Disposition, number>>

export const NO_DISPOSITIONS: DispositionCounts = {
  true_positive: 0,
  benign_true_positive: 0,
  false_positive: 0,
  undetermined: 0,
}

export interface Precision {
  /** Of those somebody decided, how many were worth it: 0..1; null while too few were decided. */
  readonly share: number | null
  /** How many were decided; what stayed undetermined is not among them. */
  readonly decided: number
}

/** Fewer say nothing. */
const DECIDED_LEAST = 5

/** A benign true positive was found rightly and need not have been looked at: it counts against. */
export function precisionOf(counts: DispositionCounts): Precision {
  const { true_positive: right, benign_true_positive: benign, false_positive: wrong } = counts
  const decided = right + benign + wrong
  return { share: decided < DECIDED_LEAST ? null : right / decided, decided }
}
