// The instance itself, the keys it keeps wrapped, and the epochs of its audit log.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'instance')
    .addColumn('id', engine.integer, (c) =>
      c
        .primaryKey()
        .notNull()
        .check(sql`id = 1`),
    )
    .addColumn('installId', 'text', (c) => c.notNull())
    .addColumn('mkId', 'text', (c) => c.notNull())
    .addColumn('canary', engine.bytes, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('heldAt', engine.integer)
    .addColumn('heldReason', 'text')
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await engine
    .table(db, 'instanceKey')
    .addColumn('purpose', 'text', (c) =>
      c.notNull().check(sql`purpose in ('audit-mac', 'audit-sign', 'token-pepper')`),
    )
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('fromSeq', engine.integer, (c) => c.notNull())
    .addColumn('publicKey', engine.bytes)
    .addColumn('mkId', 'text', (c) => c.notNull())
    .addColumn('wrapped', engine.bytes)
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('instanceKeyKey', ['purpose', 'version'])
    .execute()
  await engine
    .table(db, 'workspaceKey')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('mkId', 'text', (c) => c.notNull())
    .addColumn('wrapped', engine.bytes, (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('active', 'retired')`))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('retiredAt', engine.integer)
    .addPrimaryKeyConstraint('workspaceKeyKey', ['workspaceId', 'version'])
    .execute()
  await createEpochs(db, engine)
}

// A new epoch begins where a person broke the sequence on purpose: after a restore, or after
// accepting a log that contradicts its checkpoints. The first epoch has no row.
async function createEpochs(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'auditEpoch')
    .addColumn('epoch', engine.integer, (c) => c.primaryKey().notNull())
    .addColumn('fromSeq', engine.integer, (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull().check(sql`reason in ('restored', 'accepted')`))
    .addColumn('chain', engine.bytes, (c) => c.notNull())
    .addColumn('frontier', engine.bytes, (c) => c.notNull())
    .addColumn('workspaceSeqs', 'text', (c) => c.notNull().check(engine.isJson('workspaceSeqs')))
    .addColumn('lastNote', 'text') // the last checkpoint known outside that this epoch leaves behind
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
}
