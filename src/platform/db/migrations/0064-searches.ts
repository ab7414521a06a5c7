// Searches: one question to one or many targets over a time range, a segment for each target. What was
// found is evidence and lies elsewhere.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'search')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text')
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('fromAt', engine.integer, (c) => c.notNull())
    .addColumn('toAt', engine.integer, (c) => c.notNull())
    .addColumn('rowsMax', engine.integer, (c) => c.notNull())
    .addColumn('secondsMax', engine.integer, (c) => c.notNull())
    .addColumn('evidenceDays', engine.integer, (c) => c.notNull())
    .addColumn('isSaved', engine.integer, (c) => c.notNull().check(sql`"isSaved" in (0, 1)`))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('searchKey', ['workspaceId', 'id'])
    .execute()
  await engine
    .table(db, 'searchSegment')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('searchId', 'text', (c) => c.notNull())
    .addColumn('position', engine.integer, (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c
        .notNull()
        .check(sql`state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown')`),
    )
    .addColumn('attempt', engine.integer, (c) => c.notNull())
    .addColumn('jobId', 'text')
    // `sent` without `remote`: the product stopped between asking and remembering.
    .addColumn('sentAt', engine.integer)
    .addColumn('remote', 'text')
    .addColumn('progress', engine.integer)
    .addColumn('scanned', engine.integer)
    .addColumn('found', engine.integer)
    .addColumn('rowCount', engine.integer, (c) => c.notNull())
    .addColumn('byteCount', engine.integer, (c) => c.notNull())
    .addColumn('columns', 'text', (c) => c.notNull().check(engine.isJson('columns')))
    .addColumn('histogram', 'text', (c) => c.notNull().check(engine.isJson('histogram')))
    .addColumn('completeness', 'text')
    .addColumn('notices', 'text', (c) => c.notNull().check(engine.isJson('notices')))
    .addColumn('reason', 'text')
    .addColumn('startedAt', engine.integer)
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('searchSegmentKey', ['workspaceId', 'searchId', 'position'])
    .addForeignKeyConstraint('searchSegmentOf', ['workspaceId', 'searchId'], 'search', [
      'workspaceId',
      'id',
    ])
    .execute()
}
