// What somebody sees and changes of their own account. No verb is asked: the caller is the person, and
// every row is found by who they are.

import { AppError, forbidden } from '#kernel/error.ts'
import type { SessionId, UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { endSessions } from './arrival.ts'
import { deleteDevice } from './device-store.ts'
import type { ProfileChange } from './input.ts'
import type { User } from './person.ts'
import { findActiveUser } from './prove.ts'
import type { SessionRow } from './session.ts'
import { deleteSession, findSessionById, selectSessionsOf } from './session-store.ts'
import type { Sessions } from './sessions.ts'
import { findUser, updateUser } from './user-store.ts'

/** Throws `unauthenticated` for whoever may not come in any more. */
export async function getOwnUser(house: House, caller: Caller): Promise<User> {
  const user = await findActiveUser(house, caller, caller.actor as UserId)
  if (!user) throw new AppError('unauthenticated', 'Sign in to go on.')
  return user
}

export async function changeProfile(
  house: House,
  caller: Caller,
  { name, timeZone }: ProfileChange,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const user = await findUser(tx, key, caller.actor as UserId)
    if (user?.state !== 'active') throw forbidden()
    await updateUser(tx, key, { ...user, name, timeZone })
    await house.audit.record(tx, caller, {
      action: 'user.rename',
      target: user.id,
      data: {},
      personal: { name },
    })
  })
}

/** The live ones, last used first. */
export async function listOwnSessions(
  house: House,
  sessions: Sessions,
  caller: Caller,
): Promise<readonly SessionRow[]> {
  const rows = await selectSessionsOf(house.db.read(caller.scope), caller.actor as UserId)
  const live: SessionRow[] = []
  for (const row of rows) if (await sessions.isLive(row)) live.push(row)
  return live
}

/** Ends one and forgets its browser. Throws `forbidden` for a session of somebody else, or none. */
export async function endOwnSession(house: House, caller: Caller, id: SessionId): Promise<void> {
  const userId = caller.actor as UserId
  await house.db.write(caller, async (tx) => {
    const row = await findSessionById(tx, id)
    if (row?.userId !== userId) throw forbidden()
    await deleteSession(tx, row.key)
    if (row.deviceKey !== null) await deleteDevice(tx, userId, row.deviceKey)
    await house.audit.record(tx, caller, {
      action: 'session.end',
      target: userId,
      data: { session: id, reason: 'session.end' },
    })
  })
}

/** Every session but the one that asks; their browsers are forgotten. How many there were. */
export function endOtherSessions(house: House, caller: Caller, keep: SessionRow): Promise<number> {
  const userId = caller.actor as UserId
  return house.db.write(caller, (tx) =>
    endSessions(tx, house, caller, userId, { reason: 'session.end-others', keep }),
  )
}
