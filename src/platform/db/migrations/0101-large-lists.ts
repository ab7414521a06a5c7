// Two lists of large workspaces that looked into every row: rules by what they become at a kind of place,
// and how many deployed rules fare how.

import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase): Promise<void> {
  await db.schema.dropIndex('ruleRenderState').execute()
  await db.schema
    .createIndex('ruleRenderState')
    .on('ruleRender')
    .columns(['workspaceId', 'kind', 'target', 'state', 'ruleId'])
    .execute()
  await db.schema
    .createIndex('healthRuleByState')
    .on('healthRule')
    .columns(['workspaceId', 'state', 'ruleId', 'targetId'])
    .execute()
}
