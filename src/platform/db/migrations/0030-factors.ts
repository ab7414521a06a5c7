// What a person's row says about what lets them in: that the password is good only beside a second
// factor, and which factors there are. Null is what rows of before say; the digest of such a row holds.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema.alterTable('user').addColumn('isPasswordShort', engine.integer).execute()
  await db.schema.alterTable('user').addColumn('factorSet', 'text').execute()
}
