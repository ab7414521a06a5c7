// Backups this instance has made, for keeping the last few and for saying which master secret each
// of them needs.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'backup')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('file', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('sizeBytes', engine.integer, (c) => c.notNull())
    .addColumn('mkId', 'text', (c) => c.notNull())
    .addColumn('auditSize', engine.integer, (c) => c.notNull())
    .addColumn('isScheduled', engine.integer, (c) => c.notNull())
    .execute()
}
