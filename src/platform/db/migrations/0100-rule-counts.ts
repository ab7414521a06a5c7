// How many rules a list has, from an index alone: all that a row of `rule` is narrowed by, and no text.

import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase): Promise<void> {
  await db.schema
    .createIndex('ruleCounted')
    .on('rule')
    .columns([
      'workspaceId',
      'state',
      'level',
      'status',
      'errorCount',
      'warningCount',
      'testVerdict',
      'positiveTests',
      'negativeTests',
      'format',
      'product',
      'category',
      'service',
      'owner',
      'group',
      'id',
    ])
    .execute()
}
