// `/deployments`: what was written to targets and what became of it, and the acts that write.

import { z } from 'zod'
import type { Deployment } from '#domain/deployments/deployment.ts'
import { Verdict } from '#domain/deployments/input.ts'
import { assert } from '#kernel/error.ts'
import {
  ChangeIdText,
  ChangePlanShape,
  DeploymentIdText,
  DeploymentPage,
  DeploymentShape,
  deploymentShape,
  DeploymentStartedShape,
  DeploymentWholeShape,
  planShape,
  RolledBackShape,
  TargetIdText,
  wholeShape,
} from './deployment-shapes.ts'
import { operation } from './operation.ts'
import { accepted, PAGE_QUERY, RuleIdText } from './shapes.ts'
import { startedJob } from './started-job.ts'

/** Loaded by the first request and not by the start. */
const actions = () => import('#domain/deployments/actions.ts')
const reading = () => import('#domain/deployments/reading.ts')
const rollback = () => import('#domain/deployments/rollback.ts')

const params = z.strictObject({ id: DeploymentIdText })
const ofChange = z.strictObject({ id: ChangeIdText })

const list = operation({
  method: 'GET',
  path: '/deployments',
  name: 'listDeployments',
  summary: 'Deployments, newest first',
  permission: 'deployment.read',
  query: z.strictObject({ ...PAGE_QUERY, change: ChangeIdText.optional() }),
  answer: DeploymentPage,
  async run({ house, caller, query: { change, ...page } }) {
    const { listDeployments } = await reading()
    const { items, next } = await listDeployments(house, caller, { ...page, changeId: change })
    return { items: items.map(deploymentShape), next }
  },
})

const get = operation({
  method: 'GET',
  path: '/deployments/{id}',
  name: 'getDeployment',
  summary: 'A deployment and what became of each of its items',
  about:
    'Of each item what stood there before, what was to be written without our mark, and what was read back.',
  permission: 'deployment.read',
  params,
  answer: DeploymentWholeShape,
  async run({ house, caller, params: { id } }) {
    return wholeShape(await (await reading()).getDeployment(house, caller, id))
  },
})

const plan = operation({
  method: 'GET',
  path: '/changes/{id}/plan',
  name: 'planChange',
  summary: 'What a change would do to its targets, field by field',
  about:
    'The targets are read. `conflict`: what stands there is not what the change replaces, so it would not be written over.',
  permission: 'deployment.read',
  params: ofChange,
  answer: ChangePlanShape,
  async run({ house, caller, params: { id } }) {
    const { planChange } = await import('#domain/deployments/plan.ts')
    return planShape(await planChange(house, caller, id))
  },
})

const deploy = operation({
  method: 'POST',
  path: '/changes/{id}/deploy',
  name: 'deployChange',
  summary: 'Write an approved change to its targets',
  about:
    'Everything is compiled anew first: where a byte differs from what was approved the answer is 412 and the change is a draft again. With `dryRun` any change is checked against its targets and nothing is written. All of it is written, or what was written is taken back.',
  permission: 'deployment.run',
  reach: 'named',
  params: ofChange,
  body: z.strictObject({ dryRun: z.boolean() }).register(accepted, { id: 'DeployWish' }),
  status: 202,
  answer: DeploymentStartedShape,
  async run({ house, caller, params: { id }, body }) {
    return started(await (await actions()).deployChange(house, caller, id, body))
  },
})

function started(begun: Deployment) {
  assert(begun.jobId !== null, 'a deployment that begins has a job')
  return { ...startedJob(begun.jobId), deployment: deploymentShape(begun) }
}

const cancel = operation({
  method: 'POST',
  path: '/deployments/{id}/cancel',
  name: 'cancelDeployment',
  summary: 'Stop a deployment between two items',
  about: 'What was written is taken back.',
  permission: 'deployment.run',
  reach: 'named',
  params,
  answer: DeploymentShape,
  async run({ house, caller, params: { id } }) {
    return deploymentShape(await (await actions()).cancelDeployment(house, caller, id))
  },
})

const back = operation({
  method: 'POST',
  path: '/deployments/{id}/rollback',
  name: 'rollBackDeployment',
  summary: 'Take back a deployment, or one item of it',
  about:
    'With `n` null all of it. Through the same machinery. What would need a new signature becomes the draft of a change: `kind` says which of the two it is.',
  permission: 'deployment.run',
  reach: 'named',
  params,
  body: z.strictObject({ n: z.int().min(1).nullable() }).register(accepted, { id: 'RollbackWish' }),
  status: 201,
  answer: RolledBackShape,
  async run({ house, caller, params: { id }, body }) {
    const wish = { deploymentId: id, number: body.n ?? undefined }
    return backShape(await (await rollback()).rollBack(house, caller, wish))
  },
})

const toVersion = operation({
  method: 'POST',
  path: '/deployments/rollback',
  name: 'rollBackRule',
  summary: 'Bring a rule at a target back to a version that was deployed there',
  about: 'As the rollback of a deployment.',
  permission: 'deployment.run',
  reach: 'named',
  body: z
    .strictObject({ rule: RuleIdText, target: TargetIdText, version: z.int().min(1) })
    .register(accepted, { id: 'RuleRollbackWish' }),
  status: 201,
  answer: RolledBackShape,
  async run({ house, caller, body: { rule, target, version } }) {
    const wish = { ruleId: rule, targetId: target, version }
    return backShape(await (await rollback()).rollBack(house, caller, wish))
  },
})

function backShape(made: Awaited<ReturnType<Awaited<ReturnType<typeof rollback>>['rollBack']>>) {
  return made.kind === 'change'
    ? { kind: made.kind, change: made.change.id }
    : { kind: made.kind, deployment: deploymentShape(made.deployment) }
}

const live = operation({
  method: 'POST',
  path: '/deployments/go-live',
  name: 'goLive',
  summary: 'Let a rule alert that was deployed silently',
  about: 'Before its days are over, or after it was held because it would alert too much.',
  permission: 'deployment.run',
  reach: 'named',
  body: z
    .strictObject({ rule: RuleIdText, target: TargetIdText })
    .register(accepted, { id: 'GoLiveWish' }),
  status: 202,
  answer: DeploymentStartedShape,
  async run({ house, caller, body: { rule, target } }) {
    const { goLive } = await import('#domain/deployments/soak.ts')
    return started(await goLive(house, caller, { ruleId: rule, targetId: target }))
  },
})

const resolve = operation({
  method: 'POST',
  path: '/deployments/{id}/items/{n}/resolve',
  name: 'resolveDeploymentItem',
  summary: 'Settle an item of which nobody could tell whether it was written',
  about:
    '`written`: what stands there now is ours. `not_written`: what was there before still is. Look at the target first.',
  permission: 'deployment.run',
  reach: 'named',
  params: z.strictObject({ id: DeploymentIdText, n: z.coerce.number().int().min(1) }),
  body: z.strictObject({ verdict: Verdict }).register(accepted, { id: 'ItemVerdict' }),
  answer: DeploymentShape,
  async run({ house, caller, params: { id, n }, body: { verdict } }) {
    const settled = { deploymentId: id, number: n, verdict }
    return deploymentShape(await (await actions()).resolveItem(house, caller, settled))
  },
})

export const DEPLOYMENT_OPERATIONS = [
  list,
  // Before the deployment of that id.
  toVersion,
  live,
  get,
  plan,
  deploy,
  cancel,
  back,
  resolve,
]
