// Where rules of ours stand: which object of which target is which rule, in whose bytes, and how it was
// when it was last looked at. What was adopted before stands as its baseline says.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'placement')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
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
    .addColumn('body', 'text', (c) => c.notNull().check(engine.isJson('body')))
    .addColumn('raw', 'text', (c) => c.notNull().check(engine.isJson('raw')))
    .addColumn('etag', 'text')
    .addColumn('origin', 'text', (c) =>
      c.notNull().check(sql`origin in ('baseline', 'deployment')`),
    )
    .addColumn('deploymentId', 'text')
    .addColumn('isSigned', engine.integer, (c) => c.notNull().check(sql`"isSigned" in (0, 1)`))
    .addColumn('soakUntil', engine.integer)
    .addColumn('since', engine.integer, (c) => c.notNull())
    .addColumn('checkedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('placementKey', ['workspaceId', 'ruleId', 'targetId'])
    .addUniqueConstraint('placementRef', ['workspaceId', 'targetId', 'ref'])
    .addForeignKeyConstraint('placementRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .addForeignKeyConstraint(
      'placementTarget',
      ['workspaceId', 'targetId'],
      'target',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('placementByState')
    .on('placement')
    .columns(['workspaceId', 'state', 'targetId'])
    .execute()
  await keepWhatWasAdopted(db)
}

/** Of two objects that are bound to one rule at one target, the one that was adopted first counts. */
async function keepWhatWasAdopted(db: SchemaDatabase): Promise<void> {
  await sql`
    insert into placement
      ("workspaceId", "ruleId", "targetId", ref, ownership, state, version, hash, body, raw, etag,
       origin, "deploymentId", "isSigned", "soakUntil", since, "checkedAt")
    select a."workspaceId", a."ruleId", a."targetId", o.ref, a.ownership,
      case when o."missingSince" is not null then 'missing'
           when o.hash <> a.hash then 'drifted'
           when o."isEnabled" = 0 then 'paused'
           else 'live' end,
      r.version, a.hash, a.body, a.raw, o.etag, 'baseline', null, 1, null, a."adoptedAt",
      o."lastSeenAt"
    from adoption a
    join "observedRule" o on o."workspaceId" = a."workspaceId" and o.id = a."observedId"
    join rule r on r."workspaceId" = a."workspaceId" and r.id = a."ruleId"
    where a."observedId" = (
      select min(b."observedId") from adoption b
      where b."workspaceId" = a."workspaceId" and b."ruleId" = a."ruleId"
        and b."targetId" = a."targetId"
    )`.execute(db)
}
