// Runs of the test cases of rules, and what came out of the newest text of each rule.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleTestRun')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('verdict', 'text', (c) =>
      c.notNull().check(sql`verdict in ('passed', 'failed', 'untold')`),
    )
    .addColumn('passed', engine.integer, (c) => c.notNull())
    .addColumn('failed', engine.integer, (c) => c.notNull())
    .addColumn('untold', engine.integer, (c) => c.notNull())
    .addColumn('engine', 'text', (c) => c.notNull())
    .addColumn('durationMs', engine.integer, (c) => c.notNull())
    .addColumn('results', 'text', (c) => c.notNull().check(engine.isJson('results')))
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleTestRunKey', ['workspaceId', 'ruleId', 'id'])
    .addForeignKeyConstraint('ruleTestRunRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema.alterTable('rule').addColumn('testVerdict', 'text').execute()
}
