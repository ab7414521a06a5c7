// The end of the days in which a new rule ran silently: it alerts from then on when what it would alert
// fits its budget, and is held for a person where it does not.

import { permit } from '#domain/access/permission.ts'
import { changePlacement, findPlacement } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type DeploymentId, type RuleId, type TargetId } from '#kernel/id.ts'
import { DAY, MINUTE } from '#kernel/time.ts'
import { voiced } from '#languages/rule-formats/write/silent.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { beginDeployment } from './begin.ts'
import type { Deployment } from './deployment.ts'
import { BUDGET } from './port.ts'
import { getDeploymentRow, selectItems } from './store.ts'

interface Soaking {
  readonly ruleId: RuleId
  readonly targetId: TargetId
}

/** When its days are over. Does nothing for a rule that does not soak there since that deployment. */
export async function endSoak(
  house: House,
  caller: Caller,
  { deploymentId, ...at }: Soaking & { readonly deploymentId: DeploymentId },
): Promise<void> {
  const found = await findPlacement(house.db.read(caller.scope), caller.scope, at)
  if (found?.state === 'unknown' && found.soakUntil !== null) {
    throw new AppError('upstream', 'How it stands there is not known. It is looked at again.')
  }
  if (found?.state !== 'soaking' || found.soakUntil === null) return
  if (found.deploymentId !== deploymentId) return
  const flaw = await flawOf(house, caller, found)
  await nextTurn()
  if (flaw === null) {
    await begin(house, caller, found)
    return
  }
  await house.db.write(caller, async (tx) => {
    await changePlacement(tx, house, caller, at, { soakUntil: null })
    await house.audit.record(tx, caller, {
      action: 'rule.hold',
      target: at.ruleId,
      data: { target: at.targetId, reason: flaw },
    })
  })
}

/** Why it is held for a person; null where what it would alert fits its budget, or nothing limits it. */
async function flawOf(
  house: House,
  caller: Caller,
  { ruleId, targetId, ref, since }: NamedPlacement,
): Promise<string | null> {
  const findBudget = await house.ports.get(BUDGET)()
  const perDay = await findBudget(house, caller, ruleId)
  if (perDay === null) return null
  const target = await getTarget(house, caller, targetId)
  const { health } = await connectTarget(house, caller, target, { purpose: 'read' })
  const range = { from: since, to: caller.now }
  const told = await health?.runs(range, AbortSignal.timeout(PATIENCE_MS))
  const alerts = told?.runs.find((one) => one.ref === ref)?.alerts ?? null
  if (alerts === null) return 'How much it would alert is not known.'
  const measured = (alerts * DAY) / Math.max(caller.now - since, DAY)
  if (measured <= perDay) return null
  return `It would alert ${measured.toFixed(1)} times a day, where ${perDay} are allowed.`
}

const PATIENCE_MS = MINUTE

/** By hand, before its days are over or after it was held. Throws `conflict` for one that does not soak. */
export async function goLive(house: House, caller: Caller, at: Soaking): Promise<Deployment> {
  permit(caller, 'deployment.run')
  const found = await findPlacement(house.db.read(caller.scope), caller.scope, at)
  if (found?.state !== 'soaking') {
    throw new AppError('conflict', 'This rule does not run silently there.')
  }
  return begin(house, caller, found)
}

/** What was signed, with its noise. */
async function begin(house: House, caller: Caller, placement: NamedPlacement): Promise<Deployment> {
  const { ruleId, targetId, deploymentId, targetName, kind, version, ref, hash } = placement
  const reader = house.db.read(caller.scope)
  const deployment = deploymentId && (await getDeploymentRow(reader, caller.scope, deploymentId))
  const items = deploymentId ? await selectItems(reader, caller.scope, deploymentId) : []
  const item = items.find((one) => one.ruleId === ruleId && one.targetId === targetId)
  if (!deployment || !item?.body) {
    throw new AppError('conflict', 'What was signed for it is not known any more.')
  }
  const { changeId, changeTitle: title, changeHash } = deployment
  const id = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  const { ruleTitle, marker, isSigned } = item
  const body = voiced(kind, item.body)
  const wish = { ruleId, ruleTitle, targetId, targetName, kind, version, ref, marker, isSigned }
  return house.db.write(caller, async (tx) => {
    await house.audit.record(tx, caller, {
      action: 'rule.go_live',
      target: ruleId,
      data: { target: targetId, deployment: id, version },
    })
    return beginDeployment(tx, house, caller, {
      id,
      change: { id: changeId, title, hash: changeHash },
      items: [{ ...wish, action: 'change', body, replaces: hash, soakDays: 0 }],
    })
  })
}
