// Digests of two more kinds of rows that decide who comes in: sessions and workspaces. Everybody signs
// in again; workspaces get theirs at the next start, once, which the instance's own row remembers.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.deleteFrom('session').execute()
  await db.schema.alterTable('session').addColumn('mac', engine.bytes).execute()
  await db.schema.alterTable('workspace').addColumn('policyVersion', engine.integer).execute()
  await db.schema.alterTable('workspace').addColumn('mac', engine.bytes).execute()
  await db.schema.alterTable('instance').addColumn('rowsSealedAt', engine.integer).execute()
}
