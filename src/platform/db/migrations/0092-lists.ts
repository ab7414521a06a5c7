// Reference lists: values that rules name, and every set of values that each had.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'referenceList')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('about', 'text', (c) => c.notNull())
    .addColumn('shape', 'text', (c) => c.notNull())
    .addColumn('valuesMax', engine.integer, (c) => c.notNull())
    .addColumn('items', 'text', (c) => c.notNull())
    .addColumn('valueCount', engine.integer, (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('reviewBy', engine.integer, (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull().check(sql`version >= 1`))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('updatedAt', engine.integer, (c) => c.notNull())
    .addColumn('updatedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('referenceListKey', ['workspaceId', 'id'])
    .execute()
  await db.schema
    .createIndex('referenceListName')
    .unique()
    .on('referenceList')
    .columns(['workspaceId', 'name'])
    .execute()
  await engine
    .table(db, 'referenceListVersion')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('listId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('items', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('referenceListVersionKey', ['workspaceId', 'listId', 'number'])
    .addForeignKeyConstraint(
      'referenceListVersionList',
      ['workspaceId', 'listId'],
      'referenceList',
      ['workspaceId', 'id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await engine.refuse(db, {
    name: 'referenceListVersionStays',
    table: 'referenceListVersion',
    before: 'update',
    when: 'true',
    message: 'a version of a list never changes',
  })
}
