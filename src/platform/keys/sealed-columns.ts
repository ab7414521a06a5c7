// Every column that holds sealed values for longer than a day. A value opens only at its place, so
// whoever seals and unseals takes the place from here, and a new key of a workspace finds all it must
// seal again. What is gone within a day, such as remembered answers of the API, goes before its key.

import type { Place } from '#kernel/seal.ts'
import { INSTANCE_WORKSPACE, type CredentialId, type MailId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { SealedColumn } from './workspace-keys.ts'

/** Tables of the instance, sealed under its own key: the column that names a row, and the sealed one. */
const OF_INSTANCE = {
  totp: { row: 'userId', column: 'secret' },
  outgoingMail: { row: 'id', column: 'sealed' },
} as const satisfies { readonly [Table in keyof Tables]?: SealedCells<Table> }

/** Tables of workspaces, each sealed under the key of its own. */
const OF_WORKSPACES = {
  targetCredential: { row: 'id', column: 'sealed' },
  searchPin: { row: 'id', column: 'excerpt' },
  identityProvider: { row: 'id', column: 'sealed' },
  providerKey: { row: 'id', column: 'sealed' },
} as const satisfies { readonly [Table in keyof Tables]?: SealedCells<Table> }

const SEALED = { ...OF_INSTANCE, ...OF_WORKSPACES }

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
  return workspaceId === INSTANCE_WORKSPACE
    ? (Object.keys(OF_INSTANCE) as (keyof typeof OF_INSTANCE)[]).map(instanceColumn)
    : (Object.keys(OF_WORKSPACES) as (keyof typeof OF_WORKSPACES)[]).map(workspaceColumn)
}

// The tables have different columns; what they share is a key and a sealed value. kysely is told that
// each is the mail's, and of workspaces the credential's.
function instanceColumn(table: keyof typeof OF_INSTANCE): SealedColumn {
  const { row, column } = OF_INSTANCE[table]
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

function workspaceColumn(table: keyof typeof OF_WORKSPACES): SealedColumn {
  const { row, column } = OF_WORKSPACES[table]
  return {
    table,
    column,
    async list(db, workspaceId, after, limit) {
      return db
        .selectFrom(table as 'targetCredential')
        .select((cell) => [cell.ref(row).as('row'), cell.ref(column as 'sealed').as('sealed')])
        .where('workspaceId', '=', workspaceId)
        .where(row, '>', after as CredentialId)
        .orderBy(row)
        .limit(limit)
        .execute()
    },
    async replace(tx, id, before, sealed) {
      await tx
        .updateTable(table as 'targetCredential')
        .set({ [column]: sealed })
        .where('workspaceId', '=', tx.scope.workspaceId)
        .where(row, '=', id as CredentialId)
        .where(column as 'sealed', '=', before)
        .execute()
    },
  }
}
