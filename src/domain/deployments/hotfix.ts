// Something that runs without signatures for a short time: a hotfix, which leaves values out of one rule
// or pauses it, or a change for which an admin broke the glass. It ends by itself, also after a restart,
// and somebody else says whether it was right. Pure.

import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, DeploymentId, ExclusionId, HotfixId, JobId, RuleId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { DeploymentState } from './deployment.ts'

export const HOTFIX_KINDS = ['pause', 'exclude', 'breakglass'] as const
export type HotfixKind = (typeof HOTFIX_KINDS)[number]

export const HOTFIX_HOURS_MAX = 24
export const BREAKGLASS_HOURS_MAX = 4
/** A second one right behind the first would be a pause that nobody signed. */
export const REST_MS = DAY
/** Nobody looked at it for so long: it counts as flagged. */
export const REVIEW_DAYS = 3

export const HOTFIX_STATES = [
  'running',
  'overdue',
  'reverting',
  'reverted',
  'kept',
  'stuck',
] as const
/**
 * `overdue`: its end has passed and it was not undone yet; `stuck`: undoing it failed, so that a person
 * has to look at the deployment.
 */
export type HotfixState = (typeof HOTFIX_STATES)[number]

export const REVIEWS = ['open', 'justified', 'flagged'] as const
export type Review = (typeof REVIEWS)[number]

/** As it is kept. */
export interface StoredHotfix {
  readonly id: HotfixId
  readonly kind: HotfixKind
  readonly state: 'running' | 'reverting' | 'reverted' | 'kept'
  /** Null for a broken glass, which is about all rules of its change. */
  readonly ruleId: RuleId | null
  readonly title: string
  readonly reason: string
  readonly changeId: ChangeId
  readonly deploymentId: DeploymentId
  /** The deployment that takes it back. */
  readonly undoId: DeploymentId | null
  readonly exclusionId: ExclusionId | null
  readonly endsAt: Instant
  readonly review: Review
  readonly reviewedBy: Actor | null
  readonly reviewedAt: Instant | null
  readonly comment: string | null
  /** That ends it. */
  readonly jobId: JobId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

export interface Hotfix extends Omit<StoredHotfix, 'state'> {
  readonly state: HotfixState
  /** Of the deployment that put it there. */
  readonly deployment: DeploymentState
}

/** As it stands at `now`, by what became of its deployments. */
export function shownHotfix(
  stored: StoredHotfix,
  deployment: DeploymentState,
  undo: DeploymentState | null,
  now: Instant,
): Hotfix {
  const isLate = stored.review === 'open' && addMs(stored.createdAt, REVIEW_DAYS * DAY) <= now
  const review = isLate ? 'flagged' : stored.review
  return { ...stored, deployment, review, state: stateOf(stored, undo, now) }
}

function stateOf(
  { state, endsAt }: StoredHotfix,
  undo: DeploymentState | null,
  now: Instant,
): HotfixState {
  if (state === 'running') return endsAt <= now ? 'overdue' : 'running'
  if (state !== 'reverting') return state
  if (undo === 'deployed') return 'reverted'
  return undo === 'failed' || undo === 'rolled_back' ? 'stuck' : 'reverting'
}
