// A workspace may be suspended: nobody comes in and nothing of it runs, and nothing of it is lost.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema.alterTable('workspace').addColumn('suspendedAt', engine.integer).execute()
}
