// Looking after what is open: see jobs.ts.

import { seeTarget } from '#domain/targets/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { findStale } from './fresh.ts'
import { move } from './keep.ts'
import { keepRendered, renderAnew } from './rendering.ts'
import * as store from './store.ts'
import type { StoredChange } from './store.ts'
import { tellAuthor, tellSigners } from './telling.ts'

/** Of a change that waits, people are reminded once a day. */
const REMIND_MS = DAY

export interface Tended {
  readonly rendered: number
  readonly expired: number
  readonly reminded: number
}

export async function tendChanges(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<Tended> {
  await nextTurn() // the reader is not used in the turn of a commit
  const open = await store.selectOpen(house.db.read(caller.scope), caller.scope)
  const reached = new Map<TargetId, boolean>()
  const done = { rendered: 0, expired: 0, reminded: 0 }
  for (const change of open) {
    signal.throwIfAborted()
    await nextTurn()
    if (change.state === 'in_review' || change.state === 'approved') {
      if (await lookAgain(house, caller, change)) {
        done.rendered += 1
        continue
      }
    }
    await nextTurn()
    if (change.state === 'approved') {
      const isReached = await reachesAll(house, caller, change, reached)
      if (await runClock(house, caller, change, isReached)) done.expired += 1
    }
    if (change.state === 'in_review' && (await remind(house, caller, change))) done.reminded += 1
  }
  return done
}

/** True when it was rendered again. Somebody who changed it meanwhile has rendered it themselves. */
async function lookAgain(house: House, caller: Caller, change: StoredChange): Promise<boolean> {
  const reader = house.db.read(caller.scope)
  const items = await store.selectItems(reader, caller.scope, change.id)
  if ((await findStale(reader, caller.scope, items, caller.now)) === undefined) return false
  const again = await renderAnew(house, caller, change, change.policy)
  try {
    await house.db.write(caller, (tx) => keepRendered(tx, house, caller, again))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'stale') throw error
  }
  return true
}

async function reachesAll(
  house: House,
  caller: Caller,
  { id }: StoredChange,
  known: Map<TargetId, boolean>,
): Promise<boolean> {
  const items = await store.selectItems(house.db.read(caller.scope), caller.scope, id)
  for (const { targetId } of items) {
    if (!known.has(targetId)) {
      const { health } = await seeTarget(house, caller, targetId)
      known.set(targetId, health.state !== 'unreachable')
    }
    if (!known.get(targetId)) return false
  }
  return true
}

/** The time of an approval stands while a target is out of reach. True when it is over. */
async function runClock(
  house: House,
  caller: Caller,
  { id }: StoredChange,
  isReached: boolean,
): Promise<boolean> {
  const { now } = caller
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    const { state, expiresAt, heldSince } = change
    if (state !== 'approved' || expiresAt === null) return false
    if (!isReached) {
      if (heldSince === null && expiresAt > now)
        await store.updateChange(tx, id, { heldSince: now })
      return false
    }
    const endsAt = heldSince === null ? expiresAt : addMs(expiresAt, now - heldSince)
    if (heldSince !== null) {
      await store.updateChange(tx, id, { heldSince: null, expiresAt: endsAt })
    }
    if (endsAt > now) return false
    await store.voidSignatures(tx, id, 'The approval was not used in time.')
    const told = { what: 'expire' }
    await tellAuthor(tx, house, caller, await move(tx, house, caller, change, 'expired', { told }))
    return true
  })
}

async function remind(house: House, caller: Caller, { id }: StoredChange): Promise<boolean> {
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    const last = change.remindedAt ?? change.submittedAt
    if (change.state !== 'in_review' || last === null) return false
    if (caller.now - last < REMIND_MS) return false
    await store.updateChange(tx, id, { remindedAt: caller.now })
    await tellSigners(tx, house, caller, change, 'change.reminder')
    return true
  })
}
