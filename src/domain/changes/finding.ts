// Changes by words of their titles, for whoever looks for one from anywhere.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { wordsOf } from '#platform/db/words.ts'
import type { House } from '#platform/house.ts'
import type { ChangeState } from './change.ts'
import { selectChanges } from './store.ts'

export interface FoundChange {
  readonly id: ChangeId
  readonly title: string
  readonly state: ChangeState
}

/** The newest that have every word. */
export async function findChanges(
  house: House,
  caller: Caller,
  text: string,
  limit: number,
): Promise<readonly FoundChange[]> {
  permit(caller, 'change.read')
  const { scope } = caller
  const newest = { limit, after: null }
  return selectChanges(house.db.read(scope), scope, { words: wordsOf(text) }, newest)
}
