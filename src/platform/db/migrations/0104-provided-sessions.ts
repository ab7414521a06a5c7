// A session that an identity provider began ends by itself after the hours that its admins say, and knows
// where a browser goes to end the one at the provider, too.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema.alterTable('identityProvider').addColumn('sessionHours', engine.integer).execute()
  await db.schema.alterTable('session').addColumn('endsAt', engine.integer).execute()
  await engine
    .table(db, 'identitySignOut')
    .addColumn('sessionId', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) => c.notNull())
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .execute()
}
