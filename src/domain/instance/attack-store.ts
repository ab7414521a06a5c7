// The row of the version of ATT&CK that the owner imported. The instance's: rules of all workspaces are
// compared with it.

import type { Actor } from '#kernel/actor.ts'
import type { Instant } from '#kernel/time.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

/** What `openAttack` reads. */
export interface KeptTable {
  readonly version: string
  readonly tactics: string
  readonly platforms: string
  readonly techniques: string
}

export interface ImportedTable extends KeptTable {
  readonly importedAt: Instant
  readonly importedBy: Actor
}

type Handle = Pick<Reader, 'selectFrom'>

const TABLE = ['version', 'tactics', 'platforms', 'techniques'] as const

/** Undefined while the version that came with the product is in force. */
export function selectTable(db: Handle): Promise<KeptTable | undefined> {
  return db.selectFrom('attackTable').select(TABLE).executeTakeFirst()
}

export function selectImported(db: Handle): Promise<ImportedTable | undefined> {
  return db
    .selectFrom('attackTable')
    .select([...TABLE, 'importedAt', 'importedBy'])
    .executeTakeFirst()
}

export async function replaceTable(tx: Tx, imported: ImportedTable): Promise<void> {
  await tx
    .insertInto('attackTable')
    .values({ id: 1, ...imported })
    .onConflict((oc) => oc.column('id').doUpdateSet(imported))
    .execute()
}

export async function deleteTable(tx: Tx): Promise<void> {
  await tx.deleteFrom('attackTable').execute()
}
