// The highest wall-clock instant this instance has seen.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'clockMark')
    .addColumn('id', engine.integer, (c) =>
      c
        .primaryKey()
        .notNull()
        .check(sql`id = 1`),
    )
    .addColumn('at', engine.integer, (c) => c.notNull())
    .execute()
}
