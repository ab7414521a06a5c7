// What rules build on has a name for people beside the one that rules use, and where the target does not
// tell what it is, somebody here may have said so.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const dependency = db.schema.alterTable('dependency')
  await dependency.addColumn('title', 'text').execute()
  await dependency.addColumn('givenAt', engine.integer).execute()
  await dependency.addColumn('givenBy', 'text').execute()
}
