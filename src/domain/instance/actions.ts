// What the owner does with the installation: let it run again after a restore.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { changeHold } from '#platform/keys/hold.ts'

/**
 * Ends the hold that a restore left: schedules run again and targets may be written. Throws
 * `conflict` when the instance is not held. Audited.
 */
export async function releaseInstance(house: House, caller: Caller): Promise<void> {
  permit(caller, 'instance.release')
  const { hold } = house.keys
  if (!hold) throw new AppError('conflict', 'The instance is not held.')
  await changeHold(house, caller, undefined, (tx) =>
    house.audit.record(tx, caller, {
      action: 'instance.release',
      target: house.keys.installId,
      data: { heldAt: hold.at, reason: hold.reason },
    }),
  )
}
