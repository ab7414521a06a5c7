// A target that has been out of reach for longer than the time between two looks at its health: nobody
// knows how what stands there stands. The next whole reading tells again.

import type { Unread } from '#domain/adoption/after-pull.ts'
import { changePlacement, placementsAmong } from '#domain/placements/actions.ts'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { selectPlacedRules } from './drift-store.ts'

const BATCH = 100

/** Does nothing while it was read lately. */
export async function loseTarget(house: House, caller: Caller, unread: Unread): Promise<void> {
  const { target, readAt, signal } = unread
  const awayMs = house.clock.now() - (readAt ?? 0)
  if (awayMs < target.checkMinutes * MINUTE) return
  await nextTurn() // the reader is not used in the turn of a commit
  const all = await selectPlacedRules(house.db.read(caller.scope), caller.scope, target.id)
  for (let at = 0; at < all.length; at += BATCH) {
    signal.throwIfAborted()
    await house.db.write(caller, async (tx) => {
      for (const place of await placementsAmong(tx, target.id, all.slice(at, at + BATCH))) {
        if (place.state === 'unknown') continue
        await changePlacement(tx, house, caller, place, { state: 'unknown' })
      }
    })
  }
}
