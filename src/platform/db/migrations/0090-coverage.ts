// What each deployed rule is worth as cover: whether it proves its techniques where it stands, and why not;
// and what was known of each technique, by the day.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

const SERIES = ['workspaceId', 'series'] as const

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'coverageProof')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('series', engine.integer, (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('techniques', 'text', (c) => c.notNull().check(engine.isJson('techniques')))
    .addColumn('proved', 'text', (c) => c.notNull().check(engine.isJson('proved')))
    .addColumn('tests', 'text', (c) =>
      c.notNull().check(sql`tests in ('passed', 'failed', 'missing')`),
    )
    .addColumn('verdict', 'text', (c) =>
      c.notNull().check(sql`verdict in ('proves', 'fails', 'doubtful', 'untold')`),
    )
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('since', engine.integer, (c) => c.notNull())
    .addColumn('judgedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('coverageProofKey', [...SERIES])
    .addForeignKeyConstraint('coverageProofOf', [...SERIES], 'healthRule', [...SERIES], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'coverageDay', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('day', engine.integer, (c) => c.notNull())
    .addColumn('technique', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('covered', 'lost', 'unknown', 'unproven')`),
    )
    .addPrimaryKeyConstraint('coverageDayKey', ['workspaceId', 'day', 'technique'])
    .execute()
}
