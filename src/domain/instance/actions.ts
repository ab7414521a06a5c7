// What the owner does with the installation: let it run again after a restore, change its master
// secret, look for damage.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { checkDatabaseFile } from '#platform/db/check-task.ts'
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
  const rotation = await rotateMasterSecret(house, caller, secret)
  const kept = secretFile === undefined ? undefined : finishExchange(secretFile, rotation.from)
  return { ...rotation, kept }
}

/**
 * Looks for damage in the whole database, in a worker thread. Audited, found or not. Throws
 * `conflict` and names the first damage.
 */
export async function checkDatabase(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<void> {
  permit(caller, 'database.check')
  const { database: file } = house.directory
  const limits = { timeoutMs: 6 * HOUR, signal }
  const problems = await house.workers.run(checkDatabaseFile, { file }, limits)
  const [first] = problems
  await house.db.write(caller, (tx) =>
    house.audit.record(tx, caller, {
      action: 'database.check',
      target: 'database',
      outcome: first === undefined ? 'done' : 'failed',
      data: { problems: [...problems] },
    }),
  )
  if (first === undefined) return
  house.log.error({ problems }, 'the database is damaged')
  throw new AppError(
    'conflict',
    `The database is damaged: ${first}. Stop the server and restore the newest backup.`,
  )
}
