// Somebody is forgotten, or asks what is known of them: what providers and their directories said of them
// belongs to it. A directory that still tells of somebody makes them anew; its admin takes them out there
// first.

import * as access from '#domain/access/erasure.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { deleteIdentitiesOfUser, selectIdentitiesOf } from './identity-store.ts'
import { deletePeopleOf, selectToldOf } from './scim-store.ts'

/** As `exportPerson` of access, with accounts at providers and what directories tell. */
export async function exportPerson(house: House, caller: Caller, id: UserId) {
  const known = await access.exportPerson(house, caller, id)
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  return {
    ...known,
    providers: await selectIdentitiesOf(db, key, id),
    directories: await selectToldOf(db, key, { id, email: known.user.email }),
  }
}

/** As `erasePerson` of access. Whoever a directory told of by their address alone is forgotten, too. */
export function erasePerson(house: House, caller: Caller, id: UserId): Promise<number> {
  return access.erasePerson(house, caller, id, async (tx, user) => {
    await deleteIdentitiesOfUser(tx, user.id)
    const told = await selectToldOf(tx, house.keys.purpose('row-mac'), user)
    await deletePeopleOf(tx, told)
    return told.map((person) => person.id)
  })
}
