import assert from 'node:assert/strict'
import test from 'node:test'
import { sql, type Kysely } from 'kysely'
import { WorkspaceScope } from '#platform/db/guard.ts'
import type { Tables } from '#platform/db/tables.ts'
import { acme, globex, makeWorld } from '#test/support/database.ts'

const mine = 'wsp_acme'
const theirs = 'wsp_globex'
type Db = Kysely<Tables>
type Query = { execute(): Promise<unknown> }
const rule = { id: 'r', name: 'n', updatedAt: 1 }

const allowed: Record<string, (db: Db) => Query> = {
  select: (db) => db.selectFrom('rule').selectAll().where('workspaceId', '=', mine),
  'select, qualified and aliased': (db) =>
    db
      .selectFrom('rule as r')
      .selectAll()
      .where('r.workspaceId', '=', mine)
      .where('r.id', '=', 'x'),
  'select in parentheses with or beside it': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where((eb) =>
        eb.and([eb('workspaceId', '=', mine), eb.or([eb('id', '=', 'a'), eb('id', '=', 'b')])]),
      ),
  'instance table': (db) => db.selectFrom('instanceSetting').selectAll(),
  'no table': (db) => db.selectNoFrom((eb) => eb.val(1).as('one')),
  'inner join by equality': (db) =>
    db
      .selectFrom('rule as r')
      .innerJoin('ruleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').onRef('v.ruleId', '=', 'r.id'),
      )
      .select('v.body')
      .where('r.workspaceId', '=', mine),
  'inner join, scope in on': (db) =>
    db
      .selectFrom('rule as r')
      .innerJoin('ruleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').on('v.workspaceId', '=', mine),
      )
      .select('v.body'),
  'left join by equality': (db) =>
    db
      .selectFrom('rule as r')
      .leftJoin('ruleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').onRef('v.ruleId', '=', 'r.id'),
      )
      .select('v.body')
      .where('r.workspaceId', '=', mine),
  'subquery in where': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('id', 'in', (eb) =>
        eb.selectFrom('ruleVersion').select('ruleId').where('workspaceId', '=', mine),
      ),
  'correlated subquery': (db) =>
    db
      .selectFrom('rule as r')
      .where('r.workspaceId', '=', mine)
      .select((eb) =>
        eb
          .selectFrom('ruleVersion as v')
          .select('v.body')
          .whereRef('v.workspaceId', '=', 'r.workspaceId')
          .limit(1)
          .as('body'),
      ),
  'derived table': (db) =>
    db
      .selectFrom((eb) =>
        eb.selectFrom('rule').select('id').where('workspaceId', '=', mine).as('x'),
      )
      .selectAll(),
  'common table expression': (db) =>
    db
      .with('x', (qc) => qc.selectFrom('rule').select('id').where('workspaceId', '=', mine))
      .selectFrom('x')
      .selectAll(),
  recursive: (db) =>
    db
      .withRecursive('x(id)', (qc) =>
        qc
          .selectFrom('rule')
          .select('id')
          .where('workspaceId', '=', mine)
          .union(qc.selectFrom('x').select('x.id')),
      )
      .selectFrom('x')
      .selectAll(),
  union: (db) =>
    db
      .selectFrom('rule')
      .select('id')
      .where('workspaceId', '=', mine)
      .union(db.selectFrom('ruleVersion').select('ruleId as id').where('workspaceId', '=', mine)),
  insert: (db) =>
    db.insertInto('rule').values([
      { ...rule, workspaceId: mine },
      { ...rule, id: 's', workspaceId: mine },
    ]),
  upsert: (db) =>
    db
      .insertInto('rule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.columns(['workspaceId', 'id']).doUpdateSet({ name: 'm' })),
  'insert or ignore': (db) =>
    db
      .insertInto('rule')
      .orIgnore()
      .values({ ...rule, workspaceId: mine }),
  'insert from select': (db) =>
    db
      .insertInto('rule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb
          .selectFrom('rule')
          .select((s) => [s.val(mine).as('w'), s.val('copy').as('i'), 'name', 'updatedAt'])
          .where('workspaceId', '=', mine)
          .where('id', '=', 'none'),
      ),
  update: (db) => db.updateTable('rule').set({ name: 'x' }).where('workspaceId', '=', mine),
  'update with raw value': (db) =>
    db
      .updateTable('rule')
      .set({ name: sql<string>`upper(name)` })
      .where('workspaceId', '=', mine),
  delete: (db) => db.deleteFrom('rule').where('workspaceId', '=', mine).where('id', '=', 'none'),
  'a value that looks like a node': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('name', '=', '{"kind":"TableNode"}'),
}

const refused: Record<string, (db: Db) => Query> = {
  'select without': (db) => db.selectFrom('rule').selectAll(),
  'another workspace': (db) => db.selectFrom('rule').selectAll().where('workspaceId', '=', theirs),
  'not equal': (db) => db.selectFrom('rule').selectAll().where('workspaceId', '!=', mine),
  like: (db) => db.selectFrom('rule').selectAll().where('workspaceId', 'like', mine),
  'a list': (db) => db.selectFrom('rule').selectAll().where('workspaceId', 'in', [mine, theirs]),
  itself: (db) => db.selectFrom('rule').selectAll().whereRef('workspaceId', '=', 'workspaceId'),
  'under or': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where((eb) => eb.or([eb('workspaceId', '=', mine), eb('id', '=', 'x')])),
  'under not': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where((eb) => eb.not(eb('workspaceId', '=', mine))),
  'only in having': (db) =>
    db
      .selectFrom('rule')
      .select('workspaceId')
      .groupBy('workspaceId')
      .having('workspaceId', '=', mine),
  'other case of the table': (db) => db.selectFrom('RULE' as 'rule').selectAll(),
  'with a schema': (db) => db.withSchema('main').selectFrom('rule').selectAll(),
  'join, one side only': (db) =>
    db
      .selectFrom('rule as r')
      .innerJoin('ruleVersion as v', 'v.ruleId', 'r.id')
      .selectAll()
      .where('r.workspaceId', '=', mine),
  'cross join': (db) =>
    db.selectFrom(['rule as r', 'ruleVersion as v']).selectAll().where('r.workspaceId', '=', mine),
  'left join, kept side only in on': (db) =>
    db
      .selectFrom('rule as r')
      .leftJoin('ruleVersion as v', (on) =>
        on.on('r.workspaceId', '=', mine).on('v.workspaceId', '=', mine),
      )
      .selectAll(),
  'right join, scope in on': (db) =>
    db
      .selectFrom('rule as r')
      .rightJoin('ruleVersion as v', (on) => on.on('v.workspaceId', '=', mine))
      .selectAll()
      .where('r.workspaceId', '=', mine),
  'full join, scope in on': (db) =>
    db
      .selectFrom('rule as r')
      .fullJoin('ruleVersion as v', (on) =>
        on.on('v.workspaceId', '=', mine).on('r.workspaceId', '=', mine),
      )
      .selectAll(),
  'two equal tables, neither scoped': (db) =>
    db
      .selectFrom('rule as r')
      .innerJoin('ruleVersion as v', 'v.workspaceId', 'r.workspaceId')
      .selectAll(),
  'unqualified with two tables': (db) =>
    db
      .selectFrom(['rule as r', 'instanceSetting as s'])
      .selectAll()
      .where('workspaceId', '=', mine),
  'subquery in where': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('id', 'in', (eb) => eb.selectFrom('ruleVersion').select('ruleId')),
  'subquery in select': (db) =>
    db
      .selectFrom('rule')
      .where('workspaceId', '=', mine)
      .select((eb) => eb.selectFrom('ruleVersion').select('body').limit(1).as('b')),
  'subquery in order by': (db) =>
    db
      .selectFrom('rule')
      .where('workspaceId', '=', mine)
      .select('id')
      .orderBy((eb) => eb.selectFrom('ruleVersion').select('body').limit(1)),
  'subquery in a condition on the scope': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', (eb) =>
        eb.selectFrom('ruleVersion').select('workspaceId').limit(1),
      ),
  exists: (db) =>
    db
      .selectFrom('instanceSetting')
      .selectAll()
      .where((eb) => eb.exists(eb.selectFrom('rule').select('id'))),
  'derived table': (db) =>
    db.selectFrom((eb) => eb.selectFrom('rule').select('id').as('x')).selectAll(),
  'derived table scoped outside': (db) =>
    db
      .selectFrom((eb) => eb.selectFrom('rule').selectAll().as('rule'))
      .selectAll()
      .where('workspaceId', '=', mine),
  'common table expression': (db) =>
    db
      .with('x', (qc) => qc.selectFrom('rule').select('id'))
      .selectFrom('x')
      .selectAll(),
  'a CTE named like a table': (db) =>
    db
      .with('rule', (qc) => qc.selectFrom('instanceSetting').selectAll())
      .selectFrom('rule')
      .selectAll(),
  'second branch of a union': (db) =>
    db
      .selectFrom('rule')
      .select('id')
      .where('workspaceId', '=', mine)
      .union(db.selectFrom('ruleVersion').select('ruleId as id')),
  'second branch of a recursion': (db) =>
    db
      .withRecursive('x(id)', (qc) =>
        qc
          .selectFrom('rule')
          .select('id')
          .where('workspaceId', '=', mine)
          .unionAll(qc.selectFrom('rule').select('rule.id')),
      )
      .selectFrom('x')
      .selectAll(),
  'delete in a CTE': (db) =>
    db
      .with('x', (qc) => qc.deleteFrom('rule').returning('id'))
      .selectFrom('x')
      .selectAll(),
  'insert without': (db) => db.insertInto('rule').values(rule as never),
  'insert elsewhere': (db) => db.insertInto('rule').values({ ...rule, workspaceId: theirs }),
  'second row elsewhere': (db) =>
    db.insertInto('rule').values([
      { ...rule, workspaceId: mine },
      { ...rule, workspaceId: theirs },
    ]),
  'insert of a computed workspace': (db) =>
    db.insertInto('rule').values({ ...rule, workspaceId: sql<string>`lower('X')` }),
  'insert or replace': (db) => db.replaceInto('rule').values({ ...rule, workspaceId: mine }),
  'insert or rollback': (db) =>
    db
      .insertInto('rule')
      .orRollback()
      .values({ ...rule, workspaceId: mine }),
  'upsert on a key of all workspaces': (db) =>
    db
      .insertInto('rule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.column('id').doUpdateSet({ name: 'm' })),
  'upsert that moves the row': (db) =>
    db
      .insertInto('rule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.columns(['workspaceId', 'id']).doUpdateSet({ workspaceId: theirs })),
  'insert from foreign select': (db) =>
    db
      .insertInto('rule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb.selectFrom('rule').select((s) => [s.val(mine).as('w'), 'id', 'name', 'updatedAt']),
      ),
  'insert from select into elsewhere': (db) =>
    db
      .insertInto('rule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb
          .selectFrom('rule')
          .select((s) => [s.val(theirs).as('w'), 'id', 'name', 'updatedAt'])
          .where('workspaceId', '=', mine),
      ),
  'update without': (db) => db.updateTable('rule').set({ name: 'x' }),
  'update that moves the row': (db) =>
    db.updateTable('rule').set({ workspaceId: theirs }).where('workspaceId', '=', mine),
  'update from an unscoped table': (db) =>
    db
      .updateTable('rule')
      .from('ruleVersion as v')
      .set((eb) => ({ name: eb.ref('v.body') }))
      .where('rule.workspaceId', '=', mine),
  'update with an unscoped subquery': (db) =>
    db
      .updateTable('rule')
      .set((eb) => ({
        name: eb.selectFrom('ruleVersion').select('body').limit(1).$asScalar().$notNull(),
      }))
      .where('workspaceId', '=', mine),
  'delete without': (db) => db.deleteFrom('rule'),
  'raw text': (db) => ({ execute: () => sql`select * from rule`.execute(db) }),
  'raw text, other case and quoting': (db) => ({
    execute: () => sql`select * from "Rule"`.execute(db),
  }),
  'raw source': (db) => db.selectFrom(sql<Tables['rule']>`rule`.as('x')).selectAll(),
  'raw with a table node': (db) => ({
    execute: () => sql`select * from ${sql.table('rule')}`.execute(db),
  }),
  'raw with an identifier': (db) => ({
    execute: () => sql`select * from ${sql.id('rule')}`.execute(db),
  }),
  'raw in a condition': (db) =>
    db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where(sql<boolean>`exists (select 1 from ruleVersion)`),
  'unknown table': (db) =>
    (db as unknown as Kysely<{ x: { y: number } }>).selectFrom('x').selectAll(),
  'the schema': (db) =>
    (db as unknown as Kysely<{ sqlite_schema: { sql: string } }>)
      .selectFrom('sqlite_schema')
      .selectAll(),
  'the audit log': (db) => ({ execute: () => sql`delete from auditEntry`.execute(db) }),
  'schema change': (db) => db.schema.dropTable('rule'),
}

test('the guard lets through what is proven to stay in the workspace, and SQLite runs it', async (t) => {
  const { db } = await makeWorld(t)
  for (const [name, build] of Object.entries(allowed)) {
    await db
      .write({ scope: acme }, (tx) => build(tx as unknown as Db).execute())
      .catch((error) => assert.fail(`${name}: ${error}`))
  }
})

test('the guard refuses everything else', async (t) => {
  const { db } = await makeWorld(t)
  for (const [name, build] of Object.entries(refused)) {
    await assert.rejects(
      db.write({ scope: acme }, async (tx) => build(tx as unknown as Db).execute()),
      { name: 'Bug' },
      name,
    )
  }
})

test('a query built or compiled on another workspace does not run', async (t) => {
  const { db } = await makeWorld(t)
  const compiled = (db.read(globex) as unknown as Db)
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', theirs)
    .compile()
  await assert.rejects(
    (db.read(acme) as unknown as Db).executeQuery(compiled),
    /not built on this handle/,
  )
})

test('a scope cannot be made by hand', async (t) => {
  const { db } = await makeWorld(t)
  assert.throws(() => new WorkspaceScope(Symbol('made by platform/db'), 'wsp_acme'))
  const forged = { workspaceId: 'wsp_acme' } as WorkspaceScope
  assert.throws(() => db.read(forged), /not a WorkspaceScope/)
  assert.throws(
    () => db.read(Object.create(WorkspaceScope.prototype, { workspaceId: { value: 'wsp_acme' } })),
    /not a WorkspaceScope/,
  )
  await assert.rejects(
    db.write({ scope: forged }, async () => {}),
    /not a WorkspaceScope/,
  )
})
