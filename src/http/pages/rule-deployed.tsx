// The face of a rule that shows where it stands. Loaded with the first reader.

import { can } from '#domain/access/permission.ts'
import { listDrift } from '#domain/deployments/drift-actions.ts'
import { listVersionsThere } from '#domain/deployments/reading.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { getRule } from '#domain/rules/reading.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { RuleId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { DeployedPage, type Standing } from '#views/rules/deployed-page.tsx'
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
    standing: await standingOf(c, rule.id, placements),
    hotfix: mayFix ? `${placeOf(c)}/hotfixes/new?rule=${rule.id}` : null,
    targets: `${placeOf(c)}/targets`,
    deployments: can(caller, 'deployment.read') ? `${placeOf(c)}/deployments` : null,
  }
  return page(c, { title: 'Deployed', trail: trailOf(c, rule) }, <DeployedPage {...props} />)
}

/** With what was found of each place, and the versions that it can go back to. */
async function standingOf(
  c: HttpContext,
  rule: RuleId,
  placements: readonly NamedPlacement[],
): Promise<readonly Standing[]> {
  const { house } = c.var
  const caller = callerOf(c)
  const mayRun = can(caller, 'deployment.run')
  const wanted = { filter: { rule, state: 'found' }, limit: PAGE_LIMIT_MAX } as const
  const drift = can(caller, 'drift.read') ? (await listDrift(house, caller, wanted)).items : []
  return Promise.all(
    placements.map(async (placement) => {
      const { targetId, version, state } = placement
      const found = drift.find((one) => one.targetId === targetId)
      const stood = mayRun ? await listVersionsThere(house, caller, { ruleId: rule, targetId }) : []
      return {
        placement,
        finding: found ? `${placeOf(c)}/drift/${found.id}` : null,
        back: stood.filter((one) => one !== version || state === 'drifted'),
      }
    }),
  )
}
