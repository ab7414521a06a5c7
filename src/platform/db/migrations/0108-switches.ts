// What a deployed rule becomes when an exclusion over it ends, signed with what runs until then; and the
// change that is opened at that end, which follows the one that was signed.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema
    .alterTable('changeItem')
    .addColumn('switches', 'text', (c) => c.check(engine.isJson('switches')))
    .execute()
  await db.schema.alterTable('changeItem').addColumn('switchesAt', engine.integer).execute()
  await db.schema.alterTable('change').addColumn('follows', 'text').execute()
}
