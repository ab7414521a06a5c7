// What fits the operations about hotfixes. Those that are there already were never written anywhere, so
// that ending one needs no target.

import { systemCaller } from '#domain/access/system.ts'
import { openChange } from '#domain/changes/actions.ts'
import { getChangeRow, updateChange } from '#domain/changes/store.ts'
import { findUnseenGlass, insertHotfix, updateHotfix } from '#domain/deployments/hotfix-store.ts'
import { getHotfix } from '#domain/deployments/hotfix-actions.ts'
import { insertDeployment, updateDeployment } from '#domain/deployments/store.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { ID_PREFIXES, makeId, type HotfixId } from '#kernel/id.ts'
import { addMs, HOUR } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployingIn } from '#test/support/deploying.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const TEXT = `title: Floods
logsource: {category: process_creation, product: windows}
detection: {selection: {Image: 'a.exe'}, condition: selection}
`

async function newItem(app: TestApp, at: Workspace) {
  const caller = systemCaller(app.house, 'test', undefined, at.id)
  const given = { text: TEXT, origin: 'written', reason: '' } as const
  const { rule } = await createRule(app.house, caller, given)
  await nextTurn()
  const { items } = await listTargets(app.house, caller, { limit: 50 })
  const { target } = items.find((one) => one.target.kind === 'local')!
  return { caller, ruleId: rule.id, targetId: target.id }
}

/** It runs, and its deployment has failed. */
export async function plantHotfix(app: TestApp, at: Workspace): Promise<HotfixId> {
  const { caller, ...item } = await newItem(app, at)
  const { house } = app
  const title = 'Secret hotfix'
  const opened = { title, why: '', origin: 'hotfix', items: [item] } as const
  const { id: changeId, hash: changeHash } = await openChange(house, caller, opened)
  const { now, actor } = caller
  const id = makeId(ID_PREFIXES.hotfix, now, house.random(10))
  const deploymentId = makeId(ID_PREFIXES.deployment, now, house.random(10))
  await house.db.write(caller, async (tx) => {
    const begun = { id: deploymentId, changeId, changeTitle: title, changeHash }
    const kind = { kind: 'change', rollsBack: null, isDryRun: false } as const
    await insertDeployment(tx, { ...begun, ...kind, startedAt: now, startedBy: actor }, [])
    await updateDeployment(tx, deploymentId, { state: 'failed', endedAt: now })
    const open = { review: 'open', reviewedBy: null, reviewedAt: null, comment: null } as const
    const made = { createdAt: now, createdBy: actor, endsAt: addMs(now, HOUR) }
    const ids = { id, changeId, deploymentId, ruleId: item.ruleId }
    const none = { undoId: null, exclusionId: null, jobId: null }
    const what = { kind: 'pause', state: 'running', title, reason: 'x' } as const
    await insertHotfix(tx, { ...ids, ...none, ...open, ...made, ...what })
  })
  await nextTurn()
  return id
}

async function setPolicy(app: TestApp, at: Workspace, change: Partial<Policy>): Promise<void> {
  const caller = systemCaller(app.house, 'test', undefined, at.id)
  const { policy, version } = await readPolicy(app.house, caller)
  await changePolicy(app.house, caller, { policy: { ...policy, ...change }, version })
  await nextTurn()
}

/** Where personal tokens may sign. */
const letTokensSign = (app: TestApp, at: Workspace) =>
  setPolicy(app, at, { review: false, tokensMaySign: true })

/** A rule that runs. */
async function deployedRule(app: TestApp, at: Workspace) {
  await setPolicy(app, at, { review: false, hotfix: true })
  const world = deployingIn({ ...app, acme: at })
  const ruleId = await world.rule(count++)
  await nextTurn()
  await world.deploy([await world.wish(await world.local(), ruleId, 'add')])
  await nextTurn()
  return ruleId
}

let count = 100

/** Somebody has looked at what was broken before. */
async function lookedAt(app: TestApp, at: Workspace): Promise<void> {
  const caller = systemCaller(app.house, 'test', undefined, at.id)
  const last = await findUnseenGlass(app.house.db.read(caller.scope), caller.scope)
  if (!last) return
  await app.house.db.write(caller, (tx) => updateHotfix(tx, last.id, { review: 'justified' }))
  await nextTurn()
}

const planted = async ({ app }: World, at: Workspace) => ({ id: await plantHotfix(app, at) })

export const HOTFIX_INPUTS = {
  listHotfixes: async () => ({ query: '?limit=2' }),
  getHotfix: planted,
  endHotfix: planted,
  makeHotfix: async ({ app }: World, at: Workspace) => {
    const ruleId = await deployedRule(app, at)
    const values = [{ field: 'User', value: 'svc-backup' }]
    return { json: { ruleId, kind: 'exclude', values, hours: 1, reason: 'It floods' } }
  },
  keepHotfix: async ({ app }: World, at: Workspace) => {
    await letTokensSign(app, at)
    const id = await plantHotfix(app, at)
    const caller = systemCaller(app.house, 'test', undefined, at.id)
    const { changeId } = await getHotfix(app.house, caller, id)
    await app.house.db.write(caller, (tx) => updateChange(tx, changeId, { state: 'deployed' }))
    await nextTurn()
    const { hash } = await getChangeRow(app.house.db.read(caller.scope), caller.scope, changeId)
    return { id, json: { hash } }
  },
  reviewHotfix: async ({ app }: World, at: Workspace) => {
    await letTokensSign(app, at)
    return { id: await plantHotfix(app, at), json: { verdict: 'justified' } }
  },
  breakGlass: async ({ app }: World, at: Workspace) => {
    await letTokensSign(app, at)
    await lookedAt(app, at)
    const { caller, ...item } = await newItem(app, at)
    const opened = { title: 'Now', why: '', origin: 'rules', items: [item] } as const
    const { id } = await openChange(app.house, caller, opened)
    await nextTurn()
    return { id, json: { hours: 1, reason: 'They are in' } }
  },
}
