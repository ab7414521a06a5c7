// Views of the list of rules that a person keeps under a name. They are nobody else's and change no rule.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type UserId, type ViewId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  deleteView,
  insertView,
  renameView,
  selectViews,
  setDefaultView,
  type SavedView,
} from './store.ts'

const VIEWS_MAX = 100

/** Those of the person behind the caller, by name. */
export async function listViews(house: House, caller: Caller): Promise<readonly SavedView[]> {
  permit(caller, 'rule.read')
  return selectViews(house.db.read(caller.scope), caller.scope, personOf(caller))
}

/** Throws `forbidden` for one that is not of this person in this workspace, or is nowhere. */
export async function getView(house: House, caller: Caller, id: ViewId): Promise<SavedView> {
  return requireView(await listViews(house, caller), id)
}

/** The same name again takes the new query. Throws `conflict` when a person has as many as they may. */
export async function saveView(
  house: House,
  caller: Caller,
  { name, query }: { readonly name: string; readonly query: string },
): Promise<SavedView> {
  permit(caller, 'rule.read')
  const userId = personOf(caller)
  const id = makeId(ID_PREFIXES.view, caller.now, house.random(10))
  return house.db.write(caller, async (tx) => {
    const known = await selectViews(tx, tx.scope, userId)
    const same = known.find((one) => one.name === name)
    if (known.length >= VIEWS_MAX && !same) {
      throw new AppError('conflict', `There are ${VIEWS_MAX} views already. Remove one first.`)
    }
    await insertView(tx, { id, userId, name, query, createdAt: caller.now })
    const view = { id: same?.id ?? id, name, query, isDefault: same?.isDefault ?? false }
    await house.audit.record(tx, caller, { action: 'view.save', target: view.id, data: { query } })
    return view
  })
}

export interface ViewChange {
  readonly name?: string | undefined
  readonly isDefault?: boolean | undefined
}

/** Throws as getView, and `conflict` for a name that another view of theirs has. */
export async function changeView(
  house: House,
  caller: Caller,
  id: ViewId,
  { name, isDefault }: ViewChange,
): Promise<SavedView> {
  permit(caller, 'rule.read')
  const userId = personOf(caller)
  return house.db.write(caller, async (tx) => {
    const views = await selectViews(tx, tx.scope, userId)
    const view = requireView(views, id)
    if (name !== undefined && name !== view.name) {
      if (views.some((one) => one.name === name)) {
        throw new AppError('conflict', `There is a view ${name} already.`)
      }
      await renameView(tx, userId, id, name)
    }
    if (isDefault !== undefined && isDefault !== view.isDefault) {
      await setDefaultView(tx, userId, isDefault ? id : null)
    }
    const changed = { ...view, name: name ?? view.name, isDefault: isDefault ?? view.isDefault }
    const data = { isDefault: changed.isDefault }
    await house.audit.record(tx, caller, { action: 'view.change', target: id, data })
    return changed
  })
}

/** Throws as getView. */
export async function removeView(house: House, caller: Caller, id: ViewId): Promise<void> {
  permit(caller, 'rule.read')
  const userId = personOf(caller)
  await house.db.write(caller, async (tx) => {
    requireView(await selectViews(tx, tx.scope, userId), id)
    await deleteView(tx, userId, id)
    await house.audit.record(tx, caller, { action: 'view.remove', target: id, data: {} })
  })
}

function requireView(views: readonly SavedView[], id: ViewId): SavedView {
  const view = views.find((one) => one.id === id)
  if (!view) throw forbidden()
  return view
}

/** Views are a person's; the product itself has none. */
function personOf(caller: Caller): UserId {
  const person = personBehind(caller)
  if (!person.startsWith(`${ID_PREFIXES.user}_`)) throw forbidden()
  return person as UserId
}
