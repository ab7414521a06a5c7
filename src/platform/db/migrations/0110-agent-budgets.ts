// What agents used of two more budgets, searches and bytes; and what an admin gave a token of its own.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  for (const name of ['searches', 'bytes']) {
    await db.schema.alterTable('tokenUse').addColumn(name, engine.integer).execute()
  }
  await engine
    .table(db, 'tokenBudget')
    .addColumn('tokenId', 'text', (c) =>
      c.primaryKey().notNull().references('apiToken.id').onDelete('cascade'),
    )
    .addColumn('callsPerMinute', engine.integer)
    .addColumn('callsPerDay', engine.integer)
    .addColumn('rowsPerDay', engine.integer)
    .addColumn('searchesPerDay', engine.integer)
    .addColumn('megabytesPerDay', engine.integer)
    .execute()
}
