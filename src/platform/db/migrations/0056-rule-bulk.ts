// Changes to many rules, rule by rule: what each was before and after, so that they can be looked at and
// taken back. Views learn which one a person begins with.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleBulk')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('jobId', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('undoes', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleBulkKey', ['workspaceId', 'jobId'])
    .execute()
  // NULLs differ from each other: a change is taken back once, and most take nothing back.
  await db.schema
    .createIndex('ruleBulkUndoes')
    .unique()
    .on('ruleBulk')
    .columns(['workspaceId', 'undoes'])
    .execute()
  await engine
    .table(db, 'ruleBulkItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('jobId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('result', 'text', (c) =>
      c.notNull().check(sql`result in ('changed', 'same', 'refused')`),
    )
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addColumn('message', 'text')
    .addPrimaryKeyConstraint('ruleBulkItemKey', ['workspaceId', 'jobId', 'ruleId'])
    .addForeignKeyConstraint('ruleBulkItemOf', ['workspaceId', 'jobId'], 'ruleBulk', [
      'workspaceId',
      'jobId',
    ])
    .execute()
  await db.schema.alterTable('savedView').addColumn('isDefault', engine.integer).execute()
}
