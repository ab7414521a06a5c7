// What each object of a target was found to build on, reading by reading, for good: the links of now say
// nothing of then. Names no other table's rows, so that it outlives the target and what was there.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'builtOn')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('things', 'text', (c) => c.notNull().check(engine.isJson('things')))
    .addPrimaryKeyConstraint('builtOnKey', ['workspaceId', 'targetId', 'ref', 'at'])
    .execute()
  await keepWhatIsKnown(db)
}

/** What is linked now has been so since the rule, or the newest thing that it builds on, changed last. */
async function keepWhatIsKnown(db: SchemaDatabase): Promise<void> {
  const rules = await db
    .selectFrom('observedRule')
    .select(['workspaceId', 'id', 'targetId', 'ref', 'changedAt'])
    .execute()
  for (const { workspaceId, id, targetId, ref, changedAt } of rules) {
    const links = await db
      .selectFrom('observedDependency')
      .innerJoin('dependency', (join) =>
        join
          .onRef('dependency.workspaceId', '=', 'observedDependency.workspaceId')
          .onRef('dependency.id', '=', 'observedDependency.dependencyId'),
      )
      .select(['kind', 'name', 'version', 'hash', 'dependency.changedAt'])
      .where('observedDependency.workspaceId', '=', workspaceId)
      .where('observedDependency.observedId', '=', id)
      .orderBy('kind')
      .orderBy('name')
      .execute()
    const at = Math.max(changedAt, ...links.map((link) => link.changedAt))
    const things = links.map(({ kind, name, version, hash }) => ({ kind, name, version, hash }))
    await db
      .insertInto('builtOn')
      .values({ workspaceId, targetId, ref, at, things: JSON.stringify(things) })
      .execute()
  }
}
