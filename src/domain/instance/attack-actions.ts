// What the owner does with ATT&CK: put a newer version of it in force for all workspaces, look which one
// is, and go back to the one that came with the product.

import { permit } from '#domain/access/permission.ts'
import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import { embeddedAttack, openAttack, type Attack } from '#languages/attack/attack.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { readAttackFile } from './attack-task.ts'
import { deleteTable, replaceTable, selectImported, selectTable } from './attack-store.ts'

export interface AttackStatus {
  readonly version: string
  readonly shippedVersion: string
  readonly tacticCount: number
  /** In force, sub-techniques included. */
  readonly techniqueCount: number
  /** Undefined while the shipped version is in force. */
  readonly imported: { readonly at: Instant; readonly by: Actor } | undefined
}

export async function readAttackStatus(house: House, caller: Caller): Promise<AttackStatus> {
  permit(caller, 'instance.read')
  const imported = await selectImported(house.db.read(caller.scope))
  return statusOf(openAttack(imported), imported)
}

/**
 * Puts MITRE's STIX bundle in `file` (absolute, `.gz` is read) in force for all workspaces. Audited.
 * Throws `invalid` with what is wrong with the file, and `too_large`.
 */
export async function importAttack(
  house: House,
  caller: Caller,
  file: string,
  signal?: AbortSignal,
): Promise<AttackStatus> {
  permit(caller, 'attack.import')
  const limits = { timeoutMs: 2 * MINUTE, ...(signal && { signal }) }
  const table = await house.workers.run(readAttackFile, { file }, limits)
  const imported = { ...table, importedAt: caller.now, importedBy: caller.actor }
  const status = statusOf(openAttack(table), imported)
  await house.db.write(caller, async (tx) => {
    const before = await selectTable(tx)
    await replaceTable(tx, imported)
    const { version, techniqueCount } = status
    await house.audit.record(tx, caller, {
      action: 'attack.import',
      target: 'attack',
      data: { version, before: before?.version ?? status.shippedVersion, techniqueCount },
    })
  })
  return status
}

/** Back to the version that came with the product. Audited. Throws `conflict` when it is in force. */
export async function resetAttack(house: House, caller: Caller): Promise<void> {
  permit(caller, 'attack.import')
  await house.db.write(caller, async (tx) => {
    const before = await selectTable(tx)
    if (before === undefined) {
      throw new AppError(
        'conflict',
        'The version of ATT&CK that came with the product is in force.',
      )
    }
    await deleteTable(tx)
    const data = { version: embeddedAttack().version, before: before.version }
    await house.audit.record(tx, caller, { action: 'attack.reset', target: 'attack', data })
  })
}

function statusOf(
  attack: Attack,
  imported: { readonly importedAt: Instant; readonly importedBy: Actor } | undefined,
): AttackStatus {
  const tactics = [...attack.tactics.values()].filter(({ id }) => id !== undefined)
  const techniques = [...attack.techniques.values()].filter(
    ({ revokedBy, isDeprecated }) => revokedBy === undefined && !isDeprecated,
  )
  return {
    version: attack.version,
    shippedVersion: embeddedAttack().version,
    tacticCount: tactics.length,
    techniqueCount: techniques.length,
    imported: imported && { at: imported.importedAt, by: imported.importedBy },
  }
}
