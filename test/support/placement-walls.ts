// What another workspace tries on where rules stand, and one such place of acme for it to try on.

import assert from 'node:assert/strict'
import type { Placement } from '#domain/placements/placement.ts'
import * as history from '#domain/placements/history-store.ts'
import * as placements from '#domain/placements/store.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const now = 2_000_000_000_000 as Instant
const placement: Placement = {
  ruleId: 'rul_01' as RuleId,
  targetId: 'tgt_01' as TargetId,
  ref: 'stolen',
  ownership: 'managed',
  state: 'live',
  version: 1,
  hash: 'x',
  body: {},
  raw: {},
  etag: null,
  origin: 'deployment',
  deploymentId: null,
  isSigned: false,
  soakUntil: null,
  since: now,
  checkedAt: now,
}

export const PLACEMENT_ATTACKS: Attacks = {
  'src/domain/placements/store.ts': {
    // The foreign keys hold the workspace, so another's rule and target do not exist.
    savePlacement: (tx) => assert.rejects(placements.savePlacement(tx, placement), /FOREIGN KEY/),
    updatePlacement: (tx) => placements.updatePlacement(tx, placement, { state: 'missing' }),
    deletePlacement: (tx) => placements.deletePlacement(tx, placement),
    selectPlacements: async (_, reader) =>
      assert.deepEqual(await placements.selectPlacements(reader, globex, {}), []),
    selectStates: async (tx) =>
      assert.deepEqual(await placements.selectStates(tx, placement.ruleId), []),
    selectLastWrites: async (_, reader) =>
      assert.deepEqual(await placements.selectLastWrites(reader, globex, [placement.ruleId]), []),
    selectWhere: async (_, reader) =>
      assert.deepEqual(await placements.selectWhere(reader, globex, [placement.ruleId]), []),
  },
}

export const HISTORY_ATTACKS: Attacks = {
  'src/domain/placements/history-store.ts': {
    findLastSpan: async (tx) => assert.equal(await history.findLastSpan(tx, placement), undefined),
    endSpan: (tx) => history.endSpan(tx, { ...placement, number: 1 }, now),
    insertSpan: (tx) =>
      assert.rejects(history.insertSpan(tx, shown, { number: 2, fromAt: now }), /FOREIGN KEY/),
    selectSpansAt: async (_, reader) =>
      assert.deepEqual(
        await history.selectSpansAt(reader, globex, { at: now, limit: 10, after: null }),
        [],
      ),
    insertLook: (tx) =>
      history.insertLook(tx, { targetId: placement.targetId, at: now, isComplete: true }),
    selectLooks: async (_, reader) =>
      assert.deepEqual(await history.selectLooks(reader, globex, placement.targetId, now), {
        lastAt: null,
        nextAt: null,
      }),
  },
}
const shown = { ...placement, ruleTitle: 'x', targetName: 'x', kind: 'local' } as const

/** After the target and the rule. */
export function* plantPlacement(): Steps<void> {
  yield* change(
    `insert into "placement" ("workspaceId", "ruleId", "targetId", "ref", "ownership", "state",
       "version", "hash", "body", "raw", "origin", "isSigned", "since", "checkedAt")
     values ('wsp_acme', 'rul_01', 'tgt_01', 'stolen', 'managed', 'live', 1, 'x', '{}', '{}',
       'deployment', 1, 1, 1)`,
  )
  yield* change(
    `insert into "placementHistory" ("workspaceId", "ruleId", "targetId", "number", "targetName",
       "kind", "ref", "ownership", "state", "version", "hash", "origin", "isSigned", "fromAt")
     values ('wsp_acme', 'rul_01', 'tgt_01', 1, 'london', 'local', 'stolen', 'managed', 'live', 1,
       'x', 'deployment', 1, 1)`,
  )
  yield* change(
    `insert into "placementBody" ("workspaceId", "hash", "body") values ('wsp_acme', 'x', '{}')`,
  )
  yield* change(
    `insert into "targetLook" ("workspaceId", "targetId", "at", "isComplete")
     values ('wsp_acme', 'tgt_01', 1, 1)`,
  )
  yield* change(
    `insert into "drift" ("workspaceId", "id", "targetId", "kind", "ruleId", "name", "state",
       "fields", "before", "notices", "foundAt", "seenAt")
     values ('wsp_acme', 'drf_01', 'tgt_01', 'changed', 'rul_01', 'stolen', 'found', '[]', 'live',
       '[]', 1, 1)`,
  )
}
