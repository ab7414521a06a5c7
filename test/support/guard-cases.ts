// Queries the guard must let through and queries it must refuse, for every engine to try.

import { sql, type Kysely } from 'kysely'
import type { SampleRows } from './database.ts'

const mine = 'wsp_acme'
const theirs = 'wsp_globex'
export type SampleDb = Kysely<SampleRows>
type Query = { execute(): Promise<unknown> }
const rule = { id: 'r', name: 'n', updatedAt: 1 }

export const allowed: Record<string, (db: SampleDb) => Query> = {
  select: (db) => db.selectFrom('sampleRule').selectAll().where('workspaceId', '=', mine),
  'select, qualified and aliased': (db) =>
    db
      .selectFrom('sampleRule as r')
      .selectAll()
      .where('r.workspaceId', '=', mine)
      .where('r.id', '=', 'x'),
  'select in parentheses with or beside it': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where((eb) =>
        eb.and([eb('workspaceId', '=', mine), eb.or([eb('id', '=', 'a'), eb('id', '=', 'b')])]),
      ),
  'instance table': (db) => db.selectFrom('sampleSetting').selectAll(),
  'no table': (db) => db.selectNoFrom((eb) => eb.val(1).as('one')),
  'inner join by equality': (db) =>
    db
      .selectFrom('sampleRule as r')
      .innerJoin('sampleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').onRef('v.ruleId', '=', 'r.id'),
      )
      .select('v.body')
      .where('r.workspaceId', '=', mine),
  'inner join, scope in on': (db) =>
    db
      .selectFrom('sampleRule as r')
      .innerJoin('sampleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').on('v.workspaceId', '=', mine),
      )
      .select('v.body'),
  'left join by equality': (db) =>
    db
      .selectFrom('sampleRule as r')
      .leftJoin('sampleVersion as v', (on) =>
        on.onRef('v.workspaceId', '=', 'r.workspaceId').onRef('v.ruleId', '=', 'r.id'),
      )
      .select('v.body')
      .where('r.workspaceId', '=', mine),
  'subquery in where': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('id', 'in', (eb) =>
        eb.selectFrom('sampleVersion').select('ruleId').where('workspaceId', '=', mine),
      ),
  'correlated subquery': (db) =>
    db
      .selectFrom('sampleRule as r')
      .where('r.workspaceId', '=', mine)
      .select((eb) =>
        eb
          .selectFrom('sampleVersion as v')
          .select('v.body')
          .whereRef('v.workspaceId', '=', 'r.workspaceId')
          .limit(1)
          .as('body'),
      ),
  'derived table': (db) =>
    db
      .selectFrom((eb) =>
        eb.selectFrom('sampleRule').select('id').where('workspaceId', '=', mine).as('x'),
      )
      .selectAll(),
  'common table expression': (db) =>
    db
      .with('x', (qc) => qc.selectFrom('sampleRule').select('id').where('workspaceId', '=', mine))
      .selectFrom('x')
      .selectAll(),
  recursive: (db) =>
    db
      .withRecursive('x(id)', (qc) =>
        qc
          .selectFrom('sampleRule')
          .select('id')
          .where('workspaceId', '=', mine)
          .union(qc.selectFrom('x').select('x.id')),
      )
      .selectFrom('x')
      .selectAll(),
  union: (db) =>
    db
      .selectFrom('sampleRule')
      .select('id')
      .where('workspaceId', '=', mine)
      .union(db.selectFrom('sampleVersion').select('ruleId as id').where('workspaceId', '=', mine)),
  insert: (db) =>
    db.insertInto('sampleRule').values([
      { ...rule, workspaceId: mine },
      { ...rule, id: 's', workspaceId: mine },
    ]),
  upsert: (db) =>
    db
      .insertInto('sampleRule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.columns(['workspaceId', 'id']).doUpdateSet({ name: 'm' })),
  'insert or ignore': (db) =>
    db
      .insertInto('sampleRule')
      .orIgnore()
      .values({ ...rule, workspaceId: mine }),
  'insert from select': (db) =>
    db
      .insertInto('sampleRule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb
          .selectFrom('sampleRule')
          .select((s) => [s.val(mine).as('w'), s.val('copy').as('i'), 'name', 'updatedAt'])
          .where('workspaceId', '=', mine)
          .where('id', '=', 'none'),
      ),
  update: (db) => db.updateTable('sampleRule').set({ name: 'x' }).where('workspaceId', '=', mine),
  'update with raw value': (db) =>
    db
      .updateTable('sampleRule')
      .set({ name: sql<string>`upper(name)` })
      .where('workspaceId', '=', mine),
  delete: (db) =>
    db.deleteFrom('sampleRule').where('workspaceId', '=', mine).where('id', '=', 'none'),
  'a value that looks like a node': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('name', '=', '{"kind":"TableNode"}'),
}

export const refused: Record<string, (db: SampleDb) => Query> = {
  'select without': (db) => db.selectFrom('sampleRule').selectAll(),
  'another workspace': (db) =>
    db.selectFrom('sampleRule').selectAll().where('workspaceId', '=', theirs),
  'not equal': (db) => db.selectFrom('sampleRule').selectAll().where('workspaceId', '!=', mine),
  like: (db) => db.selectFrom('sampleRule').selectAll().where('workspaceId', 'like', mine),
  'a list': (db) =>
    db.selectFrom('sampleRule').selectAll().where('workspaceId', 'in', [mine, theirs]),
  itself: (db) =>
    db.selectFrom('sampleRule').selectAll().whereRef('workspaceId', '=', 'workspaceId'),
  'under or': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where((eb) => eb.or([eb('workspaceId', '=', mine), eb('id', '=', 'x')])),
  'under not': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where((eb) => eb.not(eb('workspaceId', '=', mine))),
  'only in having': (db) =>
    db
      .selectFrom('sampleRule')
      .select('workspaceId')
      .groupBy('workspaceId')
      .having('workspaceId', '=', mine),
  'other case of the table': (db) => db.selectFrom('SAMPLERULE' as 'sampleRule').selectAll(),
  'with a schema': (db) => db.withSchema('main').selectFrom('sampleRule').selectAll(),
  'join, one side only': (db) =>
    db
      .selectFrom('sampleRule as r')
      .innerJoin('sampleVersion as v', 'v.ruleId', 'r.id')
      .selectAll()
      .where('r.workspaceId', '=', mine),
  'cross join': (db) =>
    db
      .selectFrom(['sampleRule as r', 'sampleVersion as v'])
      .selectAll()
      .where('r.workspaceId', '=', mine),
  'left join, kept side only in on': (db) =>
    db
      .selectFrom('sampleRule as r')
      .leftJoin('sampleVersion as v', (on) =>
        on.on('r.workspaceId', '=', mine).on('v.workspaceId', '=', mine),
      )
      .selectAll(),
  'right join, scope in on': (db) =>
    db
      .selectFrom('sampleRule as r')
      .rightJoin('sampleVersion as v', (on) => on.on('v.workspaceId', '=', mine))
      .selectAll()
      .where('r.workspaceId', '=', mine),
  'full join, scope in on': (db) =>
    db
      .selectFrom('sampleRule as r')
      .fullJoin('sampleVersion as v', (on) =>
        on.on('v.workspaceId', '=', mine).on('r.workspaceId', '=', mine),
      )
      .selectAll(),
  'two equal tables, neither scoped': (db) =>
    db
      .selectFrom('sampleRule as r')
      .innerJoin('sampleVersion as v', 'v.workspaceId', 'r.workspaceId')
      .selectAll(),
  'unqualified with two tables': (db) =>
    db
      .selectFrom(['sampleRule as r', 'sampleSetting as s'])
      .selectAll()
      .where('workspaceId', '=', mine),
  'subquery in where': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where('id', 'in', (eb) => eb.selectFrom('sampleVersion').select('ruleId')),
  'subquery in select': (db) =>
    db
      .selectFrom('sampleRule')
      .where('workspaceId', '=', mine)
      .select((eb) => eb.selectFrom('sampleVersion').select('body').limit(1).as('b')),
  'subquery in order by': (db) =>
    db
      .selectFrom('sampleRule')
      .where('workspaceId', '=', mine)
      .select('id')
      .orderBy((eb) => eb.selectFrom('sampleVersion').select('body').limit(1)),
  'subquery in a condition on the scope': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', (eb) =>
        eb.selectFrom('sampleVersion').select('workspaceId').limit(1),
      ),
  exists: (db) =>
    db
      .selectFrom('sampleSetting')
      .selectAll()
      .where((eb) => eb.exists(eb.selectFrom('sampleRule').select('id'))),
  'derived table': (db) =>
    db.selectFrom((eb) => eb.selectFrom('sampleRule').select('id').as('x')).selectAll(),
  'derived table scoped outside': (db) =>
    db
      .selectFrom((eb) => eb.selectFrom('sampleRule').selectAll().as('sampleRule'))
      .selectAll()
      .where('workspaceId', '=', mine),
  'common table expression': (db) =>
    db
      .with('x', (qc) => qc.selectFrom('sampleRule').select('id'))
      .selectFrom('x')
      .selectAll(),
  'a CTE named like a table': (db) =>
    db
      .with('sampleRule', (qc) => qc.selectFrom('sampleSetting').selectAll())
      .selectFrom('sampleRule')
      .selectAll(),
  'second branch of a union': (db) =>
    db
      .selectFrom('sampleRule')
      .select('id')
      .where('workspaceId', '=', mine)
      .union(db.selectFrom('sampleVersion').select('ruleId as id')),
  'second branch of a recursion': (db) =>
    db
      .withRecursive('x(id)', (qc) =>
        qc
          .selectFrom('sampleRule')
          .select('id')
          .where('workspaceId', '=', mine)
          .unionAll(qc.selectFrom('sampleRule').select('sampleRule.id')),
      )
      .selectFrom('x')
      .selectAll(),
  'delete in a CTE': (db) =>
    db
      .with('x', (qc) => qc.deleteFrom('sampleRule').returning('id'))
      .selectFrom('x')
      .selectAll(),
  'insert without': (db) => db.insertInto('sampleRule').values(rule as never),
  'insert elsewhere': (db) => db.insertInto('sampleRule').values({ ...rule, workspaceId: theirs }),
  'second row elsewhere': (db) =>
    db.insertInto('sampleRule').values([
      { ...rule, workspaceId: mine },
      { ...rule, workspaceId: theirs },
    ]),
  'insert of a computed workspace': (db) =>
    db.insertInto('sampleRule').values({ ...rule, workspaceId: sql<string>`lower('X')` }),
  'insert or replace': (db) => db.replaceInto('sampleRule').values({ ...rule, workspaceId: mine }),
  'insert or rollback': (db) =>
    db
      .insertInto('sampleRule')
      .orRollback()
      .values({ ...rule, workspaceId: mine }),
  'upsert on a key of all workspaces': (db) =>
    db
      .insertInto('sampleRule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.column('id').doUpdateSet({ name: 'm' })),
  'upsert that moves the row': (db) =>
    db
      .insertInto('sampleRule')
      .values({ ...rule, workspaceId: mine })
      .onConflict((oc) => oc.columns(['workspaceId', 'id']).doUpdateSet({ workspaceId: theirs })),
  'insert from foreign select': (db) =>
    db
      .insertInto('sampleRule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb.selectFrom('sampleRule').select((s) => [s.val(mine).as('w'), 'id', 'name', 'updatedAt']),
      ),
  'insert from select into elsewhere': (db) =>
    db
      .insertInto('sampleRule')
      .columns(['workspaceId', 'id', 'name', 'updatedAt'])
      .expression((eb) =>
        eb
          .selectFrom('sampleRule')
          .select((s) => [s.val(theirs).as('w'), 'id', 'name', 'updatedAt'])
          .where('workspaceId', '=', mine),
      ),
  'update without': (db) => db.updateTable('sampleRule').set({ name: 'x' }),
  'update that moves the row': (db) =>
    db.updateTable('sampleRule').set({ workspaceId: theirs }).where('workspaceId', '=', mine),
  'update from an unscoped table': (db) =>
    db
      .updateTable('sampleRule')
      .from('sampleVersion as v')
      .set((eb) => ({ name: eb.ref('v.body') }))
      .where('sampleRule.workspaceId', '=', mine),
  'update with an unscoped subquery': (db) =>
    db
      .updateTable('sampleRule')
      .set((eb) => ({
        name: eb.selectFrom('sampleVersion').select('body').limit(1).$asScalar().$notNull(),
      }))
      .where('workspaceId', '=', mine),
  'delete without': (db) => db.deleteFrom('sampleRule'),
  'raw text': (db) => ({ execute: () => sql`select * from sampleRule`.execute(db) }),
  'raw text, other case and quoting': (db) => ({
    execute: () => sql`select * from "samplerule"`.execute(db),
  }),
  'raw source': (db) =>
    db.selectFrom(sql<SampleRows['sampleRule']>`sampleRule`.as('x')).selectAll(),
  'raw with a table node': (db) => ({
    execute: () => sql`select * from ${sql.table('sampleRule')}`.execute(db),
  }),
  'raw with an identifier': (db) => ({
    execute: () => sql`select * from ${sql.id('sampleRule')}`.execute(db),
  }),
  'raw in a condition': (db) =>
    db
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', mine)
      .where(sql<boolean>`exists (select 1 from sampleVersion)`),
  'unknown table': (db) =>
    (db as unknown as Kysely<{ x: { y: number } }>).selectFrom('x').selectAll(),
  'the schema': (db) =>
    (db as unknown as Kysely<{ sqlite_schema: { sql: string } }>)
      .selectFrom('sqlite_schema')
      .selectAll(),
  'the audit log': (db) => ({ execute: () => sql`delete from auditEntry`.execute(db) }),
  'schema change': (db) => db.schema.dropTable('sampleRule'),
}
