// Rules of a workspace as items of a deployment, without a change: what the machinery of deployments is
// given, and its way to the end.

import { systemCaller } from '#domain/access/system.ts'
import { beginDeployment, type DeploymentWish } from '#domain/deployments/begin.ts'
import { newRefOf, standingHash, type ItemWish } from '#domain/deployments/item.ts'
import { openPlaces, placeOf } from '#domain/deployments/places.ts'
import { getDeployment, type DeploymentWhole } from '#domain/deployments/reading.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type ChangeId, type RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { markerOf } from '#languages/rule-formats/write/marker.ts'
import { ruleText } from './rule-text.ts'
import type { TestApp } from './start-app.ts'

const CHANGE = {
  id: 'chg_00000000-0000-7000-8000-000000000001' as ChangeId,
  title: 'a change',
  hash: 'x',
}

interface World {
  readonly acme: { readonly id: string }
}

export interface Deploying {
  readonly caller: () => Caller
  readonly local: () => Promise<Target>
  /** A rule of that number; again: its next version. */
  readonly rule: (number: number, lines?: string, id?: RuleId) => Promise<RuleId>
  readonly wish: (
    target: Target,
    ruleId: RuleId,
    action: ItemWish['action'],
    more?: Partial<ItemWish>,
  ) => Promise<ItemWish>
  /** Deployed to its end. */
  readonly deploy: (
    items: readonly ItemWish[],
    more?: Partial<DeploymentWish>,
  ) => Promise<DeploymentWhole>
}

export function deployingIn(app: Pick<TestApp, 'house' | 'runner'> & World): Deploying {
  const { house } = app
  const caller = () => systemCaller(house, 'test', undefined, app.acme.id)
  const signal = new AbortController().signal
  return {
    caller,
    async local() {
      const { items } = await listTargets(house, caller(), { limit: 10 })
      return items.find(({ target }) => target.kind === 'local')!.target
    },
    async rule(number, lines = '', id) {
      const sigmaId = `80167ada-7a12-41ed-b8e9-${String(number).padStart(12, '0')}`
      const text = ruleText(`title: Rule ${number}\nid: ${sigmaId}\n${lines}`)
      const kept =
        id === undefined
          ? await createRule(house, caller(), { text, reason: '', origin: 'written' })
          : await saveRule(house, caller(), id, { text, reason: '', expected: 'any' })
      await nextTurn()
      return kept.rule.id
    },
    async wish({ id, name, kind }, ruleId, action, more = {}) {
      const renders = await listRenders(house, caller(), ruleId)
      const render = renders.find((one) => one.kind === kind)!
      const body = render.bodies.find(({ overlay }) => overlay === null)?.body ?? null
      const places = await openPlaces(house, caller(), [id], 'write')
      const place = placeOf(places, { targetId: id })
      const { title } = await getRule(house, caller(), ruleId)
      const { installId } = house.keys
      const ref = newRefOf(place.rules, kind, { installId, ruleId, targetId: id, title })
      const now = ref === '' ? null : await place.rules.read(ref, signal)
      const writes = action === 'add' || action === 'change'
      const rule = { installId, ruleId, version: render.version, bodyHash: contentHash(body) }
      return {
        ruleId,
        ruleTitle: title,
        targetId: id,
        targetName: name,
        kind,
        action,
        version: render.version,
        body: writes ? body : null,
        marker: writes ? markerOf(rule) : null,
        ref,
        replaces: action === 'add' || now === null ? null : standingHash(now),
        isSigned: true,
        soakDays: 0,
        ...more,
      }
    },
    async deploy(items, more = {}) {
      const id = makeId(ID_PREFIXES.deployment, caller().now, house.random(10))
      const wish = { id, change: CHANGE, items, ...more }
      const begun = await house.db.write(caller(), (tx) =>
        beginDeployment(tx, house, caller(), wish),
      )
      await app.runner.drain()
      await nextTurn()
      return getDeployment(house, caller(), begun.id)
    },
  }
}
