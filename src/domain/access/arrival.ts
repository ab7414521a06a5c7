// Coming in and going: a session begins in one write with its audit entry, ends the one the browser had
// (a planted cookie is worth nothing), and remembers the browser, so that its owner is told of a new one
// and is never locked out by strangers who guess at their password.

import { sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  deleteDevice,
  deleteDevicesOf,
  insertDevice,
  isKnownDevice,
  selectDevices,
  touchDevice,
} from './device-store.ts'
import { tellPerson } from './notices.ts'
import type { Factor, SessionRow } from './session.ts'
import { deleteSession, deleteSessionsOf } from './session-store.ts'
import type { Sessions } from './sessions.ts'

export interface Arrival {
  readonly userId: UserId
  readonly factors: readonly Factor[]
  readonly userAgent: string
  readonly ip: string
  /** The value of the browser's device cookie, if it sent one. */
  readonly device: string | undefined
  /** The session the browser had until now. */
  readonly before: SessionRow | undefined
}

/** Values of the two cookies that the browser is given. */
export interface Entered {
  readonly session: string
  readonly device: string
}

const DEVICES_MAX = 20
const DEVICE = /^[\w-]{43}$/

/** Begins a session for somebody who has just proved who they are. */
export async function comeIn(
  house: House,
  sessions: Sessions,
  caller: Caller,
  arrival: Arrival,
): Promise<Entered> {
  const now = await sessions.now()
  return house.db.write(caller, async (tx) => {
    const { userId, factors, userAgent, ip, before } = arrival
    if (before) await deleteSession(tx, before.key)
    const device = await rememberDevice(tx, house, caller, arrival)
    const deviceKey = sha256Hex(device)
    const { cookie, row } = await sessions.startIn(tx, now, {
      userId,
      factors,
      userAgent,
      ip,
      deviceKey,
    })
    await house.audit.record(tx, caller, {
      action: 'session.start',
      target: userId,
      data: { session: row.id, factors: [...factors] },
    })
    return { session: cookie, device }
  })
}

// A value that this server did not give to this person is not taken over: it may be planted.
async function rememberDevice(
  tx: Tx,
  house: House,
  caller: Caller,
  { userId, device, userAgent }: Arrival,
): Promise<string> {
  if (device !== undefined && DEVICE.test(device)) {
    const key = sha256Hex(device)
    if (await isKnownDevice(tx, userId, key)) {
      await touchDevice(tx, userId, key, caller.now)
      return device
    }
  }
  const known = await selectDevices(tx, userId)
  for (const { key } of known.slice(DEVICES_MAX - 1)) await deleteDevice(tx, userId, key)
  const fresh = house.random(32).toString('base64url')
  await insertDevice(tx, {
    key: sha256Hex(fresh),
    userId,
    userAgent: userAgent.slice(0, 300),
    firstAt: caller.now,
    lastAt: caller.now,
  })
  // The very first one is how they came to have an account.
  if (known.length > 0) {
    await tellPerson(tx, house, caller, {
      userId,
      kind: 'device.new',
      data: { userAgent: userAgent.slice(0, 300), ip: caller.personal?.ip ?? '' },
    })
  }
  return fresh
}

/**
 * Shows somebody out everywhere, within the write that is the reason for it: a changed password or
 * role, suspension, removal. `keep` is the session that may go on.
 */
export async function endSessions(
  tx: Tx,
  house: Pick<House, 'audit'>,
  caller: Caller,
  userId: UserId,
  { reason, keep }: { readonly reason: string; readonly keep?: SessionRow | undefined },
): Promise<number> {
  const count = await deleteSessionsOf(tx, userId, keep?.key)
  await deleteDevicesOf(tx, userId, keep?.deviceKey ?? null)
  if (count > 0) {
    await house.audit.record(tx, caller, {
      action: 'session.end',
      target: userId,
      data: { reason, count },
    })
  }
  return count
}
