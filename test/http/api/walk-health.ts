// What fits the operations about how rules fare.

import { saveAlerts } from '#domain/health/alert-store.ts'
import { createRule } from '#domain/rules/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { ID_PREFIXES, makeId, type AlertId } from '#kernel/id.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const TEXT = `title: Watched
logsource: {category: process_creation, product: windows}
detection: {selection: {Image: 'a.exe'}, condition: selection}
`

async function ruleIn({ app }: World, place: Workspace) {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const { rule } = await createRule(app.house, caller, {
    text: TEXT,
    origin: 'written',
    reason: '',
  })
  return { id: rule.id }
}

/** An alert that the sandbox of the place made by a rule of it. */
export async function plantAlert({ app }: World, place: Workspace): Promise<AlertId> {
  const caller = systemCaller(app.house, 'test', undefined, place.id)
  const { id: ruleId } = await ruleIn({ app }, place)
  const { items } = await listTargets(app.house, caller, { limit: 10 })
  const { id: targetId } = items.find(({ target }) => target.kind === 'local')!.target
  const id = makeId(ID_PREFIXES.alert, caller.now, app.house.random(10))
  const base = { disposition: null, disposedAt: null, version: 1, at: caller.now }
  await app.house.db.write(caller, (tx) =>
    saveAlerts(tx, [{ ...base, id, ruleId, targetId, remoteId: id }]),
  )
  return id
}

export const HEALTH_INPUTS = {
  listRuleHealth: async () => ({ query: '?limit=2&state=dead&q=who' }),
  getRuleHealth: ruleIn,
  listAlerts: async (world: World, place: Workspace) => ({
    query: `?rule=${(await ruleIn(world, place)).id}&limit=5`,
  }),
  setDisposition: async (world: World, place: Workspace) => ({
    id: await plantAlert(world, place),
    json: { disposition: 'false_positive', note: 'the agent' },
  }),
  backfillHealth: async (world: World, place: Workspace) => ({
    json: { ruleId: (await ruleIn(world, place)).id, targetId: null },
  }),
  listBudgets: async () => ({}),
  setBudget: async () => ({ json: { scope: 'workspace', perDay: 100 } }),
  getCoverage: async () => ({ query: '?product=windows' }),
  listSilenced: async () => ({ query: '?kind=throttle' }),
}
