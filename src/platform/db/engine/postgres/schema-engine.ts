// PostgreSQL's spelling of what migrations ask for.

import { sql } from 'kysely'
import type { SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export const postgresSchema: SchemaEngine = {
  kind: 'postgres',
  integer: 'bigint',
  bytes: 'bytea',
  // Columns are strictly typed and rows lie in a heap: nothing to ask for.
  table: (db, name) => db.schema.createTable(name),
  // The cast throws for text that is no JSON, which refuses the row as a false CHECK would.
  isJson: (column) => sql<boolean>`(${sql.ref(column)})::json is not null`,
  wordIndex: async (db, name) => {
    await db.schema
      .createTable(name)
      .addColumn('rowid', 'bigint', (c) => c.primaryKey())
      .addColumn('words', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex(`${name}Words`)
      .on(name)
      .using('gin')
      .expression(sql`to_tsvector('simple', words)`)
      .execute()
  },
  refuse: async (db, { name, table, before, when, message }) => {
    const body = `begin if ${when} then raise exception '${message}'; end if; return ${before === 'delete' ? 'old' : 'new'}; end`
    await sql
      .raw(`create function "${name}"() returns trigger language plpgsql as $$ ${body} $$`)
      .execute(db)
    await sql
      .raw(
        `create trigger "${name}" before ${before} on "${table}" for each row execute function "${name}"()`,
      )
      .execute(db)
  },
}
