// How deployments look in JSON.

import { z } from 'zod'
import { CHANGE_ACTIONS } from '#domain/changes/change.ts'
import {
  DEPLOYMENT_STATES,
  ITEM_STATES,
  type Deployment,
  type DeploymentItem,
  type ItemState,
} from '#domain/deployments/deployment.ts'
import type { ChangePlan } from '#domain/deployments/plan.ts'
import type { DeploymentWhole } from '#domain/deployments/reading.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import {
  idOf,
  InstantText,
  instantOrNull,
  JobIdText,
  named,
  pageShape,
  RuleIdText,
} from './shapes.ts'
import { StartedJobShape } from './started-job.ts'

export const DeploymentIdText = idOf(ID_PREFIXES.deployment)
export const ChangeIdText = idOf(ID_PREFIXES.change)
export const TargetIdText = idOf(ID_PREFIXES.target)

const COUNTS = Object.fromEntries(ITEM_STATES.map((state) => [state, z.int()])) as Record<
  ItemState,
  z.ZodInt
>

const deployment = {
  id: DeploymentIdText,
  change: ChangeIdText,
  changeTitle: z.string(),
  kind: z.enum(['change', 'rollback']),
  rollsBack: DeploymentIdText.nullable(),
  state: z.enum(DEPLOYMENT_STATES),
  reason: z.string().nullable(),
  job: JobIdText.nullable(),
  isDryRun: z.boolean(),
  isCancelled: z.boolean(),
  counts: z.strictObject(COUNTS),
  startedAt: InstantText,
  startedBy: z.string(),
  endedAt: InstantText.nullable(),
}
export const DeploymentShape = z.strictObject(deployment).register(named, { id: 'Deployment' })
export const DeploymentPage = pageShape(DeploymentShape).register(named, { id: 'DeploymentPage' })

/** A deployment that a write has just begun. */
export const DeploymentStartedShape = z
  .strictObject({ ...StartedJobShape.shape, deployment: DeploymentShape })
  .register(named, { id: 'DeploymentStarted' })

const where = {
  n: z.int(),
  rule: RuleIdText,
  ruleTitle: z.string(),
  target: TargetIdText,
  targetName: z.string(),
  kind: z.string(),
  ref: z.string(),
}
const body = z.record(z.string(), z.unknown())

const DeploymentItemShape = z
  .strictObject({
    ...where,
    action: z.enum(CHANGE_ACTIONS),
    version: z.int().nullable(),
    state: z.enum(ITEM_STATES),
    reason: z.string().nullable(),
    isSigned: z.boolean(),
    before: z.unknown(),
    body: body.nullable(),
    after: z.unknown(),
    writtenAt: InstantText.nullable(),
    verifiedAt: InstantText.nullable(),
  })
  .register(named, { id: 'DeploymentItem' })

export const DeploymentWholeShape = z
  .strictObject({ ...deployment, items: z.array(DeploymentItemShape) })
  .register(named, { id: 'DeploymentWhole' })

export const ChangePlanShape = z
  .strictObject({
    change: ChangeIdText,
    items: z.array(
      z.strictObject({
        ...where,
        verdict: z.enum([...CHANGE_ACTIONS, 'same', 'conflict']),
        reason: z.string().nullable(),
        fields: z.array(z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown() })),
      }),
    ),
  })
  .register(named, { id: 'ChangePlan' })

export const RolledBackShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('deployment'), deployment: DeploymentShape }),
    z.strictObject({ kind: z.literal('change'), change: ChangeIdText }),
  ])
  .register(named, { id: 'RolledBack' })

export function deploymentShape(one: Deployment): z.input<typeof DeploymentShape> {
  const { id, changeId, changeTitle, kind, rollsBack, state, reason, jobId } = one
  const { isDryRun, isCancelled, counts, startedAt, startedBy, endedAt } = one
  return {
    id,
    change: changeId,
    changeTitle,
    kind,
    rollsBack,
    state,
    reason,
    job: jobId,
    isDryRun,
    isCancelled,
    counts,
    startedAt: formatInstant(startedAt),
    startedBy,
    endedAt: instantOrNull(endedAt),
  }
}

export function wholeShape({
  deployment: one,
  items,
}: DeploymentWhole): z.input<typeof DeploymentWholeShape> {
  return { ...deploymentShape(one), items: items.map(itemShape) }
}

function itemShape(item: DeploymentItem): z.input<typeof DeploymentItemShape> {
  const { number, ruleId, ruleTitle, targetId, targetName, kind, ref } = item
  const { action, version, state, reason, isSigned, before, after } = item
  return {
    n: number,
    rule: ruleId,
    ruleTitle,
    target: targetId,
    targetName,
    kind,
    ref,
    action,
    version,
    state,
    reason,
    isSigned,
    before,
    body: item.body,
    after,
    writtenAt: instantOrNull(item.writtenAt),
    verifiedAt: instantOrNull(item.verifiedAt),
  }
}

export function planShape({ changeId, items }: ChangePlan): z.input<typeof ChangePlanShape> {
  return {
    change: changeId,
    items: items.map(({ number, ruleId, targetId, fields, ...item }) => ({
      ...item,
      n: number,
      rule: ruleId,
      target: targetId,
      fields: fields.map((field) => ({ ...field })),
    })),
  }
}
