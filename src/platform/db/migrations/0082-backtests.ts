// Backtests: the query that stands and the one that is proposed, asked over the same window. Of a
// change they are its impact; without one they are a forecast of what rules would bring.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'backtest')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text')
    .addColumn('changeHash', 'text')
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('fromAt', engine.integer, (c) => c.notNull())
    .addColumn('toAt', engine.integer, (c) => c.notNull())
    .addColumn('rowsMax', engine.integer, (c) => c.notNull())
    .addColumn('atOnce', engine.integer, (c) => c.notNull())
    .addColumn('perHour', engine.integer)
    .addColumn('jobId', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('backtestKey', ['workspaceId', 'id'])
    .execute()
  await db.schema
    .createIndex('backtestOfChange')
    .on('backtest')
    .columns(['workspaceId', 'changeId', 'id'])
    .execute()
  await engine
    .table(db, 'backtestItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('backtestId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('ruleTitle', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer)
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    // Chosen before the search is begun, so that a restart finds it instead of asking twice.
    .addColumn('beforeSearchId', 'text')
    .addColumn('afterSearchId', 'text')
    .addColumn('askedAt', engine.integer)
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('waiting', 'asking', 'measured', 'unknown', 'unchanged')`),
    )
    .addColumn('perDay', engine.integer)
    .addColumn('reason', 'text')
    .addColumn('result', 'text')
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('backtestItemKey', ['workspaceId', 'backtestId', 'number'])
    .addForeignKeyConstraint('backtestItemOf', ['workspaceId', 'backtestId'], 'backtest', [
      'workspaceId',
      'id',
    ])
    .execute()
}
