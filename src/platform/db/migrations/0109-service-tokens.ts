// Tokens of the workspace itself: the role that one acts with. `userId` is then who answers for it.

import { sql } from 'kysely'
import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase): Promise<void> {
  await db.schema
    .alterTable('apiToken')
    .addColumn('serviceRole', 'text', (c) =>
      c.check(sql`"serviceRole" in ('engineer', 'analyst', 'viewer')`),
    )
    .execute()
}
