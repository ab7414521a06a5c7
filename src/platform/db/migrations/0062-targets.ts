// Targets: the SIEMs of a workspace, what the product signs in with there, and how they are.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addTargets(db, engine)
  await addCredentials(db, engine)
  await addHealth(db, engine)
}

async function addTargets(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'target')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('stage', 'text', (c) =>
      c.notNull().check(sql`stage in ('dev', 'test', 'production')`),
    )
    .addColumn('mode', 'text', (c) => c.notNull().check(sql`mode in ('read_only', 'read_write')`))
    .addColumn('deploy', 'text', (c) => c.notNull().check(sql`deploy in ('api', 'artefact')`))
    .addColumn('settings', 'text', (c) => c.notNull().check(engine.isJson('settings')))
    .addColumn('ca', 'text')
    .addColumn('pins', 'text', (c) => c.notNull().check(engine.isJson('pins')))
    .addColumn('parameters', 'text', (c) => c.notNull().check(engine.isJson('parameters')))
    .addColumn('concurrency', engine.integer, (c) => c.notNull())
    .addColumn('checkMinutes', engine.integer, (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('changedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('targetKey', ['workspaceId', 'id'])
    .addUniqueConstraint('targetName', ['workspaceId', 'name'])
    .execute()
}

async function addCredentials(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'targetCredential')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull().check(sql`purpose in ('read', 'write')`))
    .addColumn('slot', 'text', (c) =>
      c.notNull().check(sql`slot in ('current', 'next', 'previous')`),
    )
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer)
    .addColumn('warnedDays', engine.integer)
    .addColumn('checkedAt', engine.integer)
    .addColumn('problem', 'text')
    .addColumn('endsAt', engine.integer)
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('targetCredentialKey', ['workspaceId', 'id'])
    .addUniqueConstraint('targetCredentialSlot', ['workspaceId', 'targetId', 'purpose', 'slot'])
    .addForeignKeyConstraint('targetCredentialTarget', ['workspaceId', 'targetId'], 'target', [
      'workspaceId',
      'id',
    ])
    .execute()
}

async function addHealth(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'targetHealth')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c
        .notNull()
        .check(sql`state in ('healthy', 'degraded', 'unreachable', 'unauthorised', 'unknown')`),
    )
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('since', engine.integer, (c) => c.notNull())
    .addColumn('checkedAt', engine.integer)
    .addColumn('facts', 'text', (c) => c.notNull().check(engine.isJson('facts')))
    .addColumn('schema', 'text', (c) => c.check(engine.isJson('schema')))
    .addColumn('schemaAt', engine.integer)
    .addPrimaryKeyConstraint('targetHealthKey', ['workspaceId', 'targetId'])
    .addForeignKeyConstraint('targetHealthTarget', ['workspaceId', 'targetId'], 'target', [
      'workspaceId',
      'id',
    ])
    .execute()
}
