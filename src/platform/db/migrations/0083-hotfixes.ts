// What was deployed without signatures for a short time: a hotfix of an engineer, or a change for which an
// admin broke the glass. Each ends by itself and is looked at by somebody else.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'hotfix')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) =>
      c.notNull().check(sql`kind in ('pause', 'exclude', 'breakglass')`),
    )
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('running', 'reverting', 'reverted', 'kept')`),
    )
    .addColumn('ruleId', 'text')
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('deploymentId', 'text', (c) => c.notNull())
    .addColumn('undoId', 'text')
    .addColumn('exclusionId', 'text')
    .addColumn('endsAt', engine.integer, (c) => c.notNull())
    .addColumn('review', 'text', (c) =>
      c.notNull().check(sql`review in ('open', 'justified', 'flagged')`),
    )
    .addColumn('reviewedBy', 'text')
    .addColumn('reviewedAt', engine.integer)
    .addColumn('comment', 'text')
    .addColumn('jobId', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('hotfixKey', ['workspaceId', 'id'])
    .execute()
}
