// What stands on targets: rules as they were seen there, what they build on, and which of them are bound
// to rules of ours, with the signed state they had then. All of it goes with its target.

import { sql, type CreateTableBuilder } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addPulls(db, engine)
  await addObserved(db, engine)
  await addAdoptions(db, engine)
  await addDependencies(db, engine)
}

type Builder = CreateTableBuilder<string, string>
const OF_TARGET = ['workspaceId', 'targetId']

function withTarget(table: Builder, name: string): Builder {
  return table.addForeignKeyConstraint(name, OF_TARGET, 'target', ['workspaceId', 'id'], (key) =>
    key.onDelete('cascade'),
  )
}

function withObserved(table: Builder, name: string): Builder {
  const own = ['workspaceId', 'observedId']
  return table.addForeignKeyConstraint(name, own, 'observedRule', ['workspaceId', 'id'], (key) =>
    key.onDelete('cascade'),
  )
}

async function addPulls(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const table = engine
    .table(db, 'targetPull')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('jobId', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('running', 'done', 'failed')`),
    )
    .addColumn('startedAt', engine.integer, (c) => c.notNull())
    .addColumn('endedAt', engine.integer)
    .addColumn('doneAt', engine.integer)
    .addColumn('completeness', 'text')
    .addColumn('dependencies', 'text')
    .addColumn('counts', 'text', (c) => c.notNull().check(engine.isJson('counts')))
    .addColumn('reason', 'text')
    .addColumn('adopted', 'text')
    .addPrimaryKeyConstraint('targetPullKey', ['workspaceId', 'targetId'])
  await withTarget(table, 'targetPullOf').execute()
}

async function addObserved(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const table = engine
    .table(db, 'observedRule')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('sortName', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('level', 'text')
    .addColumn('isEnabled', engine.integer, (c) => c.check(sql`"isEnabled" in (0, 1)`))
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull().check(engine.isJson('body')))
    .addColumn('raw', 'text', (c) => c.notNull().check(engine.isJson('raw')))
    .addColumn('uuid', 'text')
    .addColumn('marker', 'text')
    .addColumn('managers', 'text', (c) => c.notNull().check(engine.isJson('managers')))
    .addColumn('isManaged', engine.integer, (c) => c.notNull().check(sql`"isManaged" in (0, 1)`))
    .addColumn('actions', 'text', (c) => c.notNull().check(engine.isJson('actions')))
    .addColumn('notices', 'text', (c) => c.notNull().check(engine.isJson('notices')))
    .addColumn('observeOnly', 'text')
    .addColumn('etag', 'text')
    .addColumn('remoteChangedAt', engine.integer)
    .addColumn('remoteChangedBy', 'text')
    .addColumn('firstSeenAt', engine.integer, (c) => c.notNull())
    .addColumn('lastSeenAt', engine.integer, (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('missingSince', engine.integer)
    .addPrimaryKeyConstraint('observedRuleKey', ['workspaceId', 'id'])
    .addUniqueConstraint('observedRuleRef', ['workspaceId', 'targetId', 'ref'])
  await withTarget(table, 'observedRuleOf').execute()
  // One for each order of the list, down to the key, so that a page begins where the last one ended.
  for (const key of ['sortName', 'changedAt']) {
    await db.schema
      .createIndex(`observedRuleBy${key[0]!.toUpperCase()}${key.slice(1)}`)
      .on('observedRule')
      .columns(['workspaceId', 'targetId', key, 'id'])
      .execute()
  }
}

async function addAdoptions(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const table = engine
    .table(db, 'adoption')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('observedId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('ownership', 'text', (c) =>
      c.notNull().check(sql`ownership in ('observe', 'managed')`),
    )
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull().check(engine.isJson('body')))
    .addColumn('raw', 'text', (c) => c.notNull().check(engine.isJson('raw')))
    .addColumn('statement', 'text', (c) => c.notNull().check(engine.isJson('statement')))
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('keySeq', engine.integer, (c) => c.notNull())
    .addColumn('adoptedAt', engine.integer, (c) => c.notNull())
    .addColumn('adoptedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('adoptionKey', ['workspaceId', 'observedId'])
    .addForeignKeyConstraint('adoptionRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
  await withObserved(table, 'adoptionOf').execute()
  for (const key of ['ruleId', 'targetId']) {
    await db.schema
      .createIndex(`adoptionBy${key[0]!.toUpperCase()}${key.slice(1)}`)
      .on('adoption')
      .columns(['workspaceId', key])
      .execute()
  }
}

async function addDependencies(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const table = engine
    .table(db, 'dependency')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('told', 'missing', 'untold')`),
    )
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('hash', 'text')
    .addColumn('definition', 'text')
    .addColumn('firstSeenAt', engine.integer, (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('seenAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('dependencyKey', ['workspaceId', 'id'])
    .addUniqueConstraint('dependencyName', ['workspaceId', 'targetId', 'kind', 'name'])
  await withTarget(table, 'dependencyOf').execute()
  await engine
    .table(db, 'dependencyVersion')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('dependencyId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('definition', 'text', (c) => c.notNull().check(engine.isJson('definition')))
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('dependencyVersionKey', ['workspaceId', 'dependencyId', 'number'])
    .addForeignKeyConstraint(
      'dependencyVersionOf',
      ['workspaceId', 'dependencyId'],
      'dependency',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  const links = engine
    .table(db, 'observedDependency', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('observedId', 'text', (c) => c.notNull())
    .addColumn('dependencyId', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('observedDependencyKey', ['workspaceId', 'observedId', 'dependencyId'])
    .addForeignKeyConstraint(
      'observedDependencyOn',
      ['workspaceId', 'dependencyId'],
      'dependency',
      ['workspaceId', 'id'],
      (key) => key.onDelete('cascade'),
    )
  await withObserved(links, 'observedDependencyOf').execute()
  await db.schema
    .createIndex('observedDependencyByDependency')
    .on('observedDependency')
    .columns(['workspaceId', 'dependencyId'])
    .execute()
}
