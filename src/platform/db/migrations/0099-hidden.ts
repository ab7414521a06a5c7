// How many hits an exclusion was counted to hide, beside what that was counted of.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema
    .alterTable('exclusion')
    .addColumn('hidden', 'text', (c) => c.check(engine.isJson('hidden')))
    .execute()
}
