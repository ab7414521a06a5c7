// A forecast for the looks: rules that were measured, one that is not known, and one that waits.

import { insertBacktest, updateItem } from '#domain/changes/backtest-store.ts'
import type { BacktestId, JobId, RuleId, TargetId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { callerIn } from './world.ts'

const ID = 'bkt_0198f000-0000-7000-8000-0000000000f1' as BacktestId

const TITLES = [
  'Whoami as system',
  `PowerShell with an encoded command, ${'as seen at every site and every office, '.repeat(4)}hourly`,
  'Shadow copies deleted',
  'A threshold of failed sign-ins',
  'Scheduled task created',
]

export async function fillForecasts(
  house: House,
  workspaceId: string,
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const caller = callerIn(house, workspaceId)
  const { now: to, actor: createdBy } = caller
  const place = {
    targetId: 'tgt_01' as TargetId,
    targetName: 'splunk-london',
    kind: 'splunk',
  } as const
  await house.db.write(caller, async (tx) => {
    const asked = { rowsMax: 50_000, atOnce: 2, perHour: 120, changeId: null, changeHash: null }
    const at = { from: addMs(to, -7 * DAY), to, createdAt: to, createdBy, endedAt: null }
    const named = { id: ID, title: 'What came with the import', jobId: null as JobId | null }
    await insertBacktest(
      tx,
      { ...asked, ...at, ...named },
      TITLES.map((ruleTitle, index) => ({
        ...place,
        ruleTitle,
        number: index + 1,
        ruleId: `rul_0198f000-0000-7000-8000-00000000000${index}` as RuleId,
        version: 1,
        before: null,
        after: { language: 'spl', text: 'index=main' },
        state: 'waiting',
        reason: null,
      })),
    )
    for (const [number, after] of [
      [1, 1_204],
      [2, 9],
      [3, 0],
    ] as const) {
      const cost = { scanned: 120_000, bytes: null, seconds: 4 }
      const counts = { before: 0, after, added: after, removed: 0, kept: 0, scanned: 120_000 }
      const alerts = { before: 0, after }
      const days = { matches: null, alerts: null }
      const costs = { before: null, after: cost }
      const result = { ...counts, alerts, days, costs, cost, identity: ['_bkt', '_cd'], notes: [] }
      await updateItem(tx, ID, number, { state: 'measured', result, perDay: after / 7 })
    }
    await updateItem(tx, ID, 4, {
      state: 'unknown',
      reason: 'It counts rows in each of its runs, which one search over the window does not.',
    })
  })
  const root = '/w/acme/forecasts'
  return [
    { name: 'forecasts', path: root },
    { name: 'forecast', path: `${root}/${ID}` },
    { name: 'forecast-new', path: `${root}/new?all=1` },
    { name: 'forecast-nothing', path: `${root}/new` },
  ]
}
