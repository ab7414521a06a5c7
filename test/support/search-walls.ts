// What another workspace tries on searches, and one search of acme for it to try on.

import assert from 'node:assert/strict'
import * as searches from '#domain/searches/store.ts'
import type { SearchId } from '#kernel/id.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'sea_01' as SearchId
const page = { limit: 10, after: null, isSaved: false } as const

export const SEARCH_ATTACKS: Attacks = {
  'src/domain/searches/store.ts': {
    getSearch: (_, reader) =>
      assert.rejects(searches.getSearch(reader, globex, id), { code: 'forbidden' }),
    getSegment: (_, reader) =>
      assert.rejects(searches.getSegment(reader, globex, id, 1), { code: 'forbidden' }),
    selectSearches: (_, reader) => searches.selectSearches(reader, globex, page),
    countSearches: async (_, reader) =>
      assert.equal(await searches.countSearches(reader, globex, false), 0),
    updateSegment: (tx) => searches.updateSegment(tx, id, 1, { reason: 'stolen' }),
    updateSearch: (tx) => searches.updateSearch(tx, id, { title: 'stolen' }),
    deleteSearch: (tx) => searches.deleteSearch(tx, id),
  },
}

export function* plantSearch(): Steps<void> {
  yield* change(
    `insert into "search" ("workspaceId", "id", "title", "language", "text", "ruleId", "purpose",
       "fromAt", "toAt", "rowsMax", "secondsMax", "evidenceDays", "isSaved", "createdAt", "createdBy")
     values ('wsp_acme', 'sea_01', 'x', 'spl', 'x', null, '', 1, 2, 1, 1, 7, 0, 1, 'usr_ada')`,
  )
  yield* change(
    `insert into "searchSegment" ("workspaceId", "searchId", "position", "targetId", "targetName",
       "kind", "language", "text", "state", "attempt", "rowCount", "byteCount", "columns",
       "histogram", "notices")
     values ('wsp_acme', 'sea_01', 1, 'tgt_01', 'x', 'splunk', 'spl', 'x', 'queued', 1, 0, 0, '[]',
       '{}', '[]')`,
  )
}
