// Coming in and going: a session begins in one write with its audit entry, ends the one the browser had
// (a planted cookie is worth nothing), and remembers the browser, so that its owner is told of a new one
// and is never locked out by strangers who guess at their password.

import { tellPerson } from '#domain/messages/request.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { SessionId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { forgiveIn, type Attempt } from './attempts.ts'
import {
  deleteDevice,
  deleteDevicesOf,
  insertDevice,
  isKnownDevice,
  selectDevices,
  touchDevice,
} from './device-store.ts'
import type { Factor, SessionRow } from './session.ts'
import { deleteSessionsOf } from './session-store.ts'
import type { ProvidedBy, Sessions } from './sessions.ts'

export interface Arrival {
  readonly userId: UserId
  readonly factors: readonly Factor[]
  readonly userAgent: string
  readonly ip: string
  /** The value of the browser's device cookie, if it sent one. */
  readonly device: string | undefined
  /** The identity provider by whose word they come. */
  readonly by?: ProvidedBy | undefined
  /** The session the browser had until now. */
  readonly before: SessionRow | undefined
  /** The try that succeeded, to take it back from the counters. */
  readonly attempt: Attempt | undefined
}

/** Values of the two cookies that the browser is given. */
export interface Entered {
  readonly id: SessionId
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
  return house.db.write(caller, (tx) => comeInWithin(tx, house, sessions, caller, now, arrival))
}

/** The same within a write that also makes what brought them here; `now` is that of the sessions. */
export async function comeInWithin(
  tx: Tx,
  house: House,
  sessions: Sessions,
  caller: Caller,
  now: Instant,
  arrival: Arrival,
): Promise<Entered> {
  const { userId, factors, userAgent, ip, by, before, attempt } = arrival
  if (before) await sessions.revokeIn(tx, before)
  if (attempt) await forgiveIn(tx, house, attempt)
  const device = await rememberDevice(tx, house, caller, arrival)
  const deviceKey = sha256Hex(device)
  const given = { userId, factors, userAgent, ip, deviceKey, by }
  const { cookie, row } = await sessions.startIn(tx, now, given)
  await house.audit.record(tx, caller, {
    action: 'session.start',
    target: userId,
    data: {
      session: row.id,
      factors: [...factors],
      ...(by?.providerId && { provider: by.providerId }),
    },
    workspaceId: caller.scope.workspaceId,
  })
  return { id: row.id, session: cookie, device }
}

/** A fresh proof within a session: its new cookie. Throws `unauthenticated` when it ended meanwhile. */
export async function proveAgain(
  house: House,
  sessions: Sessions,
  caller: Caller,
  session: SessionRow,
  { factor, attempt }: { readonly factor: Factor; readonly attempt?: Attempt | undefined },
): Promise<string> {
  const now = await sessions.now()
  return house.db.write(caller, async (tx) => {
    if (attempt) await forgiveIn(tx, house, attempt)
    const cookie = await sessions.renewIn(tx, now, session, [factor])
    await house.audit.record(tx, caller, {
      action: 'session.prove',
      target: session.userId,
      data: { session: session.id, factor },
    })
    return cookie
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
