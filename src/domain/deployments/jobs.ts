// The jobs that write to targets.

import { z } from 'zod'
import { ID_PREFIXES, isId, type DeploymentId, type RuleId, type TargetId } from '#kernel/id.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

const deploymentId = z.custom<DeploymentId>((value) => isId(ID_PREFIXES.deployment, value))

/**
 * Safe to repeat: what an item has reached is in its row, and every call on a target is a step. A target
 * that cannot be asked is asked again for hours.
 */
export const runDeploymentJob = defineJob({
  kind: 'deployment.run',
  input: z.strictObject({ deploymentId }),
  verbs: ['deployment.run', 'change.read', 'rule.read', 'rule.test', 'target.read', 'policy.read'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 20,
  backoffMs: [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, ...tools }) {
    const { runDeployment } = await import('./run.ts')
    await runDeployment(house, caller, input.deploymentId, tools)
  },
  async reconcile({ house, caller, input, signal }, step) {
    const { reconcileStep } = await import('./run.ts')
    return reconcileStep(house, caller, input.deploymentId, step, signal)
  },
})

/** Safe to repeat: a rule that does not soak any more is left as it is. */
export const endSoakJob = defineJob({
  kind: 'deployment.end_soak',
  input: z.strictObject({
    deploymentId,
    ruleId: z.custom<RuleId>((value) => isId(ID_PREFIXES.rule, value)),
    targetId: z.custom<TargetId>((value) => isId(ID_PREFIXES.target, value)),
  }),
  verbs: ['deployment.run', 'rule.read', 'target.read', 'health.read'],
  timeoutMs: 5 * MINUTE,
  attemptsMax: 20,
  backoffMs: [MINUTE, 15 * MINUTE, HOUR],
  perWorkspaceMax: 2,
  async run({ house, caller, input }) {
    const { endSoak } = await import('./soak.ts')
    await endSoak(house, caller, input)
  },
})
