// Where a rule stands in a folder of files, for teams that keep their rules in source control.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleFile')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('document', engine.integer, (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleFileKey', ['workspaceId', 'ruleId'])
    .addForeignKeyConstraint('ruleFileRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
}
