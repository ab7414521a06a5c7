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
  // Contentless: the words themselves are kept nowhere; FTS5 finds what to delete by the row's number.
  wordIndex: async (db, name) => {
    const text = `create virtual table "${name}" using fts5(words, content='', contentless_delete=1,
      tokenize='unicode61 remove_diacritics 2', prefix='3', detail=full)`
    await sql.raw(text).execute(db)
  },
  refuse: async (db, { name, table, before, when, message }) => {
    const text = `create trigger "${name}" before ${before} on "${table}" when ${when}
      begin select raise(abort, '${message}'); end`
    await sql.raw(text).execute(db)
  },
}
