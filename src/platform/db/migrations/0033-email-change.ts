// An address that somebody wants to use from now on, until they open the link that went to it.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'emailChange')
    .addColumn('userId', 'text', (c) => c.primaryKey().notNull().references('user.id'))
    .addColumn('key', 'text', (c) => c.notNull().unique())
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
}
