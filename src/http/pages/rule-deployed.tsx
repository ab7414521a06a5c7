// The face of a rule that shows where it stands. Loaded with the first reader.

import { can } from '#domain/access/permission.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { DeployedPage } from '#views/rules/deployed-page.tsx'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId } from '#http/input.ts'
import { page } from '#http/respond.tsx'
import { headOf, trailOf } from './rule-frame.ts'

export async function showDeployed(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const placements = await listPlacements(house, caller, { ruleIds: [rule.id] })
  const { policy } = await readPolicy(house, caller)
  const mayFix = policy.hotfix && can(caller, 'hotfix.make') && placements.length > 0
  const props = {
    ...headOf(c, rule, '/deployed'),
    placements,
    hotfix: mayFix ? `${placeOf(c)}/hotfixes/new?rule=${rule.id}` : null,
    targets: `${placeOf(c)}/targets`,
    deployments: can(caller, 'deployment.read') ? `${placeOf(c)}/deployments` : null,
    mayRun: can(caller, 'deployment.run'),
  }
  return page(c, { title: 'Deployed', trail: trailOf(c, rule) }, <DeployedPage {...props} />)
}
