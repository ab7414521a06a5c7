// A database file that another process may serve, for reading what is of one workspace after the other.
// Takes no lock.

import { openReader as openReadHandle } from '#platform/db/handle.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import { TableLists } from '#platform/db/table-lists.ts'
import { TABLES } from '#platform/db/tables.ts'
import type { Reader } from '#platform/db/tx.ts'
import { openReader } from './open.ts'
import { sqliteQueries, Statements } from './statements.ts'

export interface Beside {
  readonly workspaces: () => readonly { readonly id: string; readonly slug: string }[]
  readonly read: (scope: WorkspaceScope) => Reader
  readonly close: () => void
}

export function openBeside(file: string): Beside {
  const connection = openReader(file)
  const statements = new Statements(connection)
  const lists = new TableLists(TABLES)
  return {
    workspaces: () =>
      connection.prepare('select "id", "slug" from "workspace" order by "slug"').all() as {
        id: string
        slug: string
      }[],
    read: (scope) =>
      openReadHandle({
        engine: sqliteQueries,
        lists,
        scope,
        run: (query) => statements.execute(query),
      }),
    close: () => connection.close(),
  }
}
