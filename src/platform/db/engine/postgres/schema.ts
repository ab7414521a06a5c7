// Reads the schema of a PostgreSQL database back, in the form that tables.ts describes.

import type pg from 'pg'
import { digestSchema, type Schema } from '#platform/db/schema.ts'

const TYPES: Readonly<Record<string, string>> = { bigint: 'integer', bytea: 'blob' }

/** Without word indexes: the tables with a `rowid`, a name that SQLite reserves. */
export async function readSchema(client: pg.ClientBase): Promise<Schema> {
  const { rows } = await client.query<ColumnRow>(
    `select table_name, column_name, data_type, is_nullable, column_default
     from information_schema.columns
     where table_schema = current_schema() and table_name not in
       (select table_name from information_schema.columns
        where table_schema = current_schema() and column_name = 'rowid')
     order by table_name, ordinal_position`,
  )
  const tables: Record<string, Record<string, Schema[string][string]>> = {}
  for (const row of rows) {
    const isNullable = row.is_nullable === 'YES'
    const columns = (tables[row.table_name] ??= {})
    columns[row.column_name] = {
      type: TYPES[row.data_type] ?? row.data_type,
      isNullable,
      hasDefault: isNullable || row.column_default !== null,
    }
  }
  return tables
}

/** Over columns, constraints, indexes, triggers and their functions. */
export async function schemaDigest(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query(DEFINITIONS)
  return digestSchema([await readSchema(client), rows])
}

const DEFINITIONS = `
  select 'constraint' as kind, conname as name, pg_get_constraintdef(oid) as text
    from pg_constraint where connamespace = current_schema()::regnamespace
  union all select 'index', indexname, indexdef from pg_indexes where schemaname = current_schema()
  union all select 'trigger', tgname, pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not tgisinternal and c.relnamespace = current_schema()::regnamespace
  union all select 'function', proname, prosrc
    from pg_proc where pronamespace = current_schema()::regnamespace
  order by 1, 2, 3`

interface ColumnRow {
  readonly table_name: string
  readonly column_name: string
  readonly data_type: string
  readonly is_nullable: 'YES' | 'NO'
  readonly column_default: string | null
}
