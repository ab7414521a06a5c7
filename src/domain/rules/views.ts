// Views of the list of rules that a person keeps under a name. They are nobody else's and change no
// rule, so the audit log says nothing of them.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, makeId, type UserId, type ViewId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { deleteView, insertView, selectViews, type SavedView } from './view-store.ts'

const VIEWS_MAX = 100

/** Those of the person behind the caller, by name. */
export async function listViews(house: House, caller: Caller): Promise<readonly SavedView[]> {
  permit(caller, 'rule.read')
  return selectViews(house.db.read(caller.scope), caller.scope, personOf(caller))
}

/** The same name again takes the new query. Throws `conflict` when a person has as many as they may. */
export async function saveView(
  house: House,
  caller: Caller,
  { name, query }: { readonly name: string; readonly query: string },
): Promise<void> {
  permit(caller, 'rule.read')
  const userId = personOf(caller)
  const id = makeId(ID_PREFIXES.view, caller.now, house.random(10))
  await house.db.write(caller, async (tx) => {
    const known = await selectViews(tx, tx.scope, userId)
    if (known.length >= VIEWS_MAX && !known.some((one) => one.name === name)) {
      throw new AppError('conflict', `There are ${VIEWS_MAX} views already. Remove one first.`)
    }
    await insertView(tx, { id, userId, name, query, createdAt: caller.now })
  })
}

export async function removeView(house: House, caller: Caller, id: ViewId): Promise<void> {
  permit(caller, 'rule.read')
  await house.db.write(caller, (tx) => deleteView(tx, personOf(caller), id))
}

/** Views are a person's; the product itself has none. */
function personOf(caller: Caller): UserId {
  const person = personBehind(caller)
  if (!isId(ID_PREFIXES.user, person)) throw forbidden()
  return person
}
