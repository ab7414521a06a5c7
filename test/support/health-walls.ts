// What another workspace tries on how rules fare, and one rule of acme that is watched for it to try on.

import assert from 'node:assert/strict'
import * as alerts from '#domain/health/alert-store.ts'
import * as coverage from '#domain/health/coverage-store.ts'
import * as budgets from '#domain/health/budget-store.ts'
import * as rules from '#domain/health/rule-store.ts'
import * as samples from '#domain/health/sample-store.ts'
import * as targets from '#domain/health/target-store.ts'
import { NOTHING_TOLD } from '#domain/health/sample.ts'
import type { Actor } from '#kernel/actor.ts'
import type { AlertId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const now = 2_000_000_000_000 as Instant
const targetId = 'tgt_01' as TargetId
const ruleId = 'rul_01' as RuleId
const alert = 'alr_01' as AlertId
const wanted = { limit: 10, after: null }
// The foreign keys hold the workspace, so what another has does not exist.
const noSuch = /FOREIGN KEY/

export const HEALTH_ATTACKS: Attacks = {
  'src/domain/health/rule-store.ts': {
    selectKnown: (_, reader) => rules.selectKnown(reader, globex, targetId),
    nextSeries: async (tx) => assert.equal(await rules.nextSeries(tx), 1),
    saveKnown: (tx) =>
      assert.rejects(
        rules.saveKnown(tx, {
          series: 1,
          ruleId,
          targetId,
          state: 'healthy',
          reason: 'stolen',
          since: now,
          judgedAt: now,
          watchedFrom: now,
          figures: {} as rules.Known['figures'],
          outline: {} as rules.Known['outline'],
        }),
        noSuch,
      ),
    selectRuleHealth: (_, reader) => rules.selectRuleHealth(reader, globex, {}, wanted),
    selectRunningTags: (_, reader) => rules.selectRunningTags(reader, globex, ruleId),
    selectSharedTags: async (_, reader) =>
      assert.equal(
        (await rules.selectSharedTags(reader, globex, 'rul_02' as RuleId, ['attack.t1033'])).size,
        0,
      ),
    selectLoud: (_, reader) => rules.selectLoud(reader, globex),
    selectRates: (_, reader) => rules.selectRates(reader, globex),
    countStates: async (_, reader) =>
      assert.equal((await rules.countStates(reader, globex, {})).size, 0),
  },
  'src/domain/health/alert-store.ts': {
    saveAlerts: (tx) =>
      assert.rejects(
        alerts.saveAlerts(tx, [
          {
            id: 'alr_02' as AlertId,
            ruleId,
            targetId,
            remoteId: 'x',
            at: now,
            version: 1,
            disposition: null,
            disposedAt: null,
          },
        ]),
        noSuch,
      ),
    deleteAlertsBefore: (tx) => alerts.deleteAlertsBefore(tx, now),
    selectAlerts: (_, reader) => alerts.selectAlerts(reader, globex, ruleId, 10),
    getAlert: (_, reader) =>
      assert.rejects(alerts.getAlert(reader, globex, alert), { code: 'forbidden' }),
    updateDisposition: (tx) =>
      alerts.updateDisposition(tx, alert, {
        disposition: 'false_positive',
        disposedAt: now,
        disposedBy: null,
        note: 'taken',
      }),
    countDispositions: async (_, reader) =>
      assert.equal((await alerts.countDispositions(reader, globex, ruleId)).false_positive, 0),
  },
  'src/domain/health/budget-store.ts': {
    selectBudgets: (_, reader) => budgets.selectBudgets(reader, globex),
    saveBudget: async (tx) => {
      const own = { scope: 'rule', name: 'rul_01', perDay: 9, onBreach: 'flag' } as const
      await budgets.saveBudget(tx, {
        ...own,
        setAt: now,
        setBy: 'usr_gwen' as Actor,
        proposedId: null,
        proposedAt: null,
      })
      await budgets.deleteBudget(tx, own)
    },
    saveProposal: async (tx) => {
      const own = { scope: 'rule', name: 'rul_01' } as const
      await budgets.saveProposal(tx, own, { proposedId: null, proposedAt: now })
      assert.deepEqual(await budgets.selectBudgets(tx, tx.scope), [])
    },
    deleteBudget: async (tx) =>
      assert.equal(await budgets.deleteBudget(tx, { scope: 'rule', name: 'rul_01' }), false),
    selectGroupsOf: async (_, reader) =>
      assert.equal((await budgets.selectGroupsOf(reader, globex, [ruleId])).size, 0),
  },
  'src/domain/health/coverage-store.ts': {
    selectCovering: (_, reader) => coverage.selectCovering(reader, globex, {}),
    selectProducts: (_, reader) => coverage.selectProducts(reader, globex),
    selectProofs: (_, reader) => coverage.selectProofs(reader, globex, targetId),
    saveProof: (tx) =>
      assert.rejects(
        coverage.saveProof(tx, {
          series: 1,
          version: 1,
          techniques: [],
          proved: [],
          tests: 'passed',
          verdict: 'proves',
          why: null,
          reason: 'stolen',
          since: now,
          judgedAt: now,
        }),
        noSuch,
      ),
    saveDay: (tx) => coverage.saveDay(tx, 1 as Instant, []),
    deleteDaysBefore: (tx) => coverage.deleteDaysBefore(tx, now),
    countDays: (_, reader) => coverage.countDays(reader, globex, 0 as Instant),
  },
  'src/domain/health/sample-store.ts': {
    saveSamples: (tx) =>
      assert.rejects(
        samples.saveSamples(tx, [{ series: 1, hours: 1, at: now, ...NOTHING_TOLD }]),
        noSuch,
      ),
    selectSamples: (_, reader) => samples.selectSamples(reader, globex, [1], 0 as Instant),
    rollUp: async (tx) => assert.equal(await samples.rollUp(tx, [1], now), 0),
    selectGaps: (_, reader) => samples.selectGaps(reader, globex, [1]),
    selectPlanned: (_, reader) => samples.selectPlanned(reader, globex, { stale: now }),
    claimGap: async (tx) =>
      assert.equal(await samples.claimGap(tx, { series: 1, from: 1 as Instant }, now, now), false),
    settleGap: (tx) => samples.settleGap(tx, { series: 1, from: 1 as Instant }, null),
    replacePlan: (tx) => samples.replacePlan(tx, 1, []),
  },
  'src/domain/health/target-store.ts': {
    findWatch: async (_, reader) =>
      assert.equal(await targets.findWatch(reader, globex, targetId), undefined),
    saveWatch: (tx) =>
      assert.rejects(
        targets.saveWatch(tx, {
          targetId,
          state: 'ok',
          reason: '',
          since: now,
          triedAt: now,
          sampledUntil: now,
        }),
        noSuch,
      ),
    beginOutage: (tx) =>
      assert.rejects(targets.beginOutage(tx, { targetId, from: now, reason: '' }), noSuch),
    endOutage: (tx) => targets.endOutage(tx, targetId, now),
    selectOutages: (_, reader) => targets.selectOutages(reader, globex, 0 as Instant),
    selectSources: (_, reader) => targets.selectSources(reader, globex, targetId),
    saveSource: (tx) =>
      assert.rejects(
        targets.saveSource(tx, {
          targetId,
          name: 'stolen',
          lastSeenAt: null,
          seenAt: now,
          quietMs: 0,
          columns: [],
          delay: null,
        }),
        noSuch,
      ),
    selectTargetsInUse: (_, reader) => targets.selectTargetsInUse(reader, globex),
  },
}

export const HEALTH_TABLES = [
  'alertRef',
  'noiseBudget',
  'healthSource',
  'healthOutage',
  'healthTarget',
  'healthGap',
  'healthSample',
  'coverageProof',
  'coverageDay',
  'healthRule',
] as const

/** After the target, the rule and where it stands. */
export function* plantHealth(): Steps<void> {
  yield* change(
    `insert into "healthRule" ("workspaceId", "series", "ruleId", "targetId", "state", "rank",
       "reason", "since", "judgedAt", "watchedFrom", "figures", "outline")
     values ('wsp_acme', 1, 'rul_01', 'tgt_01', 'healthy', 10, 'stolen', 1, 1, 1, '{}', '{}')`,
  )
  yield* change(
    `insert into "coverageProof" ("workspaceId", "series", "version", "techniques", "proved",
       "tests", "verdict", "why", "reason", "since", "judgedAt")
     values ('wsp_acme', 1, 1, '[]', '[]', 'passed', 'proves', '', 'stolen', 1, 1)`,
  )
  yield* change(
    `insert into "coverageDay" ("workspaceId", "day", "technique", "state")
     values ('wsp_acme', 1, 'T1033', 'covered')`,
  )
  yield* change(
    `insert into "healthSample" ("workspaceId", "series", "hours", "at", "ran")
     values ('wsp_acme', 1, 1, 1, 1)`,
  )
  yield* change(
    `insert into "healthGap" ("workspaceId", "series", "fromAt", "toAt", "state")
     values ('wsp_acme', 1, 1, 2, 'planned')`,
  )
  yield* change(
    `insert into "healthTarget" ("workspaceId", "targetId", "state", "reason", "since", "triedAt",
       "sampledUntil")
     values ('wsp_acme', 'tgt_01', 'ok', 'stolen', 1, 1, 1)`,
  )
  yield* change(
    `insert into "healthOutage" ("workspaceId", "targetId", "fromAt", "reason")
     values ('wsp_acme', 'tgt_01', 1, 'stolen')`,
  )
  yield* change(
    `insert into "healthSource" ("workspaceId", "targetId", "name", "seenAt", "quietMs", "columns")
     values ('wsp_acme', 'tgt_01', 'stolen', 1, 1, '[]')`,
  )
  yield* change(
    `insert into "noiseBudget" ("workspaceId", "scope", "name", "perDay", "onBreach", "setAt", "setBy")
     values ('wsp_acme', 'rule', 'rul_01', 1, 'flag', 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "alertRef" ("workspaceId", "id", "targetId", "ruleId", "remoteId", "at", "note")
     values ('wsp_acme', 'alr_01', 'tgt_01', 'rul_01', 'stolen', 1, 'stolen')`,
  )
}
