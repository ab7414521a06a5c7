// Imports of rules: what somebody brought, document by document, from the preview to what became of it.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleImport')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('preview', 'running', 'done')`),
    )
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('fileCount', engine.integer, (c) => c.notNull())
    .addColumn('conflicts', 'text')
    .addColumn('jobId', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleImportKey', ['workspaceId', 'id'])
    .execute()
  await engine
    .table(db, 'ruleImportItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('importId', 'text', (c) => c.notNull())
    .addColumn('position', engine.integer, (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('title', 'text')
    .addColumn('finding', 'text', (c) => c.notNull())
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('merged', 'text')
    .addColumn('ruleId', 'text')
    .addColumn('result', 'text')
    .addPrimaryKeyConstraint('ruleImportItemKey', ['workspaceId', 'importId', 'position'])
    .addForeignKeyConstraint('ruleImportItemOf', ['workspaceId', 'importId'], 'ruleImport', [
      'workspaceId',
      'id',
    ])
    .execute()
  // Whether what a rule says now came by an import, and from which text.
  await db.schema
    .createIndex('ruleImportItemRule')
    .on('ruleImportItem')
    .columns(['workspaceId', 'ruleId', 'contentHash'])
    .execute()
}
