// Reads the schema of a SQLite file back: columns for comparison with tables.ts, and a digest over
// every definition.

import { digestSchema, type Schema } from '#platform/db/schema.ts'
import type { Connection } from './open.ts'

/** Tables by name, without SQLite's own and without word indexes and the tables they are kept in. */
export function readSchema(connection: Connection): Schema {
  const tables = connection
    .prepare(
      `select name from pragma_table_list where schema = 'main' and type = 'table'
         and name not like 'sqlite\\_%' escape '\\'`,
    )
    .pluck()
    .all() as string[]
  return Object.fromEntries(tables.map((table) => [table, readColumns(connection, table)]))
}

export function schemaDigest(connection: Connection): string {
  return digestSchema(
    connection
      .prepare(
        `select type, name, tbl_name, sql from sqlite_schema
         where name not like 'sqlite\\_%' escape '\\' order by type, name`,
      )
      .raw()
      .all(),
  )
}

function readColumns(connection: Connection, table: string): Schema[string] {
  const rows = connection.prepare('select * from pragma_table_info(?)').all(table) as ColumnRow[]
  return Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        type: row.type.toLowerCase(),
        isNullable: row.notnull === 0,
        hasDefault: row.dflt_value !== null || row.notnull === 0,
      },
    ]),
  )
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly dflt_value: string | null
}
