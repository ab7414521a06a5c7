// Rules and their versions. A version is the text of one rule file and never changes; `rule` is an
// index over the newest one, with a table of its tags, its compiled queries and an index of its words.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createGroups(db, engine)
  await createRules(db, engine)
  await createVersions(db, engine)
  await createParts(db, engine)
  await createViews(db, engine)
  await engine.wordIndex(db, 'ruleWords')
}

async function createRules(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'rule')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('draft', 'active', 'paused', 'retired')`),
    )
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer, (c) => c.notNull().check(sql`version >= 1`))
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('sortTitle', 'text', (c) => c.notNull())
    .addColumn('sigmaId', 'text')
    .addColumn('name', 'text')
    .addColumn('level', 'text')
    .addColumn('levelRank', engine.integer, (c) => c.notNull())
    .addColumn('status', 'text')
    .addColumn('owner', 'text')
    .addColumn('group', 'text')
    .addColumn('product', 'text')
    .addColumn('category', 'text')
    .addColumn('service', 'text')
    .addColumn('tags', 'text', (c) => c.notNull().check(engine.isJson('tags')))
    .addColumn('errorCount', engine.integer, (c) => c.notNull())
    .addColumn('warningCount', engine.integer, (c) => c.notNull())
    .addColumn('firstError', 'text')
    .addColumn('positiveTests', engine.integer, (c) => c.notNull())
    .addColumn('negativeTests', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('updatedAt', engine.integer, (c) => c.notNull())
    .addColumn('updatedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleKey', ['workspaceId', 'id'])
    .execute()
  await db.schema.createIndex('ruleNumber').unique().on('rule').column('number').execute()
  // NULLs differ from each other, so rules without a Sigma id do not meet here.
  await db.schema
    .createIndex('ruleSigmaId')
    .unique()
    .on('rule')
    .columns(['workspaceId', 'sigmaId'])
    .execute()
  await db.schema.createIndex('ruleName').on('rule').columns(['workspaceId', 'name']).execute()
  // One for each order of the list, down to the key, so that a page begins where the last one ended.
  for (const key of ['sortTitle', 'levelRank', 'updatedAt']) {
    await db.schema
      .createIndex(`ruleBy${key[0]!.toUpperCase()}${key.slice(1)}`)
      .on('rule')
      .columns(['workspaceId', key, 'id'])
      .execute()
  }
}

async function createVersions(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleVersion')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('restoredFrom', engine.integer)
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleVersionKey', ['workspaceId', 'ruleId', 'number'])
    .addForeignKeyConstraint('ruleVersionRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await engine.refuse(db, {
    name: 'ruleVersionStays',
    table: 'ruleVersion',
    before: 'update',
    when: 'true',
    message: 'a version of a rule never changes',
  })
}

async function createParts(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleTag', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('tag', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleTagKey', ['workspaceId', 'tag', 'ruleId'])
    .addForeignKeyConstraint('ruleTagRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('ruleTagOf')
    .on('ruleTag')
    .columns(['workspaceId', 'ruleId'])
    .execute()
  // What a correlation names: an id or a name, whether or not a rule here has it.
  await engine
    .table(db, 'ruleReference', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('reference', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleReferenceKey', ['workspaceId', 'reference', 'ruleId'])
    .addForeignKeyConstraint('ruleReferenceRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('ruleReferenceOf')
    .on('ruleReference')
    .columns(['workspaceId', 'ruleId'])
    .execute()
  await engine
    .table(db, 'ruleRender')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('ok', 'refused')`))
    .addColumn('isPending', engine.integer, (c) => c.notNull().check(sql`"isPending" in (0, 1)`))
    .addColumn('renderer', 'text', (c) => c.notNull())
    .addColumn('inputHash', 'text', (c) => c.notNull())
    .addColumn('queries', 'text', (c) => c.notNull().check(engine.isJson('queries')))
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('renderedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleRenderKey', ['workspaceId', 'ruleId', 'kind'])
    .addForeignKeyConstraint('ruleRenderRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('ruleRenderState')
    .on('ruleRender')
    .columns(['workspaceId', 'kind', 'state', 'ruleId'])
    .execute()
  // Both are the same for nearly all rows, and only the others are ever looked for.
  for (const key of ['isPending', 'renderer']) {
    await db.schema
      .createIndex(`ruleRenderBy${key[0]!.toUpperCase()}${key.slice(1)}`)
      .on('ruleRender')
      .columns(['workspaceId', key, 'ruleId'])
      .execute()
  }
}

async function createGroups(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleGroup')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('slug', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleGroupKey', ['workspaceId', 'id'])
    .addUniqueConstraint('ruleGroupSlug', ['workspaceId', 'slug'])
    .execute()
}

async function createViews(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'savedView')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('list', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('query', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('savedViewKey', ['workspaceId', 'id'])
    .addUniqueConstraint('savedViewName', ['workspaceId', 'userId', 'list', 'name'])
    .execute()
}
