// SQLite's spelling of what migrations ask for.

import { sql } from 'kysely'
import type { SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export const sqliteSchema: SchemaEngine = {
  kind: 'sqlite',
  integer: 'integer',
  bytes: 'blob',
  table: (db, name, { byKey = false } = {}) =>
    db.schema
      .createTable(name)
      .modifyEnd(byKey ? sql.raw('strict, without rowid') : sql.raw('strict')),
  isJson: (column) => sql<boolean>`json_valid(${sql.ref(column)})`,
  refuse: async (db, { name, table, before, when, message }) => {
    const text = `create trigger "${name}" before ${before} on "${table}" when ${when}
      begin select raise(abort, '${message}'); end`
    await sql.raw(text).execute(db)
  },
}
