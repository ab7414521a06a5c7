// What another workspace tries on what stands on targets, and one such rule of acme for it to try on.

import assert from 'node:assert/strict'
import * as adoptions from '#domain/adoption/adoption-store.ts'
import * as history from '#domain/adoption/built-on-store.ts'
import * as dependencies from '#domain/adoption/dependency-store.ts'
import { NO_COUNTS } from '#domain/adoption/observed.ts'
import * as observed from '#domain/adoption/store.ts'
import type { Actor } from '#kernel/actor.ts'
import type { DependencyId, JobId, ObservedId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'obs_01' as ObservedId
const target = 'tgt_01' as TargetId
const jobId = 'job_01' as JobId
const now = 2_000_000_000_000 as Instant
const all = { filter: {}, now }
const chosen = { chosen: {}, now }
const lettable = { ...chosen, isReviewed: false }
const page = { limit: 10, after: null, sort: 'name' } as const
const adopted = {
  jobId,
  created: 1,
  linked: 0,
  observeOnly: 0,
  refused: [],
  refusedCount: 0,
}
const pull = {
  targetId: target,
  jobId,
  state: 'running',
  startedAt: now,
  endedAt: null,
  doneAt: null,
  completeness: null,
  dependencies: null,
  counts: NO_COUNTS,
  reason: 'stolen',
  adopted: null,
} as const
const row = {
  id: 'obs_02' as ObservedId,
  targetId: target,
  ref: 'x',
  name: 'x',
  sortName: 'x',
  type: 'x',
  level: null,
  isEnabled: null,
  hash: 'x',
  body: '{}',
  raw: '{}',
  uuid: null,
  marker: null,
  managers: '[]',
  isManaged: 0 as const,
  actions: '[]',
  notices: '[]',
  observeOnly: null,
  etag: null,
  remoteChangedAt: null,
  remoteChangedBy: null,
  missingSince: null,
  firstSeenAt: now,
  lastSeenAt: now,
  changedAt: now,
}
const adoption = {
  observedId: id,
  targetId: target,
  ruleId: 'rul_01' as RuleId,
  ownership: 'managed' as const,
  hash: 'x',
  body: '{}',
  raw: '{}',
  statement: '{}',
  signature: 'x',
  keySeq: 1,
  adoptedAt: now,
  adoptedBy: 'system:test' as Actor,
}

const dependency = {
  id: 'dpn_02' as DependencyId,
  targetId: target,
  kind: 'macro' as const,
  name: 'stolen',
  title: 'stolen',
  state: 'told' as const,
  version: 1,
  hash: 'x',
  definition: '{}',
  givenAt: now,
  givenBy: 'usr_eve',
  at: now,
}

export const ADOPTION_ATTACKS: Attacks = {
  'src/domain/adoption/store.ts': {
    selectRefs: (_, reader) => observed.selectRefs(reader, globex, target),
    selectWhole: (_, reader) => observed.selectWhole(reader, globex, [id]),
    fromObserved: async (_, reader) =>
      assert.deepEqual(await observed.fromObserved(reader, globex).selectAll().execute(), []),
    findPull: async (_, reader) =>
      assert.equal(await observed.findPull(reader, globex, target), undefined),
    // The foreign keys hold the workspace, so another's target does not exist.
    savePull: (tx) => assert.rejects(observed.savePull(tx, pull), /FOREIGN KEY/),
    saveAdopted: (tx) => observed.saveAdopted(tx, target, adopted),
    insertObserved: (tx) => assert.rejects(observed.insertObserved(tx, [row]), /FOREIGN KEY/),
    updateObserved: (tx) => observed.updateObserved(tx, id, { name: 'stolen' }),
    markMissing: async (tx) =>
      assert.equal(await observed.markMissing(tx, target, { seenSince: now, now }), 0),
    selectKnown: (_, reader) => observed.selectKnown(reader, globex, target, ['x']),
    selectObserved: (_, reader) => observed.selectObserved(reader, globex, target, all, page),
    countObserved: async (_, reader) =>
      assert.equal(await observed.countObserved(reader, globex, target, all), 0),
    countTypes: (_, reader) => observed.countTypes(reader, globex, target),
    getObserved: (_, reader) =>
      assert.rejects(observed.getObserved(reader, globex, id), { code: 'forbidden' }),
    findObservedByRef: async (_, reader) =>
      assert.equal(await observed.findObservedByRef(reader, globex, target, 'x'), undefined),
  },
  'src/domain/adoption/built-on-store.ts': {
    keepBuiltOn: (tx) => history.keepBuiltOn(tx, [id], now),
  },
  'src/domain/adoption/dependency-store.ts': {
    selectKnownDependencies: (_, reader) =>
      dependencies.selectKnownDependencies(reader, globex, target),
    insertDependency: (tx) =>
      assert.rejects(dependencies.insertDependency(tx, dependency), /FOREIGN KEY/),
    updateDependency: (tx) =>
      dependencies.updateDependency(tx, { ...dependency, id: 'dpn_01' as DependencyId }, false),
    updateState: (tx) =>
      dependencies.updateState(tx, 'dpn_01' as DependencyId, { state: 'missing', seenAt: now }),
    replaceLinks: (tx) => dependencies.replaceLinks(tx, id, []),
    replaceReactions: (tx) => dependencies.replaceReactions(tx, target, []),
    findDependency: async (_, reader) => {
      const named = { targetId: target, kind: 'macro', name: 'stolen' } as const
      assert.equal(await dependencies.findDependency(reader, globex, named), undefined)
    },
    selectAutomation: (_, reader) => dependencies.selectAutomation(reader, globex, target),
    selectDefined: (_, reader) =>
      dependencies.selectDefined(reader, globex, target, { by: 'target' }),
    selectBuiltOn: (_, reader) =>
      dependencies.selectBuiltOn(reader, globex, ['dpn_01' as DependencyId]),
    selectReactions: async (_, reader) =>
      assert.equal((await dependencies.selectReactions(reader, globex, [id])).size, 0),
    selectDependencies: (_, reader) =>
      dependencies.selectDependencies(reader, globex, { limit: 10, after: null }),
  },
  'src/domain/adoption/adoption-store.ts': {
    insertAdoption: (tx) => assert.rejects(adoptions.insertAdoption(tx, adoption), /FOREIGN KEY/),
    deleteAdoption: (tx) => adoptions.deleteAdoption(tx, id),
    selectBound: async (_, reader) =>
      assert.deepEqual(await adoptions.selectBound(reader, globex, target), []),
    findAdoption: async (_, reader) =>
      assert.equal(await adoptions.findAdoption(reader, globex, id), undefined),
    getWhole: (_, reader) =>
      assert.rejects(adoptions.getWhole(reader, globex, id), { code: 'forbidden' }),
    findRef: async (_, reader) =>
      assert.equal(await adoptions.findRef(reader, globex, id), undefined),
    selectObservedIds: (_, reader) =>
      adoptions.selectObservedIds(reader, globex, 'rul_01' as RuleId),
    countUnbound: async (_, reader) =>
      assert.equal(await adoptions.countUnbound(reader, globex, target, chosen), 0),
    selectUnbound: (_, reader) =>
      adoptions.selectUnbound(reader, globex, target, { ...chosen, limit: 10, after: null }),
    countBound: async (_, reader) =>
      assert.equal(await adoptions.countBound(reader, globex, target, lettable), 0),
    selectChosenBound: (_, reader) =>
      adoptions.selectChosenBound(reader, globex, target, { ...lettable, limit: 10 }),
    selectUnboundWhole: (_, reader) =>
      adoptions.selectUnboundWhole(reader, globex, target, { ...chosen, limit: 10, after: null }),
    selectSameBodies: (_, reader) =>
      adoptions.selectSameBodies(reader, globex, { id: target, kind: 'local' }, ['x']),
  },
}

/** After the target and the rule. */
export function* plantObserved(): Steps<void> {
  yield* change(
    `insert into "targetPull" ("workspaceId", "targetId", "jobId", "state", "startedAt", "counts")
     values ('wsp_acme', 'tgt_01', 'job_01', 'done', 1, '{}')`,
  )
  for (const id of ['obs_01', 'obs_03']) {
    yield* change(
      `insert into "observedRule" ("workspaceId", "id", "targetId", "ref", "name", "sortName", "type",
         "hash", "body", "raw", "managers", "isManaged", "actions", "notices", "firstSeenAt",
         "lastSeenAt", "changedAt")
       values ('wsp_acme', ?, 'tgt_01', ?, 'stolen', 'stolen', 'query', 'x', '{}', '{}', '[]', 0, '[]',
         '[]', 1, 1, 1)`,
      id,
      id,
    )
  }
  yield* change(
    `insert into "adoption" ("workspaceId", "observedId", "targetId", "ruleId", "ownership", "hash",
       "body", "raw", "statement", "signature", "keySeq", "adoptedAt", "adoptedBy")
     values ('wsp_acme', 'obs_01', 'tgt_01', 'rul_01', 'managed', 'x', '{}', '{}', '{}', 'x', 1, 1,
       'usr_ada')`,
  )
  yield* change(
    `insert into "dependency" ("workspaceId", "id", "targetId", "kind", "name", "state", "version",
       "hash", "definition", "firstSeenAt", "changedAt", "seenAt")
     values ('wsp_acme', 'dpn_01', 'tgt_01', 'macro', 'stolen', 'told', 1, 'x', '{}', 1, 1, 1)`,
  )
  yield* change(
    `insert into "observedDependency" ("workspaceId", "observedId", "dependencyId")
     values ('wsp_acme', 'obs_01', 'dpn_01')`,
  )
}
