// How deployed rules fare: what is known of each rule at each target, samples by the hour and by the day,
// how far each target was looked at and when it was away, what was missed meanwhile, whether log sources
// still deliver, noise budgets, and alerts with what people made of them.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addRules(db, engine)
  await addSamples(db, engine)
  await addTargets(db, engine)
  await addBudgets(db, engine)
  await addAlerts(db, engine)
}

const RULE = ['workspaceId', 'ruleId'] as const
const TARGET = ['workspaceId', 'targetId'] as const
const SERIES = ['workspaceId', 'series'] as const

async function addRules(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'healthRule')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('series', engine.integer, (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('rank', engine.integer, (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('since', engine.integer, (c) => c.notNull())
    .addColumn('judgedAt', engine.integer, (c) => c.notNull())
    .addColumn('watchedFrom', engine.integer, (c) => c.notNull())
    .addColumn('figures', 'text', (c) => c.notNull().check(engine.isJson('figures')))
    .addColumn('outline', 'text', (c) => c.notNull().check(engine.isJson('outline')))
    .addPrimaryKeyConstraint('healthRuleKey', [...SERIES])
    .addUniqueConstraint('healthRulePlace', ['workspaceId', 'ruleId', 'targetId'])
    .addForeignKeyConstraint('healthRuleOf', [...RULE], 'rule', ['workspaceId', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .addForeignKeyConstraint('healthRuleAt', [...TARGET], 'target', ['workspaceId', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('healthRuleByRank')
    .on('healthRule')
    .columns(['workspaceId', 'rank', 'series'])
    .execute()
}

async function addSamples(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'healthSample', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('series', engine.integer, (c) => c.notNull())
    .addColumn('hours', engine.integer, (c) => c.notNull().check(sql`hours in (1, 24)`))
    .addColumn('at', engine.integer, (c) => c.notNull())
    // Null in all that follows: the target does not tell.
    .addColumn('ran', engine.integer)
    .addColumn('failed', engine.integer)
    .addColumn('skipped', engine.integer)
    .addColumn('alerts', engine.integer)
    .addColumn('latencyMs', engine.integer)
    .addColumn('lagMs', engine.integer)
    .addPrimaryKeyConstraint('healthSampleKey', [...SERIES, 'hours', 'at'])
    .addForeignKeyConstraint('healthSampleOf', [...SERIES], 'healthRule', [...SERIES], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'healthGap')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('series', engine.integer, (c) => c.notNull())
    .addColumn('fromAt', engine.integer, (c) => c.notNull())
    .addColumn('toAt', engine.integer, (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('planned', 'asked')`))
    .addColumn('searchId', 'text')
    .addColumn('askedAt', engine.integer)
    .addPrimaryKeyConstraint('healthGapKey', [...SERIES, 'fromAt'])
    .addForeignKeyConstraint('healthGapOf', [...SERIES], 'healthRule', [...SERIES], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
}

async function addTargets(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'healthTarget')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('ok', 'partial', 'away')`))
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('since', engine.integer, (c) => c.notNull())
    .addColumn('triedAt', engine.integer, (c) => c.notNull())
    // All before it was asked; null while the target never answered.
    .addColumn('sampledUntil', engine.integer)
    .addPrimaryKeyConstraint('healthTargetKey', [...TARGET])
    .addForeignKeyConstraint(
      'healthTargetOf',
      [...TARGET],
      'target',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'healthOutage')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('fromAt', engine.integer, (c) => c.notNull())
    .addColumn('toAt', engine.integer)
    .addColumn('reason', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('healthOutageKey', [...TARGET, 'fromAt'])
    .addForeignKeyConstraint(
      'healthOutageOf',
      [...TARGET],
      'target',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'healthSource')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    // The newest event; null where the target does not tell.
    .addColumn('lastSeenAt', engine.integer)
    .addColumn('seenAt', engine.integer, (c) => c.notNull())
    // The longest that it was silent and came back.
    .addColumn('quietMs', engine.integer, (c) => c.notNull())
    .addColumn('columns', 'text', (c) => c.notNull().check(engine.isJson('columns')))
    .addPrimaryKeyConstraint('healthSourceKey', [...TARGET, 'name'])
    .addForeignKeyConstraint(
      'healthSourceOf',
      [...TARGET],
      'target',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
}

async function addBudgets(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'noiseBudget')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) =>
      c.notNull().check(sql`scope in ('workspace', 'group', 'rule')`),
    )
    // The slug of a group, the id of a rule, empty for the workspace.
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('perDay', engine.integer, (c) => c.notNull())
    .addColumn('onBreach', 'text', (c) => c.notNull().check(sql`"onBreach" in ('flag', 'pause')`))
    .addColumn('setAt', engine.integer, (c) => c.notNull())
    .addColumn('setBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('noiseBudgetKey', ['workspaceId', 'scope', 'name'])
    .execute()
}

async function addAlerts(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'alertRef')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('remoteId', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('version', engine.integer)
    .addColumn('disposition', 'text')
    .addColumn('disposedAt', engine.integer)
    // Null: the target told it.
    .addColumn('disposedBy', 'text')
    .addColumn('note', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('alertRefKey', ['workspaceId', 'id'])
    .addUniqueConstraint('alertRefRemote', ['workspaceId', 'targetId', 'remoteId', 'ruleId'])
    .addForeignKeyConstraint('alertRefOf', [...RULE], 'rule', ['workspaceId', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .addForeignKeyConstraint('alertRefAt', [...TARGET], 'target', ['workspaceId', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('alertRefByRule')
    .on('alertRef')
    .columns(['workspaceId', 'ruleId', 'at'])
    .execute()
}
