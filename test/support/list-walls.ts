// A reference list of acme, and what the other workspace tries on it (test/walls.test.ts).

import assert from 'node:assert/strict'
import * as lists from '#domain/rules/lists/store.ts'
import type { ListId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

const list = 'lst_01' as ListId
const page = { limit: 10, after: null }

type Attacks = Readonly<Record<string, (globexTx: Tx, globexReader: Reader) => Promise<unknown>>>

export const LIST_ATTACKS: Attacks = {
  getListRow: (_, reader) =>
    assert.rejects(lists.getListRow(reader, globex, list), { code: 'forbidden' }),
  selectListsNamed: (_, reader) => lists.selectListsNamed(reader, globex, ['Admins']),
  selectLists: (_, reader) => lists.selectLists(reader, globex, {}, page),
  countLists: async (_, reader) => assert.equal(await lists.countLists(reader, globex, {}), 0),
  selectListVersions: (_, reader) => lists.selectListVersions(reader, globex, list, 10),
  selectListUse: async (_, reader) =>
    assert.deepEqual(await lists.selectListUse(reader, globex, 'Admins', 10), {
      rules: [],
      exclusions: [],
    }),
  updateList: (tx) => lists.updateList(tx, list, { owner: 'stolen' }),
  deleteList: (tx) => lists.deleteList(tx, list),
  // The foreign key holds the workspace, so another's list has no versions.
  insertListVersion: (tx) =>
    assert.rejects(
      lists.insertListVersion(tx, {
        listId: list,
        number: 2,
        items: '[]',
        why: '',
        createdAt: 1 as Instant,
        createdBy: 'system:test',
      }),
      /FOREIGN KEY/,
    ),
}

export function* plantList(): Steps<void> {
  yield* change(
    `insert into "referenceList" ("workspaceId", "id", "name", "about", "shape", "valuesMax", "items",
       "valueCount", "contentHash", "owner", "reviewBy", "version", "createdAt", "createdBy",
       "updatedAt", "updatedBy")
     values ('wsp_acme', 'lst_01', 'Admins', 'x', 'text', 10, '["x"]', 1, 'x', 'x', 9, 1, 1, 'usr_ada',
       1, 'usr_ada')`,
  )
  yield* change(
    `insert into "referenceListVersion" ("workspaceId", "listId", "number", "items", "why", "createdAt",
       "createdBy")
     values ('wsp_acme', 'lst_01', 1, '["x"]', 'x', 1, 'usr_ada')`,
  )
}
