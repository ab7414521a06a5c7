// Keys of our own towards identity providers: those that sign our requests and open what is encrypted for
// us. They go with their provider.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'providerKey')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) =>
      c.notNull().references('identityProvider.id').onDelete('cascade'),
    )
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('certificate', 'text', (c) => c.notNull())
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('endsAt', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('providerKeyProvider')
    .on('providerKey')
    .columns(['providerId'])
    .execute()
}
