// What the owner does with the installation: let it run again after a restore, change its master
// secret.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { finishExchange, stageSecret } from '#platform/keys/exchange.ts'
import { changeHold } from '#platform/keys/hold.ts'
import { rotateMasterSecret, type Rotation } from '#platform/keys/rotate.ts'

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

export interface SecretRotation extends Rotation {
  /** Where the old secret is kept; undefined when somebody else keeps the secret. */
  readonly kept: string | undefined
}

/**
 * Puts `secret` (without a line break) in force. Sealed values and tokens stay valid; what is keyed by
 * the secret itself, page cursors and the envelope of sessions, ends.
 * Audited. Throws `invalid` when it is in force already.
 */
export async function rotateSecret(
  house: House,
  caller: Caller,
  secret: Buffer,
): Promise<SecretRotation> {
  permit(caller, 'secret.rotate')
  const { secretFile } = house.keys
  if (secretFile !== undefined) stageSecret(secretFile, secret)
  const rotation = await rotateMasterSecret(house, caller, secret, [])
  const kept = secretFile === undefined ? undefined : finishExchange(secretFile, rotation.from)
  return { ...rotation, kept }
}
