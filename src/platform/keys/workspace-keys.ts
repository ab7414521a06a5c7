// A new key for one workspace. It seals from then on; what older versions sealed stays readable and
// is sealed again in the background, a batch at a time. A version goes when nothing needs it.

import { sealedKeyVersion, type Place } from '#kernel/seal.ts'
import { DAY, type Clock } from '#kernel/time.ts'
import type { AuditLog } from '#platform/audit/audit-log.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { newWorkspaceKey, type KeyRing } from './ring.ts'
import {
  deleteWorkspaceKey,
  insertWorkspaceKey,
  listKeysOfWorkspace,
  updateWorkspaceKey,
} from './store.ts'
import type { Random } from './wraps.ts'

export interface WorkspaceKeysHouse {
  readonly db: Database
  readonly keys: KeyRing
  readonly audit: AuditLog
  readonly clock: Clock
  readonly random: Random
}

/** A column that holds sealed values; its store declares it. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** Rows of the workspace whose id is after `after`, in the order of ids. */
  list(
    db: Reader,
    workspaceId: string,
    after: string,
    limit: number,
  ): Promise<readonly SealedCell[]>
  /** Puts `sealed` in the place of `before`; leaves a cell that changed meanwhile as it is. */
  replace(tx: Tx, row: string, before: Buffer, sealed: Buffer): Promise<void>
}

export interface SealedCell {
  readonly row: string
  readonly sealed: Buffer
}

const BATCH = 50
/** A value sealed just before the rotation may be stored just after it. */
export const KEEP_RETIRED_MS = DAY

/** Returns the version now active. `then` is what belongs to the same transaction. */
export async function rotateWorkspaceKey(
  house: WorkspaceKeysHouse,
  caller: Caller,
  then: (tx: Tx) => Promise<unknown> = async () => {},
): Promise<number> {
  const { workspaceId } = caller.scope
  return house.db.write(caller, async (tx) => {
    const rows = await listKeysOfWorkspace(tx, workspaceId)
    for (const row of rows.filter(({ state }) => state === 'active')) {
      await updateWorkspaceKey(tx, { ...row, state: 'retired', retiredAt: caller.now })
    }
    const version = 1 + Math.max(0, ...rows.map((row) => row.version))
    await insertWorkspaceKey(tx, newWorkspaceKey(house.keys.opened, workspaceId, version, house))
    await house.audit.record(tx, caller, {
      action: 'workspace.rotate_key',
      target: workspaceId,
      data: { version },
    })
    await then(tx)
    return version
  })
}

/**
 * Seals every value of the caller's workspace under the active key and drops versions that nothing
 * needs any more. Safe to repeat and to stop at any time. Returns how many values were sealed again.
 */
export async function resealWorkspace(
  house: WorkspaceKeysHouse,
  caller: Caller,
  columns: readonly SealedColumn[],
  signal?: AbortSignal,
): Promise<number> {
  let count = 0
  for (const column of columns) count += await resealColumn(house, caller, column, signal)
  await dropRetired(house, caller)
  return count
}

async function resealColumn(
  { db, keys }: WorkspaceKeysHouse,
  caller: Caller,
  column: SealedColumn,
  signal?: AbortSignal,
): Promise<number> {
  const { scope } = caller
  const active = await activeVersion(db.read(scope), scope.workspaceId)
  let count = 0
  let after = ''
  while (true) {
    signal?.throwIfAborted()
    const cells = await column.list(db.read(scope), scope.workspaceId, after, BATCH)
    if (cells.length === 0) return count
    for (const { row, sealed } of cells) {
      after = row
      if (sealedKeyVersion(sealed) === active) continue
      const place: Place = { table: column.table, row, column: column.column }
      const plaintext = await keys.unseal(scope, place, sealed)
      const fresh = await keys.seal(scope, place, plaintext)
      plaintext.fill(0)
      await db.write(caller, (tx) => column.replace(tx, row, sealed, fresh))
      count += 1
    }
  }
}

async function dropRetired(
  { db, clock, audit }: WorkspaceKeysHouse,
  caller: Caller,
): Promise<void> {
  const { workspaceId } = caller.scope
  const before = clock.now() - KEEP_RETIRED_MS
  await db.write(caller, async (tx) => {
    for (const row of await listKeysOfWorkspace(tx, workspaceId)) {
      if (row.state !== 'retired' || (row.retiredAt ?? 0) >= before) continue
      await deleteWorkspaceKey(tx, row)
      const data = { version: row.version }
      await audit.record(tx, caller, { action: 'workspace.drop_key', target: workspaceId, data })
    }
  })
}

// Undefined for a workspace that never sealed anything.
async function activeVersion(db: Reader, workspaceId: string): Promise<number | undefined> {
  const rows = await listKeysOfWorkspace(db, workspaceId)
  return rows.find(({ state }) => state === 'active')?.version
}
