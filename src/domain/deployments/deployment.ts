// A deployment: an approved change being written to its targets, item by item, each read back and
// compared before it counts. Pure.

import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, DeploymentId, JobId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { ChangeAction } from '#domain/changes/change.ts'
import type { RuleBody } from '#domain/targets/port.ts'

export const DEPLOYMENT_STATES = [
  'queued',
  'checking',
  'testing',
  'waiting_window',
  'deploying',
  'verifying',
  'deployed',
  'failed',
  'rolling_back',
  'rolled_back',
] as const
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number]

export const ITEM_STATES = [
  'waiting',
  'writing',
  'verifying',
  'done',
  'same',
  'failed',
  'rolled_back',
  'unknown',
] as const
/** `same`: it stood there already. `unknown`: a person decides. */
export type ItemState = (typeof ITEM_STATES)[number]

export interface Deployment {
  readonly id: DeploymentId
  readonly changeId: ChangeId
  readonly changeTitle: string
  /** `rollback`: it takes back what another one of the same change wrote, or goes to an older version. */
  readonly kind: 'change' | 'rollback'
  /** The one that it takes back as a whole. */
  readonly rollsBack: DeploymentId | null
  readonly state: DeploymentState
  readonly jobId: JobId | null
  readonly isDryRun: boolean
  /** Somebody asked for it to end: it stops between two items and goes back. */
  readonly isCancelled: boolean
  /** Why it waits or failed. */
  readonly reason: string | null
  readonly startedAt: Instant
  readonly startedBy: Actor
  readonly endedAt: Instant | null
  readonly counts: Readonly<Record<ItemState, number>>
}

export interface DeploymentItem {
  readonly deploymentId: DeploymentId
  /** As in the change. */
  readonly number: number
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  readonly action: ChangeAction
  readonly version: number | null
  readonly state: ItemState
  readonly ref: string
  /** As the target gave it before; null where nothing stood. */
  readonly before: Json | null
  /** What was to be written. */
  readonly body: RuleBody | null
  /** As the target gave it afterwards. */
  readonly after: Json | null
  /** Somebody signed these bytes. */
  readonly isSigned: boolean
  readonly reason: string | null
  readonly writtenAt: Instant | null
  readonly verifiedAt: Instant | null
}

const OVER: ReadonlySet<DeploymentState> = new Set(['deployed', 'failed', 'rolled_back'])

export function isOver(state: DeploymentState): boolean {
  return OVER.has(state)
}
