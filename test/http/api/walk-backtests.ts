// What fits the operations about forecasts. Those that are there already wait for a clock that stands
// still, so that no round of theirs changes them meanwhile.

import { systemCaller } from '#domain/access/system.ts'
import { openChange } from '#domain/changes/actions.ts'
import { insertBacktest } from '#domain/changes/backtest-store.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { ID_PREFIXES, makeId, type BacktestId, type ChangeId } from '#kernel/id.ts'
import { addMs, DAY, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
}

const callerIn = ({ house }: TestApp, place: Workspace): Caller =>
  systemCaller(house, 'test', undefined, place.id)

async function localTarget(app: TestApp, place: Workspace) {
  const { items } = await listTargets(app.house, callerIn(app, place), { limit: 100 })
  return items.find(({ target }) => target.kind === 'local')!.target
}

let count = 0
async function newRule(app: TestApp, place: Workspace) {
  const text = `title: Forecast ${count++}
logsource: {category: process_creation}
detection: {selection: {Image|endswith: '\\\\whoami.exe'}, condition: selection}
`
  const rule = { text, reason: '', origin: 'written' } as const
  return (await createRule(app.house, callerIn(app, place), rule)).rule.id
}

/** Of one rule on the sandbox, whose round comes in an hour. */
export async function plantForecast(
  app: TestApp,
  place: Workspace,
  changeId: ChangeId | null = null,
): Promise<BacktestId> {
  const caller = callerIn(app, place)
  const { id: targetId, name: targetName, kind } = await localTarget(app, place)
  const id = makeId(ID_PREFIXES.backtest, caller.now, app.house.random(10))
  const ruleId = await newRule(app, place)
  await app.house.db.write(caller, async (tx) => {
    const input = { backtestId: id }
    const options = { title: 'Planted', runAt: addMs(caller.now, HOUR) }
    const jobId = await app.house.jobs.enqueueKind(tx, caller, 'backtest.run', input, options)
    const { now: to, actor: createdBy } = caller
    const asked = { rowsMax: 100, atOnce: 1, perHour: 1, changeId, changeHash: null }
    const at = { from: addMs(to, -DAY), to, createdAt: to, createdBy, endedAt: null }
    const rule = { number: 1, ruleId, ruleTitle: 'Planted', version: 1, state: 'waiting' } as const
    const place = { targetId, targetName, kind, before: null, after: { why: 'x' }, reason: null }
    await insertBacktest(tx, { ...asked, ...at, id, title: 'Planted', jobId }, [
      { ...rule, ...place },
    ])
  })
  return id
}

const planted = async ({ app }: World, place: Workspace) => ({
  id: await plantForecast(app, place),
})

async function newChange(app: TestApp, place: Workspace) {
  const { id: targetId } = await localTarget(app, place)
  const items = [{ ruleId: await newRule(app, place), targetId }]
  const given = { title: 'Planted', why: '', origin: 'rules', items } as const
  return (await openChange(app.house, callerIn(app, place), given)).id
}

export const BACKTEST_INPUTS = {
  getChangeImpact: async ({ app }: World, place: Workspace) => ({
    id: await newChange(app, place),
  }),
  startChangeImpact: async ({ app }: World, place: Workspace) => ({
    id: await newChange(app, place),
    json: { days: 1 },
  }),
  cancelChangeImpact: async ({ app }: World, place: Workspace) => {
    const id = await newChange(app, place)
    await plantForecast(app, place, id)
    return { id }
  },
  listForecasts: async () => ({ query: '?limit=2' }),
  startForecast: async ({ app }: World, place: Workspace) => ({
    json: {
      targetId: (await localTarget(app, place)).id,
      ids: [await newRule(app, place)],
      days: 1,
    },
  }),
  getForecast: planted,
  listForecastRules: planted,
  cancelForecast: planted,
}
