// What was written to targets, when, in which bytes, and what stood there before: a deployment and its
// items. They stay for good, with the names of then, because going back to a version needs them.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addDeployments(db, engine)
  await addItems(db, engine)
}

async function addDeployments(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'deployment')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('changeTitle', 'text', (c) => c.notNull())
    .addColumn('changeHash', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('change', 'rollback')`))
    .addColumn('rollsBack', 'text')
    .addColumn('state', 'text', (c) =>
      c.notNull()
        .check(sql`state in ('queued', 'checking', 'testing', 'waiting_window', 'deploying',
          'verifying', 'deployed', 'failed', 'rolling_back', 'rolled_back')`),
    )
    .addColumn('jobId', 'text')
    .addColumn('isDryRun', engine.integer, (c) => c.notNull().check(sql`"isDryRun" in (0, 1)`))
    .addColumn('isCancelled', engine.integer, (c) =>
      c.notNull().check(sql`"isCancelled" in (0, 1)`),
    )
    .addColumn('reason', 'text')
    .addColumn('startedAt', engine.integer, (c) => c.notNull())
    .addColumn('startedBy', 'text', (c) => c.notNull())
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('deploymentKey', ['workspaceId', 'id'])
    .execute()
  await db.schema
    .createIndex('deploymentByChange')
    .on('deployment')
    .columns(['workspaceId', 'changeId'])
    .execute()
}

async function addItems(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'deploymentItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('deploymentId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ruleTitle', 'text', (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) =>
      c
        .notNull()
        .check(sql`action in ('adopt', 'add', 'change', 'remove', 'pause', 'resume', 'unmanage')`),
    )
    .addColumn('version', engine.integer)
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('waiting', 'writing', 'verifying', 'done', 'same', 'failed',
          'rolled_back', 'unknown')`),
    )
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('replaces', 'text')
    .addColumn('body', 'text', (c) => c.check(engine.isJson('body')))
    .addColumn('marker', 'text')
    .addColumn('isSigned', engine.integer, (c) => c.notNull().check(sql`"isSigned" in (0, 1)`))
    .addColumn('soakDays', engine.integer, (c) => c.notNull())
    .addColumn('before', 'text', (c) => c.check(engine.isJson('before')))
    .addColumn('after', 'text', (c) => c.check(engine.isJson('after')))
    .addColumn('stood', 'text', (c) => c.check(engine.isJson('stood')))
    .addColumn('reason', 'text')
    .addColumn('writtenAt', engine.integer)
    .addColumn('verifiedAt', engine.integer)
    .addPrimaryKeyConstraint('deploymentItemKey', ['workspaceId', 'deploymentId', 'number'])
    .addForeignKeyConstraint(
      'deploymentItemDeployment',
      ['workspaceId', 'deploymentId'],
      'deployment',
      ['workspaceId', 'id'],
    )
    .execute()
  await db.schema
    .createIndex('deploymentItemByRule')
    .on('deploymentItem')
    .columns(['workspaceId', 'ruleId', 'targetId', 'deploymentId'])
    .execute()
}
