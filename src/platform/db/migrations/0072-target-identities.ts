// Credentials of targets learn who they are there, which certificate they show, and what hangs on them;
// and how a target was before stays to be read when the checks themselves are forgotten.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const credential = db.schema.alterTable('targetCredential')
  await credential.addColumn('identity', 'text').execute()
  await credential.addColumn('certificate', 'text').execute()
  await credential.addColumn('certificateEndsAt', engine.integer).execute()
  await credential
    .addColumn('dependants', 'text', (c) => c.check(engine.isJson('dependants')))
    .execute()
  await engine
    .table(db, 'targetHealthChange')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c
        .notNull()
        .check(sql`state in ('healthy', 'degraded', 'unreachable', 'unauthorised', 'unknown')`),
    )
    .addColumn('reason', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('targetHealthChangeKey', ['workspaceId', 'targetId', 'number'])
    .addForeignKeyConstraint('targetHealthChangeTarget', ['workspaceId', 'targetId'], 'target', [
      'workspaceId',
      'id',
    ])
    .execute()
}
