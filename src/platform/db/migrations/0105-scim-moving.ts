// A change of a group's name reaches its people in more than one write: which group is not through yet.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema.alterTable('scimGroup').addColumn('isMoving', engine.integer).execute()
}
