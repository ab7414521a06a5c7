// Every column that holds sealed values for longer than a day. A value opens only at its place, so
// whoever seals and unseals takes the place from here, and a new key of a workspace finds all it must
// seal again. What is gone within a day, such as remembered answers of the API, goes before its key.

import type { Place } from '#kernel/seal.ts'
import { INSTANCE_WORKSPACE, type MailId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { SealedColumn } from './workspace-keys.ts'

/** Tables of the instance, sealed under its own key: the column that names a row, and the sealed one. */
const SEALED = {
  totp: { row: 'userId', column: 'secret' },
  outgoingMail: { row: 'id', column: 'sealed' },
} as const satisfies { readonly [Table in keyof Tables]?: SealedCells<Table> }

interface SealedCells<Table extends keyof Tables> {
  readonly row: keyof Tables[Table]
  readonly column: keyof Tables[Table]
}

export type SealedTable = keyof typeof SEALED

/** Where the sealed value of a row lives. `row` is its key: of `totp` the user's id. */
export function sealedPlace(table: SealedTable, row: string): Place {
  return { table, row, column: SEALED[table].column }
}

/** What is sealed under the key of this workspace. */
export function sealedColumnsOf(workspaceId: string): readonly SealedColumn[] {
  if (workspaceId !== INSTANCE_WORKSPACE) return []
  return (Object.keys(SEALED) as SealedTable[]).map(sealedColumn)
}

// The tables have different columns; what they share is a key and a sealed value. kysely is told that
// each is the mail's.
function sealedColumn(table: SealedTable): SealedColumn {
  const { row, column } = SEALED[table]
  return {
    table,
    column,
    async list(db, _, after, limit) {
      return db
        .selectFrom(table as 'outgoingMail')
        .select((cell) => [
          cell.ref(row as 'id').as('row'),
          cell.ref(column as 'sealed').as('sealed'),
        ])
        .where(row as 'id', '>', after as MailId)
        .orderBy(row as 'id')
        .limit(limit)
        .execute()
    },
    async replace(tx, id, before, sealed) {
      await tx
        .updateTable(table as 'outgoingMail')
        .set({ [column]: sealed })
        .where(row as 'id', '=', id as MailId)
        .where(column as 'sealed', '=', before)
        .execute()
    },
  }
}
