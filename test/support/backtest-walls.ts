// What another workspace tries on backtests, and one of acme for it to try on.

import assert from 'node:assert/strict'
import * as backtests from '#domain/changes/backtest-store.ts'
import * as hotfixes from '#domain/deployments/hotfix-store.ts'
import type { BacktestId, ChangeId, DeploymentId, HotfixId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'bkt_01' as BacktestId

const hotfix = 'hfx_01' as HotfixId

export const BACKTEST_ATTACKS: Attacks = {
  'src/domain/deployments/hotfix-store.ts': {
    updateHotfix: (tx) => hotfixes.updateHotfix(tx, hotfix, { state: 'kept' }),
    getHotfixRow: (_, reader) =>
      assert.rejects(hotfixes.getHotfixRow(reader, globex, hotfix), { code: 'forbidden' }),
    selectHotfixes: (_, reader) =>
      hotfixes.selectHotfixes(reader, globex, { limit: 10, after: null }),
    selectOpenHotfixes: async (_, reader) => {
      const { items, count } = await hotfixes.selectOpenHotfixes(reader, globex, 10)
      assert.deepEqual([items.length, count], [0, 0])
    },
    findHotfixSince: async (_, reader) =>
      assert.equal(
        await hotfixes.findHotfixSince(reader, globex, 'rul_01' as RuleId, 0 as Instant),
        undefined,
      ),
    findUnseenGlass: async (_, reader) =>
      assert.equal(await hotfixes.findUnseenGlass(reader, globex), undefined),
    isOfHotfix: async (_, reader) =>
      assert.equal(await hotfixes.isOfHotfix(reader, globex, 'dep_01' as DeploymentId), false),
  },
  'src/domain/changes/backtest-store.ts': {
    getBacktest: (_, reader) =>
      assert.rejects(backtests.getBacktest(reader, globex, id), { code: 'forbidden' }),
    findImpact: async (_, reader) =>
      assert.equal(await backtests.findImpact(reader, globex, 'chg_01' as ChangeId), undefined),
    selectProjections: async (_, reader) =>
      assert.equal((await backtests.selectProjections(reader, globex, 0 as Instant)).size, 0),
    selectForecasts: (_, reader) =>
      backtests.selectForecasts(reader, globex, { limit: 10, after: null }),
    selectItems: (_, reader) => backtests.selectItems(reader, globex, id),
    countItems: async (_, reader) => {
      const { waiting } = await backtests.countItems(reader, globex, id)
      assert.equal(waiting, 0)
    },
    askedSince: async (_, reader) =>
      assert.deepEqual(await backtests.askedSince(reader, globex, id, -1 as Instant), {
        count: 0,
        first: null,
      }),
    hasEndedSince: async (_, reader) =>
      assert.equal(await backtests.hasEndedSince(reader, globex, id, -1 as Instant), false),
    updateBacktest: (tx) => backtests.updateBacktest(tx, id, { endedAt: null, jobId: null }),
    updateItem: (tx) => backtests.updateItem(tx, id, 1, { reason: 'stolen' }),
  },
}

export function* plantBacktest(): Steps<void> {
  yield* change(
    `insert into "hotfix" ("workspaceId", "id", "kind", "state", "ruleId", "title", "reason",
       "changeId", "deploymentId", "endsAt", "review", "createdAt", "createdBy")
     values ('wsp_acme', 'hfx_01', 'pause', 'running', 'rul_01', 'x', 'x', 'chg_01', 'dep_01', 1,
       'open', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "backtest" ("workspaceId", "id", "changeId", "title", "fromAt", "toAt", "rowsMax",
       "atOnce", "jobId", "createdAt", "createdBy", "endedAt")
     values ('wsp_acme', 'bkt_01', 'chg_01', 'x', 1, 2, 1, 1, 'job_01', 1, 'usr_ada', 1)`,
  )
  yield* change(
    `insert into "backtestItem" ("workspaceId", "backtestId", "number", "ruleId", "ruleTitle",
       "targetId", "targetName", "kind", "state")
     values ('wsp_acme', 'bkt_01', 1, 'rul_01', 'x', 'tgt_01', 'x', 'splunk', 'waiting')`,
  )
}
