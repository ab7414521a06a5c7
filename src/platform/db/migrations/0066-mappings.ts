// Mappings of targets, kept version by version, with the draft of the next one, what it would change, and
// what rules use; and renderings for one target beside those for its kind.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await addMappings(db, engine)
  await addPreviews(db, engine)
  await addTargetOfRenders(db, engine)
}

async function addMappings(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'mapping')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('pipelines', 'text', (c) => c.notNull().check(engine.isJson('pipelines')))
    .addColumn('document', 'text', (c) => c.notNull().check(engine.isJson('document')))
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('restoredFrom', engine.integer)
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('mappingKey', ['workspaceId', 'targetId', 'number'])
    .addForeignKeyConstraint(
      'mappingTarget',
      ['workspaceId', 'targetId'],
      'target',
      ['workspaceId', 'id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'mappingDraft')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('basedOn', engine.integer, (c) => c.notNull())
    .addColumn('revision', engine.integer, (c) => c.notNull())
    .addColumn('pipelines', 'text', (c) => c.notNull().check(engine.isJson('pipelines')))
    .addColumn('document', 'text', (c) => c.notNull().check(engine.isJson('document')))
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('changedBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('mappingDraftKey', ['workspaceId', 'targetId'])
    .addForeignKeyConstraint(
      'mappingDraftTarget',
      ['workspaceId', 'targetId'],
      'target',
      ['workspaceId', 'id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
}

async function addPreviews(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'mappingPreview')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('jobId', 'text', (c) => c.notNull())
    .addColumn('ruleCount', engine.integer, (c) => c.notNull())
    .addColumn('startedAt', engine.integer, (c) => c.notNull())
    .addColumn('endedAt', engine.integer)
    .addPrimaryKeyConstraint('mappingPreviewKey', ['workspaceId', 'targetId'])
    .addForeignKeyConstraint(
      'mappingPreviewTarget',
      ['workspaceId', 'targetId'],
      'target',
      ['workspaceId', 'id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'mappingPreviewRule')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('effect', 'text', (c) =>
      c.notNull().check(sql`effect in ('changed', 'gained', 'lost')`),
    )
    .addColumn('before', 'text', (c) => c.notNull())
    .addColumn('after', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('mappingPreviewRuleKey', ['workspaceId', 'targetId', 'ruleId'])
    .addForeignKeyConstraint(
      'mappingPreviewRuleOf',
      ['workspaceId', 'targetId'],
      'mappingPreview',
      ['workspaceId', 'targetId'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await engine
    .table(db, 'mappingSurvey')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ruleCount', engine.integer, (c) => c.notNull())
    .addColumn('found', 'text', (c) => c.notNull().check(engine.isJson('found')))
    .addColumn('madeAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('mappingSurveyKey', ['workspaceId', 'targetId'])
    .addForeignKeyConstraint(
      'mappingSurveyTarget',
      ['workspaceId', 'targetId'],
      'target',
      ['workspaceId', 'id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
}

/** The key of a table never changes in place: the rows move to one with the wider key. */
async function addTargetOfRenders(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleRenderAt')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('ok', 'refused')`))
    .addColumn('isPending', engine.integer, (c) => c.notNull().check(sql`"isPending" in (0, 1)`))
    .addColumn('renderer', 'text', (c) => c.notNull())
    .addColumn('inputHash', 'text', (c) => c.notNull())
    .addColumn('queries', 'text', (c) => c.notNull().check(engine.isJson('queries')))
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('renderedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('ruleRenderTargetKey', ['workspaceId', 'ruleId', 'kind', 'target'])
    .addForeignKeyConstraint('ruleRenderTargetRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  const kept = [
    'workspaceId',
    'ruleId',
    'kind',
    'state',
    'isPending',
    'renderer',
    'inputHash',
    'queries',
    'problems',
    'version',
    'renderedAt',
  ] as const
  await db
    .insertInto('ruleRenderAt')
    .columns([...kept, 'target'])
    .expression((eb) =>
      eb
        .selectFrom('ruleRender')
        .select([...kept])
        .select(sql.lit('').as('target')),
    )
    .execute()
  await db.schema.dropTable('ruleRender').execute()
  await db.schema.alterTable('ruleRenderAt').renameTo('ruleRender').execute()
  await db.schema
    .createIndex('ruleRenderState')
    .on('ruleRender')
    .columns(['workspaceId', 'kind', 'state', 'ruleId'])
    .execute()
  for (const key of ['isPending', 'renderer']) {
    await db.schema
      .createIndex(`ruleRenderBy${key[0]!.toUpperCase()}${key.slice(1)}`)
      .on('ruleRender')
      .columns(['workspaceId', key, 'ruleId'])
      .execute()
  }
}
