// A held instance serves and shows everything, but nothing leaves it: no schedules run, nothing is
// written to a target. A restore leaves the instance held, because the world has moved on since the
// backup; a person releases it. Held or not decides what may happen, so the row carries a digest.

import { assert } from '#kernel/error.ts'
import type { Database } from '#platform/db/database.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import { assertInstance, instanceMac, type Hold, type OpenedKeys } from './instance.ts'
import type { KeyRing } from './ring.ts'
import { findInstance, updateInstance } from './store.ts'

/** Writes the hold, or its end, into the instance's row and puts it in force. */
export async function changeHold(
  house: { readonly db: Database; readonly keys: KeyRing },
  caller: Caller,
  hold: Hold | undefined,
  record: (tx: Tx) => Promise<void>,
): Promise<void> {
  const before = house.keys.opened
  try {
    await house.db.write(caller, async (tx) => {
      await storeHold(tx, before, hold)
      await record(tx)
      house.keys.replace({ ...house.keys.opened, hold })
    })
  } catch (error) {
    house.keys.replace({ ...house.keys.opened, hold: before.hold })
    throw error
  }
}

/** In a transaction that does more; the caller puts it in force. */
export async function storeHold(
  tx: Tx,
  { derived }: Pick<OpenedKeys, 'derived'>,
  hold: Hold | undefined,
): Promise<void> {
  const row = await findInstance(tx)
  assert(row, 'there is an instance')
  assertInstance(derived, row)
  const held = { heldAt: hold?.at ?? null, heldReason: hold?.reason ?? null }
  await updateInstance(tx, { ...row, ...held, mac: instanceMac(derived, { ...row, ...held }) })
}
