// What fits the operations about deployments, on the sandbox of the workspace.

import { systemCaller } from '#domain/access/system.ts'
import { openChange } from '#domain/changes/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { updateDeployment, updateItem } from '#domain/deployments/store.ts'
import { getDeployment } from '#domain/deployments/reading.ts'
import { changePlacement } from '#domain/placements/actions.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}
type At = readonly [world: World, place: Workspace]

let count = 0

const callerIn = ({ house }: TestApp, place: Workspace): Caller =>
  systemCaller(house, 'test', undefined, place.id)

const textOf = (level: string) => `title: Deployed ${count}
level: ${level}
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: 'whoami.exe'}, condition: selection}
`

async function localOf({ app }: World, place: Workspace) {
  const { items } = await listTargets(app.house, callerIn(app, place), { limit: 100 })
  return items.find(({ target }) => target.kind === 'local')!.target.id
}

async function newRule({ app }: World, place: Workspace): Promise<RuleId> {
  count++
  const rule = { text: textOf('low'), reason: '', origin: 'written' } as const
  return (await createRule(app.house, callerIn(app, place), rule)).rule.id
}

async function newChange(...at: At): Promise<{ id: ChangeId }> {
  const ruleId = await newRule(...at)
  await nextTurn()
  return changeOf(at, ruleId)
}

async function changeOf(at: At, ruleId: RuleId): Promise<{ id: ChangeId }> {
  const [{ app }, place] = at
  await withoutReview(...at)
  const items = [{ ruleId, targetId: await localOf(...at) }]
  const wish = { title: 'Find whoami', why: '', origin: 'rules', items } as const
  const change = await openChange(app.house, callerIn(app, place), wish)
  await nextTurn()
  return change
}

/** So that a change may be deployed as it is opened. */
async function withoutReview({ app: { house } }: World, place: Workspace): Promise<void> {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const { policy, version } = await readPolicy(house, caller)
  if (!policy.review && !policy.testGate) return
  const wanted = { ...policy, review: false, testGate: false }
  await changePolicy(house, caller, { policy: wanted, version })
  await nextTurn()
}

async function deployed(at: At, { id }: { readonly id: ChangeId }) {
  const [{ app }, place] = at
  const begun = await deployChange(app.house, callerIn(app, place), id)
  await app.runner.drain()
  await nextTurn()
  return { id: begun.id }
}

const newDeployment = async (...at: At) => deployed(at, await newChange(...at))

export const DEPLOYMENT_INPUTS = {
  listDeployments: async () => ({ query: '?limit=2' }),
  getDeployment: newDeployment,
  planChange: newChange,
  deployChange: async (...at: At) => ({ ...(await newChange(...at)), json: { dryRun: false } }),
  cancelDeployment: async (...at: At) => {
    const [{ app }, place] = at
    const { id } = await newChange(...at)
    const begun = await deployChange(app.house, callerIn(app, place), id)
    // As if it still were at work.
    await app.runner.drain()
    await nextTurn()
    await app.house.db.write(callerIn(app, place), (tx) =>
      updateDeployment(tx, begun.id, { state: 'deploying', endedAt: null }),
    )
    return { id: begun.id }
  },
  rollBackDeployment: async (...at: At) => ({ ...(await newDeployment(...at)), json: { n: null } }),
  rollBackRule: async (...at: At) => {
    const [{ app }, place] = at
    const rule = await newRule(...at)
    await nextTurn()
    await deployed(at, await changeOf(at, rule))
    const edit = { text: textOf('high'), reason: '', expected: 'any' } as const
    await saveRule(app.house, callerIn(app, place), rule, edit)
    await nextTurn()
    await deployed(at, await changeOf(at, rule))
    return { json: { rule, target: await localOf(...at), version: 1 } }
  },
  goLive: async (...at: At) => {
    const [{ app }, place] = at
    const caller = () => callerIn(app, place)
    const { id } = await newDeployment(...at)
    const { items } = await getDeployment(app.house, caller(), id)
    const { ruleId, targetId } = items[0]!
    await app.house.db.write(caller(), (tx) =>
      changePlacement(tx, app.house, caller(), { ruleId, targetId }, { state: 'soaking' }),
    )
    await nextTurn()
    return { json: { rule: ruleId, target: targetId } }
  },
  resolveDeploymentItem: async (...at: At) => {
    const [{ app }, place] = at
    const { id } = await newDeployment(...at)
    await app.house.db.write(callerIn(app, place), (tx) =>
      updateItem(tx, { deploymentId: id, number: 1 }, { state: 'unknown' }),
    )
    await nextTurn()
    return { id, n: 1, json: { verdict: 'written' } }
  },
}
