// What another workspace tries on changes, and one of acme for it to try on.

import assert from 'node:assert/strict'
import * as changes from '#domain/changes/store.ts'
import * as waiting from '#domain/changes/waiting-store.ts'
import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, RuleId, TargetId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'chg_01' as ChangeId
const now = 2_000_000_000_000 as Instant
const by = 'usr_gwen' as Actor
const waiter = { userId: 'usr_ada' as UserId, maySign: true, mayDeploy: true }

export const CHANGE_ATTACKS: Attacks = {
  'src/domain/changes/waiting-store.ts': {
    selectWaiting: async (_, reader) =>
      assert.deepEqual(await waiting.selectWaiting(reader, globex, waiter, 10), []),
    countWaitingRows: async (_, reader) =>
      assert.equal(await waiting.countWaitingRows(reader, globex, waiter), 0),
    selectMine: async (_, reader) =>
      assert.deepEqual(await waiting.selectMine(reader, globex, waiter.userId, 10), []),
  },
  'src/domain/changes/store.ts': {
    getChangeRow: (_, reader) =>
      assert.rejects(changes.getChangeRow(reader, globex, id), { code: 'forbidden' }),
    findChangeRow: async (_, reader) =>
      assert.equal(await changes.findChangeRow(reader, globex, id), undefined),
    selectChanges: async (_, reader) =>
      assert.deepEqual(
        await changes.selectChanges(reader, globex, {}, { limit: 10, after: null }),
        [],
      ),
    countChanges: async (_, reader) =>
      assert.equal(await changes.countChanges(reader, globex, { rule: 'rul_01' as RuleId }), 0),
    selectFollowing: async (_, reader) =>
      assert.deepEqual(await changes.selectFollowing(reader, globex, id), []),
    selectOpen: async (_, reader) => assert.deepEqual(await changes.selectOpen(reader, globex), []),
    updateChange: (tx) => changes.updateChange(tx, id, { title: 'mine', state: 'approved' }),
    // The foreign keys hold the workspace, so another's change does not exist.
    putItems: (tx) =>
      assert.rejects(
        changes.putItems(tx, id, [
          {
            changeId: id,
            number: 2,
            ruleId: 'rul_01' as RuleId,
            ruleTitle: 'x',
            targetId: 'tgt_01' as TargetId,
            targetName: 'x',
            kind: 'local',
            action: 'add',
            version: 1,
            wantedVersion: null,
            body: null,
            bodyHash: null,
            becomes: null,
            switches: [],
            replaces: null,
            inputs: {},
            madeFrom: '',
            problems: [],
            waivers: [],
          },
        ]),
        /FOREIGN KEY/,
      ),
    updateItem: (tx) => changes.updateItem(tx, id, 1, { waivers: [] }),
    selectItems: async (_, reader) =>
      assert.deepEqual(await changes.selectItems(reader, globex, id), []),
    insertSignature: (tx) =>
      assert.rejects(
        changes.insertSignature(tx, id, {
          userId: 'usr_gwen' as UserId,
          name: 'Gwen',
          decision: 'approve',
          hash: 'x',
          comment: '',
          at: now,
          voidedBecause: null,
          isPasskey: false,
          passkey: null,
          statement: '{}',
          signature: '',
          keySeq: 1,
        }),
        /FOREIGN KEY/,
      ),
    selectSignatures: async (_, reader) =>
      assert.deepEqual(await changes.selectSignatures(reader, globex, id), []),
    voidSignatures: (tx) => changes.voidSignatures(tx, id, 'mine'),
    insertComment: (tx) =>
      assert.rejects(changes.insertComment(tx, id, { by, text: 'x', at: now }), /FOREIGN KEY/),
    selectComments: async (_, reader) =>
      assert.deepEqual(await changes.selectComments(reader, globex, id), []),
    insertEvent: (tx) =>
      assert.rejects(
        changes.insertEvent(tx, id, { what: 'x', reason: '', by, at: now }),
        /FOREIGN KEY/,
      ),
    selectEvents: async (_, reader) =>
      assert.deepEqual(await changes.selectEvents(reader, globex, id), []),
  },
}

export function* plantChange(): Steps<void> {
  yield* change(
    `insert into "change" ("workspaceId", "id", "title", "why", "state", "origin", "author",
       "editors", "createdAt", "createdBy", "updatedAt", "hash", "itemCount", "policy", "version")
     values ('wsp_acme', 'chg_01', 'stolen', '', 'draft', 'rules', 'usr_ada', '[]', 1, 'usr_ada', 1,
       'x', 1, '{}', 1)`,
  )
  yield* change(
    `insert into "changeItem" ("workspaceId", "changeId", "number", "ruleId", "ruleTitle",
       "targetId", "targetName", "kind", "action", "inputs", "madeFrom", "problems", "waivers")
     values ('wsp_acme', 'chg_01', 1, 'rul_01', 'stolen', 'tgt_01', 'x', 'local', 'pause', '{}', '',
       '[]', '[]')`,
  )
  yield* change(
    `insert into "changeSignature" ("workspaceId", "changeId", "number", "userId", "name",
       "decision", "hash", "comment", "at", "statement", "signature", "keySeq")
     values ('wsp_acme', 'chg_01', 1, 'usr_ada', 'Ada', 'approve', 'x', '', 1, '{}', '', 1)`,
  )
  yield* change(
    `insert into "changeComment" ("workspaceId", "changeId", "number", "by", "text", "at")
     values ('wsp_acme', 'chg_01', 1, 'usr_ada', 'stolen', 1)`,
  )
  yield* change(
    `insert into "changeEvent" ("workspaceId", "changeId", "number", "what", "reason", "by", "at")
     values ('wsp_acme', 'chg_01', 1, 'open', '', 'usr_ada', 1)`,
  )
}
