// What another workspace tries on findings of drift; one of acme is planted with its place.

import assert from 'node:assert/strict'
import * as forgotten from '#domain/adoption/forgotten-store.ts'
import * as asOf from '#domain/deployments/as-of-store.ts'
import * as drift from '#domain/deployments/drift-store.ts'
import { DriftFilter } from '#domain/deployments/drift-input.ts'
import type { DriftId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const now = 2_000_000_000_000 as Instant
const id = 'drf_01' as DriftId
const target = 'tgt_01' as TargetId
const rules = ['rul_01' as RuleId]
const filter = DriftFilter.parse({ state: 'all' })
const row: drift.NewDrift = {
  id: 'drf_02' as DriftId,
  targetId: target,
  kind: 'changed',
  ruleId: 'rul_01' as RuleId,
  dependencyId: null,
  name: 'stolen',
  state: 'found',
  fields: '[]',
  observedHash: null,
  observed: null,
  before: 'live',
  notices: '[]',
  remoteChangedAt: null,
  remoteChangedBy: null,
  foundAt: now,
  seenAt: now,
  wanted: null,
  changeId: null,
  endedAt: null,
  endedBy: null,
}

const stood = { targetId: target, ref: 'stolen', ruleId: 'rul_01' as RuleId, at: now }

export const DRIFT_ATTACKS: Attacks = {
  'src/domain/adoption/forgotten-store.ts': {
    selectMarked: async (_, reader) =>
      assert.deepEqual(await forgotten.selectMarked(reader, globex, { ruleId: rules[0]! }, 9), []),
  },
  'src/domain/deployments/as-of-store.ts': {
    findDependenciesAt: async (_, reader) =>
      assert.equal(await asOf.findDependenciesAt(reader, globex, stood), null),
    findFoundAt: async (_, reader) =>
      assert.equal(await asOf.findFoundAt(reader, globex, stood), null),
  },
  'src/domain/deployments/drift-store.ts': {
    // The foreign key holds the workspace, so another's rule does not exist.
    insertDrift: (tx) => assert.rejects(drift.insertDrift(tx, row), /FOREIGN KEY/),
    updateDrift: (tx) => drift.updateDrift(tx, id, { name: 'taken' }),
    selectNewest: async (tx) => assert.equal((await drift.selectNewest(tx, target, rules)).size, 0),
    selectUnplaced: async (tx) => assert.deepEqual(await drift.selectUnplaced(tx, target), []),
    selectPlacedRules: async (_, reader) =>
      assert.deepEqual(await drift.selectPlacedRules(reader, globex, target), []),
    selectPlacedTargets: async (_, reader) =>
      assert.deepEqual(await drift.selectPlacedTargets(reader, globex), []),
    selectBegun: async (tx) => assert.equal((await drift.selectBegun(tx, target, rules)).size, 0),
    selectBeingWritten: async (tx) =>
      assert.equal((await drift.selectBeingWritten(tx, target, rules)).size, 0),
    selectStoodBefore: async (tx) =>
      assert.equal((await drift.selectStoodBefore(tx, target, rules)).size, 0),
    selectSeen: async (tx) => assert.equal((await drift.selectSeen(tx, target, ['x'])).size, 0),
    selectMovedDependencies: async (tx) =>
      assert.deepEqual(await drift.selectMovedDependencies(tx, target), []),
    touchPlaces: (tx) => drift.touchPlaces(tx, target, rules, now),
    selectDrift: async (_, reader) =>
      assert.deepEqual(
        await drift.selectDrift(reader, globex, filter, { limit: 10, after: null }),
        [],
      ),
    countDrift: async (_, reader) =>
      assert.equal(await drift.countDrift(reader, globex, filter), 0),
    getDrift: (_, reader) =>
      assert.rejects(drift.getDrift(reader, globex, id), { code: 'forbidden' }),
  },
}
