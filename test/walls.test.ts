// Every function of every store, called as the other workspace: it finds nothing of ours and leaves
// our rows as they are. A store function without an entry here fails.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import * as backups from '#domain/backups/actions.ts'
import * as attack from '#domain/instance/attack-actions.ts'
import * as instance from '#domain/instance/actions.ts'
import * as ruleFiles from '#domain/rules/files/store.ts'
import * as bulks from '#domain/rules/bulk/store.ts'
import * as groups from '#domain/rules/groups/store.ts'
import * as ruleLists from '#domain/rules/list-store.ts'
import * as renders from '#domain/rules/renders/store.ts'
import * as rules from '#domain/rules/rule-store.ts'
import * as testRuns from '#domain/rules/testing/store.ts'
import * as views from '#domain/rules/views/store.ts'
import * as versions from '#domain/rules/version-store.ts'
import * as workspaces from '#domain/workspaces/actions.ts'
import type { Actor } from '#kernel/actor.ts'
import type {
  GroupId,
  JobId,
  RuleId,
  ScheduleId,
  TestRunId,
  UserId,
  ViewId,
  WorkspaceId,
} from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { openDatabase } from '#platform/db/database.ts'
import { makeScope } from '#platform/db/scope.ts'
import { runSteps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import * as requests from '#platform/idempotency/store.ts'
import * as schedules from '#platform/jobs/schedule-store.ts'
import * as steps from '#platform/jobs/step-store.ts'
import * as jobs from '#platform/jobs/store.ts'
import { acme, globex, makeFolder } from '#test/support/database.ts'
import { BACKTEST_ATTACKS } from '#test/support/backtest-walls.ts'
import { ADOPTION_ATTACKS } from '#test/support/adoption-walls.ts'
import { DEPLOYMENT_ATTACKS } from '#test/support/deployment-walls.ts'
import { EXCLUSION_ATTACKS } from '#test/support/exclusion-walls.ts'
import { LIST_ATTACKS } from '#test/support/list-walls.ts'
import { clear, everything, plant, TABLES } from '#test/support/planted.ts'
import { startApp } from '#test/support/start-app.ts'
import { HEALTH_ATTACKS } from '#test/support/health-walls.ts'
import { CHANGE_ATTACKS } from '#test/support/change-walls.ts'
import { DRIFT_ATTACKS } from '#test/support/drift-walls.ts'
import { HISTORY_ATTACKS, PLACEMENT_ATTACKS } from '#test/support/placement-walls.ts'
import { SEARCH_ATTACKS } from '#test/support/search-walls.ts'
import { MAPPING_ATTACKS } from '#test/support/mapping-walls.ts'
import { TARGET_ATTACKS } from '#test/support/target-walls.ts'
import { IMPORT_ATTACKS, UPSTREAM_ATTACKS } from '#test/support/brought-walls.ts'

const root = path.resolve(import.meta.dirname, '..')
const ours = 'job_01' as JobId
const schedule = 'sch_01' as ScheduleId
const rule = 'rul_01' as RuleId
const version = {
  text: 'stolen',
  contentHash: '',
  reason: '',
  restoredFrom: null,
  createdAt: 1 as Instant,
  createdBy: 'system:test' as Actor,
}
const testRun = {
  id: 'trn_02' as TestRunId,
  ruleId: rule,
  version: 1,
  verdict: 'passed',
  passed: 1,
  failed: 0,
  untold: 0,
  durationMs: 1,
  engine: 'x',
  results: [],
  at: 1 as Instant,
  by: 'system:test' as Actor,
} as const
const firstPage = { limit: 10, after: null, sort: 'title' } as const
const request = { actor: 'tok_ada' as Actor, key: 'key' }
const now = 2_000_000_000_000 as Instant
const lease = { jobId: ours, fence: 1, attempt: 1, owner: 'acme' }

type Attack = (globexTx: Tx, globexReader: Reader) => Promise<unknown>

/** What the other workspace tries. The answer must not hold our id. */
const attacks: Readonly<Record<string, Readonly<Record<string, Attack>>>> = {
  'src/platform/jobs/store.ts': {
    countQueued: async (tx) => assert.equal(await jobs.countQueued(tx), 0),
    getJob: (_, reader) => assert.rejects(jobs.getJob(reader, globex, ours), { code: 'forbidden' }),
    listJobs: (_, reader) => jobs.listJobs(reader, globex, {}, { limit: 100 }),
    claimJobs: (tx) =>
      jobs.claimJobs(tx, {
        owner: 'globex',
        now,
        leaseUntil: now,
        max: 10,
        perWorkspaceMax: 10,
        perKindMax: new Map(),
      }),
    foreignLeases: (tx) => jobs.foreignLeases(tx, 'globex'),
    renewLeases: (tx) => jobs.renewLeases(tx, 'acme', now),
    isLeased: async (tx) => assert.equal(await jobs.isLeased(tx, lease), false),
    updateLeased: async (tx) =>
      assert.equal(await jobs.updateLeased(tx, lease, { reason: 'stolen' }), false),
    requestCancel: (tx) => jobs.requestCancel(tx, ours),
    cancelQueued: (tx) => jobs.cancelQueued(tx, ours, { reason: 'stolen', endedAt: now }),
    deleteEnded: async (tx) => {
      const which = { states: ['queued', 'leased', 'succeeded'] as const, before: now, max: 10 }
      assert.equal(await jobs.deleteEnded(tx, which), 0)
    },
  },
  'src/platform/idempotency/store.ts': {
    findRequest: async (tx) =>
      assert.equal(await requests.findRequest(tx, globex, request, 0 as Instant), undefined),
    deleteRequestsBefore: (tx) => requests.deleteRequestsBefore(tx, now),
  },
  'src/platform/jobs/step-store.ts': {
    findStep: async (tx) => assert.equal(await steps.findStep(tx, ours, 'send'), undefined),
    findOpenStep: async (tx) => assert.equal(await steps.findOpenStep(tx, ours), undefined),
    saveResult: (tx) =>
      steps.saveResult(tx, ours, 'send', { value: 'stolen', at: now }).catch(() => {}),
    deleteIntent: (tx) => steps.deleteIntent(tx, ours, 'send'),
    insertIntent: (tx) =>
      assert.rejects(
        steps.insertIntent(
          tx,
          ours,
          { stepId: 'other', idempotencyKey: 'key', desiredHash: 'hash' },
          now,
        ),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/rule-store.ts': {
    getRule: (_, reader) =>
      assert.rejects(rules.getRule(reader, globex, rule), { code: 'forbidden' }),
    selectLevels: (_, reader) => rules.selectLevels(reader, globex),
    selectRulesById: (_, reader) => rules.selectRulesById(reader, globex, [rule]),
    selectRulesByHash: (_, reader) => rules.selectRulesByHash(reader, globex, ['h']),
    selectRulesByAnyName: (_, reader) =>
      rules.selectRulesByAnyName(reader, globex, [rule, 'sigma_01']),
    selectRulesBySigmaId: (_, reader) => rules.selectRulesBySigmaId(reader, globex, ['sigma_01']),
    findRuleBySigmaId: (_, reader) => rules.findRuleBySigmaId(reader, globex, 'sigma_01'),
    updateRule: (tx) => rules.updateRule(tx, rule, { title: 'stolen' }),
    deleteRule: (tx) => assert.rejects(rules.deleteRule(tx, rule), { code: 'forbidden' }),
  },
  'src/domain/rules/version-store.ts': {
    getVersion: (_, reader) =>
      assert.rejects(versions.getVersion(reader, globex, rule, 1), { code: 'forbidden' }),
    selectVersions: (_, reader) => versions.selectVersions(reader, globex, rule, { limit: 10 }),
    // The foreign key holds the workspace, so a version of another's rule has no rule.
    insertVersion: (tx) =>
      assert.rejects(
        versions.insertVersion(tx, { ...version, ruleId: rule, number: 2 }),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/files/store.ts': {
    findFile: (_, reader) => ruleFiles.findFile(reader, globex, rule),
    selectFiled: (_, reader) => ruleFiles.selectFiled(reader, globex, { limit: 10, after: null }),
    selectTexts: (_, reader) => ruleFiles.selectTexts(reader, globex, [{ rule, version: 1 }]),
    // The foreign key holds the workspace, so a file of another's rule has no rule.
    keepFile: (tx) =>
      assert.rejects(
        ruleFiles.keepFile(tx, {
          ruleId: rule,
          path: 'stolen',
          document: 0,
          version: 1,
          contentHash: '',
        }),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/upstreams/store.ts': UPSTREAM_ATTACKS,
  'src/domain/rules/exclusions/store.ts': EXCLUSION_ATTACKS,
  'src/domain/rules/lists/store.ts': LIST_ATTACKS,
  ...ADOPTION_ATTACKS,
  ...PLACEMENT_ATTACKS,
  ...HEALTH_ATTACKS,
  ...CHANGE_ATTACKS,
  ...DEPLOYMENT_ATTACKS,
  ...HISTORY_ATTACKS,
  ...DRIFT_ATTACKS,
  ...TARGET_ATTACKS,
  ...MAPPING_ATTACKS,
  ...SEARCH_ATTACKS,
  ...BACKTEST_ATTACKS,
  'src/domain/rules/imports/store.ts': IMPORT_ATTACKS,
  'src/domain/rules/renders/store.ts': {
    selectRenders: (_, reader) => renders.selectRenders(reader, globex, rule, 'x'),
    selectSources: (_, reader) => renders.selectSources(reader, globex, ['sigma_01']),
    selectIdle: (_, reader) => renders.selectIdle(reader, globex, []),
    selectReferences: (_, reader) => renders.selectReferences(reader, globex, [rule]),
    selectPending: (_, reader) =>
      renders.selectPending(reader, globex, { renderer: 'y', limit: 10, after: null }),
    markRulesPending: (tx) => renders.markRulesPending(tx, [rule]),
    markPending: (tx) => renders.markPending(tx, ['sigma_01', 'other']),
    saveRenders: (tx) =>
      renders.saveRenders(tx, {
        ruleId: rule,
        version: 1,
        renderer: 'x',
        at: now,
        isPending: false,
        renderings: [],
        bodies: [],
      }),
  },
  'src/domain/rules/views/store.ts': {
    selectViews: (_, reader) => views.selectViews(reader, globex, 'usr_ada' as UserId),
    renameView: (tx) => views.renameView(tx, 'usr_ada' as UserId, 'vew_01' as ViewId, 'stolen'),
    setDefaultView: (tx) => views.setDefaultView(tx, 'usr_ada' as UserId, 'vew_01' as ViewId),
    deleteView: (tx) => views.deleteView(tx, 'usr_ada' as UserId, 'vew_01' as ViewId),
  },
  'src/domain/rules/bulk/store.ts': {
    getBulk: (_, reader) =>
      assert.rejects(bulks.getBulk(reader, globex, ours), { code: 'forbidden' }),
    deleteBulksBefore: (tx) => bulks.deleteBulksBefore(tx, now),
    findUndo: async (_, reader) => assert.equal(await bulks.findUndo(reader, globex, ours), null),
    countBulkItems: async (_, reader) =>
      assert.equal((await bulks.countBulkItems(reader, globex, ours)).changed, 0),
    selectBulkItems: (_, reader) =>
      bulks.selectBulkItems(reader, globex, ours, { limit: 10, after: null }),
    // The foreign key holds the workspace, so there is no such change here.
    insertBulkItems: (tx) =>
      assert.rejects(
        bulks.insertBulkItems(tx, ours, [
          { ruleId: rule, title: 'x', result: 'same', before: null, after: null, message: null },
        ]),
        /FOREIGN KEY/,
      ),
  },
  'src/domain/rules/groups/store.ts': {
    getGroup: (_, reader) =>
      assert.rejects(groups.getGroup(reader, globex, 'grp_01' as GroupId), { code: 'forbidden' }),
    isGroupUsed: async (_, reader) =>
      assert.equal(await groups.isGroupUsed(reader, globex, 'stolen'), false),
    findGroupOf: async (tx) => assert.equal(await groups.findGroupOf(tx, 'stolen'), undefined),
    renameGroup: (tx) => groups.renameGroup(tx, 'grp_01' as GroupId, 'stolen'),
    deleteGroup: (tx) => groups.deleteGroup(tx, 'grp_01' as GroupId),
    selectGroups: (_, reader) => groups.selectGroups(reader, globex, { limit: 10, after: null }),
  },
  'src/domain/rules/testing/store.ts': {
    selectTestRuns: (_, reader) => testRuns.selectTestRuns(reader, globex, rule, 10),
    selectRulesWithCases: (_, reader) =>
      testRuns.selectRulesWithCases(reader, globex, { ruleIds: [rule], limit: 10, after: null }),
    countRulesWithCases: async (_, reader) =>
      assert.equal(await testRuns.countRulesWithCases(reader, globex, {}), 0),
    insertTestRun: (tx) => assert.rejects(testRuns.insertTestRun(tx, testRun), /FOREIGN KEY/),
  },
  'src/domain/rules/list-store.ts': {
    selectRules: (_, reader) => ruleLists.selectRules(reader, globex, { q: 'stolen' }, firstPage),
    selectRulesToExport: (_, reader) =>
      ruleLists.selectRulesToExport(reader, globex, {}, { limit: 10, after: null }),
    countTechniques: (_, reader) => ruleLists.countTechniques(reader, globex, {}),
    countRules: async (_, reader) =>
      assert.equal(await ruleLists.countRules(reader, globex, { q: 'stolen' }), 0),
  },
  'src/platform/jobs/schedule-store.ts': {
    findSchedule: async (tx) =>
      assert.equal(await schedules.findSchedule(tx, 'nightly'), undefined),
    updateSchedule: (tx) => schedules.updateSchedule(tx, schedule, { title: 'stolen' }),
    deleteSchedule: (tx) => schedules.deleteSchedule(tx, schedule),
    listSchedules: (tx) => schedules.listSchedules(tx),
    isWaiting: async (tx) => assert.equal(await schedules.isWaiting(tx, schedule), false),
    // The foreign key holds the workspace, so a slot of another's schedule does not exist.
    takeSlot: (tx) =>
      assert.rejects(
        schedules.takeSlot(tx, { id: schedule, forgottenUntil: 0 } as schedules.ScheduleRow, {
          at: now,
          jobId: null,
          firedAt: now,
        }),
        /FOREIGN KEY/,
      ),
  },
}

/** Functions that touch no row of a workspace, or write only into the workspace of their tx. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  'src/domain/changes/store.ts': ['insertChange'],
  'src/platform/jobs/store.ts': [
    'rememberWorkspace', // writes the scope's own id
    'insertJob', // into the scope of the tx; the guard refuses any other
    'workspacesWithJobs', // ids only, for the runner
    'earliest', // pure
    'toJob', // pure
    'progressText', // pure
  ],
  'src/domain/rules/rule-store.ts': [
    'insertRule', // into the scope of the tx
    'toSummary', // pure
  ],
  'src/domain/rules/bulk/store.ts': ['insertBulk'], // into the scope of the tx
  'src/domain/rules/exclusions/store.ts': [
    'insertExclusion', // into the scope of the tx
    'toExclusion', // pure
  ],
  'src/domain/rules/lists/store.ts': [
    'insertList', // into the scope of the tx
    'toList', // pure
  ],
  'src/domain/rules/imports/store.ts': ['insertImport'], // into the scope of the tx
  'src/domain/rules/upstreams/store.ts': [
    'insertUpstream', // into the scope of the tx
    'readProblems', // pure
  ],
  'src/domain/searches/store.ts': [
    'insertSearch', // into the scope of the tx
    'toSegment', // pure
  ],
  'src/domain/adoption/store.ts': ['narrow'], // over a query that has its workspace
  'src/domain/searches/saved-store.ts': ['insertSaved'], // into the scope of the tx
  'src/domain/deployments/hotfix-store.ts': ['insertHotfix'], // into the scope of the tx
  'src/domain/changes/backtest-store.ts': ['insertBacktest'], // into the scope of the tx
  'src/domain/searches/pin-store.ts': ['insertPin'], // into the scope of the tx
  'src/domain/targets/store.ts': ['insertTarget'], // into the scope of the tx
  'src/domain/rules/groups/store.ts': ['insertGroup', 'insertMissingGroup'], // into the scope of the tx
  'src/domain/deployments/store.ts': ['insertDeployment'], // into the scope of the tx
  'src/domain/rules/views/store.ts': ['insertView'], // into the scope of the tx
  'src/domain/rules/list-store.ts': ['placeOf', 'ruleConditions'], // pure
  'src/platform/idempotency/store.ts': ['insertRequest'], // into the scope of the tx
  'src/platform/jobs/schedule-store.ts': ['insertSchedule'], // into the scope of the tx
}

// Tables of the instance: who may call is the permission table's question.
const instanceStores = [
  'src/domain/messages/store.ts',
  'src/domain/workspaces/policy-store.ts',
  'src/domain/identity/store.ts',
  'src/domain/identity/identity-store.ts',
  'src/domain/identity/own-key-store.ts',
  'src/domain/identity/scim-store.ts',
  'src/domain/identity/scim-filter-store.ts',
  'src/domain/identity/scim-directory-store.ts',
  'src/domain/identity/scim-group-store.ts',
  'src/domain/identity/scim-token-store.ts',
  'src/domain/access/device-store.ts',
  'src/domain/access/email-store.ts',
  'src/domain/access/link-store.ts',
  'src/domain/access/member-store.ts',
  'src/domain/access/people-store.ts',
  'src/domain/access/passkey-store.ts',
  'src/domain/access/session-store.ts',
  'src/domain/access/token-store.ts',
  'src/domain/access/throttle-store.ts',
  'src/domain/access/totp-store.ts',
  'src/domain/access/user-store.ts',
  'src/domain/backups/store.ts',
  'src/domain/instance/attack-store.ts',
  'src/domain/workspaces/store.ts',
  'src/platform/keys/store.ts',
]

// Each workspace has a file of its own, and what reads it is given that one file and nothing else;
// test/adapters/siem/local.test.ts tries every way to name another's.
const OWN_FILES = 'src/adapters/siem/local/'

test('every store function is tried as the other workspace, or is named as one that need not be', async () => {
  const stores = globSync('src/{domain,platform,adapters}/**/{store,*-store}.ts', { cwd: root })
  assert.ok(stores.includes('src/platform/jobs/store.ts'), 'the premise')
  for (const store of stores) {
    if (store.startsWith(OWN_FILES)) refuseOtherFiles(store)
    if (instanceStores.includes(store) || store.startsWith(OWN_FILES)) continue
    const exported = Object.entries((await import(path.join(root, store))) as object)
    const functions = exported.filter(([, value]) => typeof value === 'function')
    const known = [...Object.keys(attacks[store] ?? {}), ...(harmless[store] ?? [])]
    assert.deepEqual(functions.map(([name]) => name).toSorted(), known.toSorted(), store)
  }
})

function refuseOtherFiles(store: string): void {
  const text = readFileSync(path.join(root, store), 'utf8')
  const exported = text.match(/^export (?:async )?function \w+\(/gm) ?? []
  const ofOneFile = text.match(/^export (?:async )?function \w+\(\s*db: Connection\b/gm) ?? []
  assert.ok(exported.length > 0 && exported.length === ofOneFile.length, store)
  assert.doesNotMatch(text, /\battach\b|openReader|openWriter|withReader|withWriter/i, store)
}

// What leads to those tables, and what an admin of a workspace who calls it is told.
const ownersActions: Readonly<Record<string, Readonly<Record<string, OwnersAction>>>> = {
  'src/domain/backups/actions.ts': {
    createBackup: (house, caller) => backups.createBackup(house, caller, 'stolen', noWatch),
    createScheduledBackup: (house, caller) =>
      backups.createScheduledBackup(house, caller, { folder: 'stolen', keep: 1 }, noWatch),
    requestBackup: backups.requestBackup,
    readBackups: backups.readBackups,
  },
  'src/domain/workspaces/actions.ts': {
    addWorkspace: (house, caller) =>
      workspaces.addWorkspace(house, caller, { slug: 'stolen', name: 'Stolen' }),
    addFirstWorkspace: workspaces.addFirstWorkspace,
    listWorkspaces: workspaces.listWorkspaces,
    getWorkspace: (house, caller) => workspaces.getWorkspace(house, caller, 'acme'),
    suspendWorkspace: (house, caller) =>
      workspaces.suspendWorkspace(house, caller, acme.workspaceId as WorkspaceId, true),
  },
  'src/domain/instance/attack-actions.ts': {
    importAttack: (house, caller) => attack.importAttack(house, caller, '/stolen.json'),
    readAttackStatus: attack.readAttackStatus,
    resetAttack: attack.resetAttack,
  },
  'src/domain/instance/actions.ts': {
    checkDatabase: (house, caller) => instance.checkDatabase(house, caller, noWatch.signal),
    releaseInstance: instance.releaseInstance,
    rotateSecret: (house, caller) =>
      instance.rotateSecret(house, caller, Buffer.from('stolen'.repeat(8))),
  },
}

type OwnersAction = (house: House, caller: Caller) => Promise<unknown>

const noWatch = { signal: new AbortController().signal, progress: () => {} }

test('whoever is only in a workspace reaches nothing of the instance, by any action', async (t) => {
  const { house, globex: theirs } = await startApp(t)
  const caller: Caller = {
    ...systemCaller(house, 'test'),
    scope: makeScope(theirs.id),
    verbs: verbsOf('admin', ['approver', 'auditor']),
  }
  for (const [file, actions] of Object.entries(ownersActions)) {
    const exported = Object.entries((await import(path.join(root, file))) as object)
    const known = exported
      .filter(([, value]) => (value as object).constructor.name === 'AsyncFunction')
      .map(([name]) => name)
    assert.deepEqual(known.toSorted(), Object.keys(actions).toSorted(), file)
    for (const [name, action] of Object.entries(actions)) {
      await assert.rejects(action(house, caller), { code: 'forbidden' }, `${file} ${name}`)
    }
  }
})

test('the other workspace finds, changes and deletes nothing of ours', async (t) => {
  const db = await openDatabase(makeFolder(t))
  t.after(() => db.close())
  for (const state of ['queued', 'leased', 'succeeded'] as const) {
    for (const [store, functions] of Object.entries(attacks)) {
      for (const [name, attack] of Object.entries(functions)) {
        await db.write({ scope: acme }, (tx) => runSteps(tx, plant(state)))
        const before = await db.inspect(everything())
        assert.ok(before.length >= TABLES.length, 'the premise')
        const reader = db.read(globex)
        // A reader may not be used inside a write body.
        const answer = takesReader(attack)
          ? await attack(undefined as never, reader)
          : await db.write({ scope: globex }, (tx) => attack(tx, reader))
        const what = `${store} ${name} beside a job that is ${state}`
        const known = /job_01|sch_01|rul_01|tgt_01|crd_01|imp_01|ups_01|exc_01|grp_01|vew_01/
        assert.doesNotMatch(JSON.stringify(answer ?? null), known, what)
        assert.deepEqual(await db.inspect(everything()), before, what)
        await db.write({ scope: acme }, (tx) => runSteps(tx, clear()))
      }
    }
  }
})

function takesReader(attack: Attack): boolean {
  return attack.length === 2
}
