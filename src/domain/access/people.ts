// Everybody of the instance, for its owner: who may come in, who owns it. The install keeps an owner,
// and nobody suspends or erases themselves. What happens to a person also stands in the log of each
// workspace they are in, because its admins must see who can no longer act there.

import { AppError, forbidden } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import { deleteEmailChangeOf } from './email-store.ts'
import { deleteResetsOf } from './link-store.ts'
import { countPeople, selectPeople, type PeopleFilter } from './people-store.ts'
import { permit } from './permission.ts'
import type { Membership, User } from './person.ts'
import { removeFactorsOf } from './second-factor.ts'
import { countOwners, findUser, selectMembershipsOf, updateUser } from './user-store.ts'

export type ListedPerson = Omit<User, 'passwordHash' | 'factorSet' | 'isPasswordShort'>

export interface PeoplePage extends Page<ListedPerson> {
  /** All that fit the filter. */
  readonly count: number
}

/** By name. Throws `invalid` for a cursor of another list. */
export async function listPeople(
  house: House,
  caller: Caller,
  filter: PeopleFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<PeoplePage> {
  permit(caller, 'user.read')
  const db = house.db.read(caller.scope)
  const rowKey = house.keys.purpose('row-mac')
  const { items, next } = await readPage({
    ...page,
    key: house.keys.purpose('cursor'),
    binding: { list: 'people', ...filter },
    placeOf: ({ name, id }: User) => ({ name, id }),
    select: (wanted) => selectPeople(db, rowKey, filter, wanted),
  })
  return { items: items.map(withoutHash), next, count: await countPeople(db, filter) }
}

export interface PersonShown {
  readonly user: ListedPerson
  readonly memberships: readonly Membership[]
}

/** Throws `forbidden` for nobody. */
export async function getPerson(house: House, caller: Caller, id: UserId): Promise<PersonShown> {
  permit(caller, 'user.read')
  const db = house.db.read(caller.scope)
  const key = house.keys.purpose('row-mac')
  const user = await findUser(db, key, id)
  if (!user) throw forbidden()
  return { user: withoutHash(user), memberships: await selectMembershipsOf(db, key, id) }
}

/** Shows somebody out everywhere and keeps them out, tokens included. */
export async function suspendPerson(house: House, caller: Caller, id: UserId): Promise<void> {
  permit(caller, 'user.change')
  await house.db.write(caller, async (tx) => {
    const user = await loadOther(tx, house, caller, id)
    if (user.state !== 'active') throw new AppError('conflict', 'This person is suspended already.')
    if (user.isOwner) await keepAnOwner(tx)
    await deleteResetsOf(tx, id)
    await deleteEmailChangeOf(tx, id)
    await endSessions(tx, house, caller, id, { reason: 'user.suspend' })
    await save(tx, house, caller, { ...user, state: 'suspended' }, 'user.suspend')
  })
}

export async function reinstatePerson(house: House, caller: Caller, id: UserId): Promise<void> {
  permit(caller, 'user.change')
  await house.db.write(caller, async (tx) => {
    const user = await loadOther(tx, house, caller, id)
    if (user.state !== 'suspended') throw new AppError('conflict', 'This person is not suspended.')
    await save(tx, house, caller, { ...user, state: 'active' }, 'user.reinstate')
  })
}

/**
 * Takes away the second factors of somebody who lost them: they come in by password and set up new
 * ones. A password that is short is good for nothing then: true, and they need a link for another.
 * Throws `conflict` where there are none.
 */
export async function removeFactors(house: House, caller: Caller, id: UserId): Promise<boolean> {
  permit(caller, 'user.change')
  return house.db.write(caller, async (tx) => {
    const { factorSet } = await loadOther(tx, house, caller, id)
    const { count, isPasswordOver } = await removeFactorsOf(tx, house, caller, id)
    const user = await loadOther(tx, house, caller, id)
    // There is something to do also where every factor was deleted in the file.
    const isAsNamed = factorSet === null || factorSet === user.factorSet
    if (count === 0 && isAsNamed) {
      throw new AppError('conflict', 'This person has no second factor.')
    }
    await endSessions(tx, house, caller, id, { reason: 'user.remove_factors' })
    await save(tx, house, caller, user, 'user.remove_factors', { isPasswordOver })
    return isPasswordOver
  })
}

/** Shows somebody out on every browser; they may come in again. */
export async function endSessionsOf(house: House, caller: Caller, id: UserId): Promise<void> {
  permit(caller, 'user.change')
  await house.db.write(caller, async (tx) => {
    const user = await loadOther(tx, house, caller, id)
    await endSessions(tx, house, caller, user.id, { reason: 'user.end_sessions' })
  })
}

/** Makes somebody an owner of the install, or no longer one. Throws `conflict` for the last. */
export async function changeOwner(
  house: House,
  caller: Caller,
  id: UserId,
  isOwner: boolean,
): Promise<void> {
  permit(caller, 'user.change')
  await house.db.write(caller, async (tx) => {
    const user = await findUser(tx, house.keys.purpose('row-mac'), id)
    if (user?.state !== 'active') throw forbidden()
    if (user.isOwner === isOwner) return
    if (!isOwner) await keepAnOwner(tx)
    await endSessions(tx, house, caller, id, { reason: 'user.owner' })
    const action = isOwner ? 'user.make_owner' : 'user.end_owner'
    await save(tx, house, caller, { ...user, isOwner }, action)
  })
}

/** Somebody else than the caller. Throws `forbidden` for nobody and for who was erased. */
export async function loadOther(tx: Tx, house: House, caller: Caller, id: UserId): Promise<User> {
  const user = await findUser(tx, house.keys.purpose('row-mac'), id)
  if (!user || user.state === 'erased') throw forbidden()
  if (user.id === caller.actor) {
    throw new AppError('conflict', 'Nobody does this to themselves: ask another owner.')
  }
  return user
}

/** Throws when there is one owner who can come in, or none. */
export async function keepAnOwner(tx: Tx): Promise<void> {
  if ((await countOwners(tx)) > 1) return
  throw new AppError('conflict', 'An install keeps an owner: make somebody else one first.')
}

async function save(
  tx: Tx,
  house: House,
  caller: Caller,
  user: User,
  action: string,
  data: Json = {},
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  await updateUser(tx, key, user)
  await house.audit.record(tx, caller, { action, target: user.id, data })
  for (const { workspaceId } of await selectMembershipsOf(tx, key, user.id)) {
    // Whoever owns the install is no name that an admin of a workspace needs to see here.
    const entry = { action, target: user.id, data, workspaceId, personal: null }
    await house.audit.record(tx, caller, entry)
  }
}

function withoutHash({
  passwordHash: _,
  factorSet: _factors,
  isPasswordShort: _short,
  ...user
}: User): ListedPerson {
  return user
}
