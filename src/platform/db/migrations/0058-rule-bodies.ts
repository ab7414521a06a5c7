// What would be written at a place for a rule, beside what the rule compiles to. Renderings made before
// have no bodies, so they are pending until they are made again.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'ruleBody')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('overlay', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.check(engine.isJson('body')))
    .addColumn('bodyHash', 'text')
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addPrimaryKeyConstraint('ruleBodyKey', ['workspaceId', 'ruleId', 'kind', 'overlay'])
    .addForeignKeyConstraint('ruleBodyRule', ['workspaceId', 'ruleId'], 'rule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.updateTable('ruleRender').set({ isPending: 1 }).execute()
}
