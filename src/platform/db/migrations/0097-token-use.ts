// What agents used of their budgets: calls and rows of the newest day a token was used on.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'tokenUse')
    .addColumn('tokenId', 'text', (c) =>
      c.primaryKey().notNull().references('apiToken.id').onDelete('cascade'),
    )
    .addColumn('day', engine.integer, (c) => c.notNull())
    .addColumn('calls', engine.integer, (c) => c.notNull())
    .addColumn('rows', engine.integer, (c) => c.notNull())
    .execute()
}
