// What a migration may ask of an engine beside kysely's schema builder: the few spellings in which
// SQLite and PostgreSQL differ. Grows only by what a migration really uses.

import type { CreateTableBuilder, Kysely, RawBuilder } from 'kysely'

/** The schema before any row type is known: migrations never import today's tables.ts. */
// oxlint-disable-next-line no-explicit-any -- kysely's word for "any table"
export type SchemaDatabase = Kysely<any>

export interface SchemaEngine {
  readonly kind: 'sqlite' | 'postgres'
  /** Column type of whole numbers of 64 bits: instants, counts, 0 and 1. */
  readonly integer: 'integer' | 'bigint'
  /** Column type of bytes. */
  readonly bytes: 'blob' | 'bytea'
  /**
   * Begins a table whose columns hold only values of their type. `byKey` stores the rows in the
   * order of the primary key where the engine can; not for tables with large rows.
   */
  table(db: SchemaDatabase, name: string, options?: { byKey?: boolean }): CreateTableBuilder<string>
  /** True where the text column holds JSON; for CHECK. */
  isJson(column: string): RawBuilder<boolean>
  /** An index of words: `rowid` names the row they are of, `words` is never read back. */
  wordIndex(db: SchemaDatabase, name: string): Promise<void>
  /** Refuses the deletion or update of rows for which `when` (SQL over old and new) holds. */
  refuse(db: SchemaDatabase, trigger: RefusingTrigger): Promise<void>
}

export interface RefusingTrigger {
  readonly name: string
  readonly table: string
  readonly before: 'delete' | 'update'
  /** SQL text both engines read: camelCase names in double quotes. */
  readonly when: string
  readonly message: string
}
