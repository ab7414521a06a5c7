// What another workspace tries on searches, and one search of acme for it to try on.

import assert from 'node:assert/strict'
import * as pins from '#domain/searches/pin-store.ts'
import * as savedSearches from '#domain/searches/saved-store.ts'
import * as searches from '#domain/searches/store.ts'
import type { Actor } from '#kernel/actor.ts'
import type { SavedSearchId, SearchId } from '#kernel/id.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'sea_01' as SearchId
const page = { limit: 10, after: null } as const
const saved = 'sav_01' as SavedSearchId

export const SEARCH_ATTACKS: Attacks = {
  'src/domain/searches/store.ts': {
    getSearch: (_, reader) =>
      assert.rejects(searches.getSearch(reader, globex, id), { code: 'forbidden' }),
    getSegment: (_, reader) =>
      assert.rejects(searches.getSegment(reader, globex, id, 1), { code: 'forbidden' }),
    selectSearches: (_, reader) => searches.selectSearches(reader, globex, {}, page),
    countSearches: async (_, reader) =>
      assert.equal(await searches.countSearches(reader, globex, {}), 0),
    updateSegment: (tx) => searches.updateSegment(tx, id, 1, { reason: 'stolen' }),
    updateSearch: (tx) => searches.updateSearch(tx, id, { savedId: 'sav_02' as SavedSearchId }),
    deleteSearch: (tx) => searches.deleteSearch(tx, id),
    selectRuns: async (_, reader) =>
      assert.deepEqual(
        await searches.selectRuns(reader, globex, saved, { limit: 10, offset: 0 }),
        [],
      ),
  },
  'src/domain/searches/saved-store.ts': {
    getSaved: (_, reader) =>
      assert.rejects(savedSearches.getSaved(reader, globex, saved), { code: 'forbidden' }),
    selectSaved: async (_, reader) =>
      assert.deepEqual(
        (await savedSearches.selectSaved(reader, globex, 'usr_ada' as Actor)).filter(
          ({ id: one }) => one === saved,
        ),
        [],
      ),
    countSaved: (_, reader) => savedSearches.countSaved(reader, globex),
    updateSaved: (tx) => savedSearches.updateSaved(tx, saved, { name: 'stolen' }),
    deleteSaved: (tx) => savedSearches.deleteSaved(tx, saved),
  },
  'src/domain/searches/pin-store.ts': {
    selectPins: async (_, reader) =>
      assert.deepEqual(await pins.selectPins(reader, globex, id), []),
    countPins: async (_, reader) => assert.equal(await pins.countPins(reader, globex, id), 0),
    deletePin: (tx) => pins.deletePin(tx, id, 1),
  },
}

export function* plantSearch(): Steps<void> {
  yield* change(
    `insert into "search" ("workspaceId", "id", "title", "language", "text", "ruleId", "purpose",
       "fromAt", "toAt", "rowsMax", "secondsMax", "evidenceDays", "createdAt", "createdBy", "savedId")
     values ('wsp_acme', 'sea_01', 'x', 'spl', 'x', null, '', 1, 2, 1, 1, 7, 1, 'usr_ada', 'sav_01')`,
  )
  yield* change(
    `insert into "searchSegment" ("workspaceId", "searchId", "position", "targetId", "targetName",
       "kind", "language", "text", "state", "attempt", "rowCount", "byteCount", "columns",
       "histogram", "notices")
     values ('wsp_acme', 'sea_01', 1, 'tgt_01', 'x', 'splunk', 'spl', 'x', 'queued', 1, 0, 0, '[]',
       '{}', '[]')`,
  )
  yield* change(
    `insert into "savedSearch" ("workspaceId", "id", "name", "language", "text", "targetIds", "spanMs",
       "rowsMax", "bytesMax", "secondsMax", "purpose", "isShared", "isPaused", "missedCount",
       "createdAt", "owner")
     values ('wsp_acme', 'sav_01', 'x', 'spl', 'x', '[]', 1, 1, 1, 1, '', 1, 0, 0, 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "searchPin" ("workspaceId", "id", "searchId", "number", "targetName", "position",
       "rowIndex", "note", "excerpt", "createdAt", "createdBy")
     values ('wsp_acme', 'pin_01', 'sea_01', 1, 'x', 1, 0, '', x'00', 1, 'usr_ada')`,
  )
}
