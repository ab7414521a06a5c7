// Finds again what a rule without an id was imported as: by its text, or by the place it came from.

import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase): Promise<void> {
  await db.schema
    .createIndex('ruleContentHash')
    .on('rule')
    .columns(['workspaceId', 'contentHash'])
    .execute()
  await db.schema
    .createIndex('ruleImportItemPath')
    .on('ruleImportItem')
    .columns(['workspaceId', 'path', 'importId'])
    .execute()
}
