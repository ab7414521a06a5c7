// Exclusions: filters laid over named rules until a day, their versions, which never change, and the
// rules they named when they were written.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createExclusions(db, engine)
  await createVersions(db, engine)
  await createRules(db, engine)
}

async function createExclusions(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'exclusion')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull().check(sql`version >= 1`))
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('sigmaId', 'text')
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('endsAt', engine.integer, (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('in_force', 'ended')`))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('updatedAt', engine.integer, (c) => c.notNull())
    .addColumn('updatedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('exclusionKey', ['workspaceId', 'id'])
    .execute()
  // NULLs differ from each other, so exclusions without a Sigma id do not meet here.
  await db.schema
    .createIndex('exclusionSigmaId')
    .unique()
    .on('exclusion')
    .columns(['workspaceId', 'sigmaId'])
    .execute()
  await db.schema
    .createIndex('exclusionByEnd')
    .on('exclusion')
    .columns(['workspaceId', 'state', 'endsAt', 'id'])
    .execute()
}

async function createVersions(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'exclusionVersion')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('exclusionId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('exclusionVersionKey', ['workspaceId', 'exclusionId', 'number'])
    .addForeignKeyConstraint(
      'exclusionVersionExclusion',
      ['workspaceId', 'exclusionId'],
      'exclusion',
      ['workspaceId', 'id'],
    )
    .execute()
  await engine.refuse(db, {
    name: 'exclusionVersionStays',
    table: 'exclusionVersion',
    before: 'update',
    when: 'true',
    message: 'a version of an exclusion never changes',
  })
}

async function createRules(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'exclusionRule', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('exclusionId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('exclusionRuleKey', ['workspaceId', 'exclusionId', 'ruleId'])
    .addForeignKeyConstraint(
      'exclusionRuleExclusion',
      ['workspaceId', 'exclusionId'],
      'exclusion',
      ['workspaceId', 'id'],
    )
    .addForeignKeyConstraint('exclusionRuleRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('exclusionRuleOf')
    .on('exclusionRule')
    .columns(['workspaceId', 'ruleId'])
    .execute()
}
