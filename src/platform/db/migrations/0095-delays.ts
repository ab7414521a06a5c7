// How late events come into what a target holds, as it was measured; and the change that a breached budget
// proposed, so that one breach proposes one.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema
    .alterTable('healthSource')
    .addColumn('delay', 'text', (c) => c.check(engine.isJson('delay')))
    .execute()
  await db.schema.alterTable('noiseBudget').addColumn('proposedId', 'text').execute()
  await db.schema.alterTable('noiseBudget').addColumn('proposedAt', engine.integer).execute()
}
