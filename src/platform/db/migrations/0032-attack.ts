// A version of ATT&CK that the owner imported; the one that came with the product has no row.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'attackTable')
    .addColumn('id', engine.integer, (c) =>
      c
        .primaryKey()
        .notNull()
        .check(sql`id = 1`),
    )
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('tactics', 'text', (c) => c.notNull())
    .addColumn('platforms', 'text', (c) => c.notNull())
    .addColumn('techniques', 'text', (c) => c.notNull())
    .addColumn('importedAt', engine.integer, (c) => c.notNull())
    .addColumn('importedBy', 'text', (c) => c.notNull())
    .execute()
}
