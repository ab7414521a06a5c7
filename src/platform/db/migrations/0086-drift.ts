// What stood where, and when: places of rules as they were over time, the bytes that stood there, the
// times at which somebody looked, and what was found to differ. None of it is ever changed but for its
// end, and none of it goes with a target: what ran where is asked for years later.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addHistory(db, engine)
  await addBodies(db, engine)
  await addLooks(db, engine)
  await addFindings(db, engine)
  await beginHistory(db)
}

async function addHistory(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'placementHistory')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('ownership', 'text', (c) =>
      c.notNull().check(sql`ownership in ('observe', 'managed')`),
    )
    .addColumn('state', 'text', (c) =>
      c
        .notNull()
        .check(sql`state in ('soaking', 'live', 'paused', 'drifted', 'missing', 'unknown')`),
    )
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) =>
      c.notNull().check(sql`origin in ('baseline', 'deployment')`),
    )
    .addColumn('deploymentId', 'text')
    .addColumn('isSigned', engine.integer, (c) => c.notNull().check(sql`"isSigned" in (0, 1)`))
    .addColumn('fromAt', engine.integer, (c) => c.notNull())
    .addColumn('toAt', engine.integer)
    .addPrimaryKeyConstraint('placementHistoryKey', ['workspaceId', 'ruleId', 'targetId', 'number'])
    .addForeignKeyConstraint('placementHistoryRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('placementHistoryByTime')
    .on('placementHistory')
    .columns(['workspaceId', 'targetId', 'fromAt'])
    .execute()
}

async function addBodies(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'placementBody', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull().check(engine.isJson('body')))
    .addPrimaryKeyConstraint('placementBodyKey', ['workspaceId', 'hash'])
    .execute()
}

async function addLooks(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'targetLook', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('isComplete', engine.integer, (c) => c.notNull().check(sql`"isComplete" in (0, 1)`))
    .addPrimaryKeyConstraint('targetLookKey', ['workspaceId', 'targetId', 'at'])
    .execute()
}

async function addFindings(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'drift')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) =>
      c.notNull().check(sql`kind in ('changed', 'missing', 'dependency')`),
    )
    .addColumn('ruleId', 'text')
    .addColumn('dependencyId', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('found', 'adopted', 'redeployed', 'unmanaged', 'ended')`),
    )
    .addColumn('fields', 'text', (c) => c.notNull().check(engine.isJson('fields')))
    .addColumn('observedHash', 'text')
    .addColumn('observed', 'text')
    .addColumn('before', 'text', (c) => c.notNull())
    .addColumn('notices', 'text', (c) => c.notNull().check(engine.isJson('notices')))
    .addColumn('remoteChangedAt', engine.integer)
    .addColumn('remoteChangedBy', 'text')
    .addColumn('foundAt', engine.integer, (c) => c.notNull())
    .addColumn('seenAt', engine.integer, (c) => c.notNull())
    .addColumn('wanted', 'text', (c) => c.check(sql`wanted in ('redeploy', 'unmanage')`))
    .addColumn('changeId', 'text')
    .addColumn('endedAt', engine.integer)
    .addColumn('endedBy', 'text')
    .addPrimaryKeyConstraint('driftKey', ['workspaceId', 'id'])
    .addForeignKeyConstraint('driftRule', ['workspaceId', 'ruleId'], 'rule', ['workspaceId', 'id'])
    .execute()
  await db.schema
    .createIndex('driftByState')
    .on('drift')
    .columns(['workspaceId', 'state', 'id'])
    .execute()
  await db.schema
    .createIndex('driftByPlace')
    .on('drift')
    .columns(['workspaceId', 'targetId', 'ruleId'])
    .execute()
}

/** Where rules stand now begins with what is known of it. */
async function beginHistory(db: SchemaDatabase): Promise<void> {
  await sql`
    insert into "placementHistory"
      ("workspaceId", "ruleId", "targetId", number, "targetName", kind, ref, ownership, state,
       version, hash, origin, "deploymentId", "isSigned", "fromAt", "toAt")
    select p."workspaceId", p."ruleId", p."targetId", 1, t.name, t.kind, p.ref, p.ownership,
      p.state, p.version, p.hash, p.origin, p."deploymentId", p."isSigned", p.since, null
    from placement p
    join target t on t."workspaceId" = p."workspaceId" and t.id = p."targetId"`.execute(db)
  await sql`
    insert into "placementBody" ("workspaceId", hash, body)
    select "workspaceId", hash, min(body) from placement group by "workspaceId", hash`.execute(db)
}
