// Where rules of others come from: repositories and bundles, what the newest bundle of each would change,
// and which text of it each rule began as.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addUpstreams(db, engine)
  await addItems(db, engine)
  await addRules(db, engine)
}

async function addUpstreams(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'upstream')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('address', 'text')
    .addColumn('licence', 'text')
    .addColumn('author', 'text')
    .addColumn('latest', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('upstreamKey', ['workspaceId', 'id'])
    .addUniqueConstraint('upstreamName', ['workspaceId', 'name'])
    .execute()
  await engine
    .table(db, 'upstreamUpdate')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('upstreamId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('commit', 'text')
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('fileCount', engine.integer, (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('planning', 'open', 'applying')`),
    )
    .addColumn('jobId', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('upstreamUpdateKey', ['workspaceId', 'upstreamId', 'number'])
    .addForeignKeyConstraint('upstreamUpdateOf', ['workspaceId', 'upstreamId'], 'upstream', [
      'workspaceId',
      'id',
    ])
    .execute()
}

async function addItems(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'upstreamItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('upstreamId', 'text', (c) => c.notNull())
    .addColumn('position', engine.integer, (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('title', 'text')
    .addColumn('sigmaId', 'text')
    .addColumn('finding', 'text')
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('merged', 'text')
    .addColumn('conflicts', engine.integer, (c) => c.notNull())
    .addColumn('ruleId', 'text')
    .addColumn('ruleVersion', engine.integer)
    .addColumn('successor', 'text')
    .addColumn('confidence', engine.integer)
    .addColumn('choice', 'text')
    .addColumn('result', 'text')
    .addPrimaryKeyConstraint('upstreamItemKey', ['workspaceId', 'upstreamId', 'position'])
    .addForeignKeyConstraint('upstreamItemOf', ['workspaceId', 'upstreamId'], 'upstream', [
      'workspaceId',
      'id',
    ])
    .execute()
}

async function addRules(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleUpstream')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('upstreamId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('sigmaId', 'text')
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('standing', 'text', (c) =>
      c.notNull().check(sql`standing in ('followed', 'deprecated', 'gone', 'replaced')`),
    )
    .addColumn('successor', 'text')
    .addPrimaryKeyConstraint('ruleUpstreamKey', ['workspaceId', 'ruleId'])
    .addForeignKeyConstraint('ruleUpstreamRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .addForeignKeyConstraint('ruleUpstreamOf', ['workspaceId', 'upstreamId'], 'upstream', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('ruleUpstreamRules')
    .on('ruleUpstream')
    .columns(['workspaceId', 'upstreamId'])
    .execute()
}
