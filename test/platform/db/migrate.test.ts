import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { openDatabase, PRODUCT_SCHEMA, type DatabaseSchema } from '#platform/db/database.ts'
import { openReader, openWriter } from '#platform/db/engine/sqlite/open.ts'
import { readSchema } from '#platform/db/engine/sqlite/schema.ts'
import type { Migration } from '#platform/db/migrate.ts'
import { describedSchema } from '#platform/db/schema.ts'
import { TABLES } from '#platform/db/tables.ts'
import {
  acme,
  ruleIds,
  makeFolder,
  openSampleDatabase,
  SAMPLE_SCHEMA,
  saveRule,
} from '#test/support/database.ts'
import { createLog } from '#platform/audit/log.ts'

const caller = { scope: acme }

/** The sample schema with one more migration. */
function withMigration(up: Migration['up']): DatabaseSchema {
  const next = { number: 9_001, name: 'next', up }
  return { ...SAMPLE_SCHEMA, migrations: [...SAMPLE_SCHEMA.migrations, next] }
}

const addColumn = withMigration(async (db) => {
  await db.schema.alterTable('sampleSetting').addColumn('unit', 'text').execute()
})

test('tables.ts describes exactly the schema that the migrations make', async (t) => {
  const folder = makeFolder(t)
  const db = await openDatabase(folder)
  t.after(() => db.close())
  assert.deepEqual(readSchema(db.reader), describedSchema(TABLES))
})

test('every table is strict, and each workspace table has workspaceId first in its key', async (t) => {
  const folder = makeFolder(t)
  const db = await openSampleDatabase(folder)
  t.after(() => db.close())
  const tables = db.reader
    .prepare(
      "select name, strict from pragma_table_list where type = 'table' and name not like 'sqlite%'",
    )
    .all() as { name: string; strict: number }[]
  assert.deepEqual(
    tables.filter(({ strict }) => strict !== 1),
    [],
  )
  for (const [name, { owner }] of Object.entries(SAMPLE_SCHEMA.tables)) {
    if (owner !== 'workspace') continue
    const first = db.reader
      .prepare('select name from pragma_table_info(?) where pk = 1')
      .pluck()
      .get(name)
    assert.equal(first, 'workspaceId', name)
  }
})

test('an upgrade keeps the data, and a copy from before it is left beside', async (t) => {
  const folder = makeFolder(t)
  const old = await openSampleDatabase(folder)
  await old.write(caller, async (tx) => createLog(tx))
  await old.write(caller, (tx) => saveRule(tx, 'rul_kept'))
  await old.close()
  const events: string[] = []
  const db = await openDatabase(folder, {
    schema: addColumn,
    now: () => Date.UTC(2026, 10, 22, 1, 2, 3),
    report: (event) => events.push(event),
  })
  assert.deepEqual(ruleIds(db), ['rul_kept'])
  assert.ok(readSchema(db.reader).sampleSetting!.unit)
  await db.close()
  assert.deepEqual(events, ['migrating'])
  const copies = readdirSync(join(folder, 'backups'))
  assert.deepEqual(copies, ['before-schema-9000-to-9001-20261122T010203Z.db'])
  const copy = join(folder, 'backups', copies[0]!)
  assert.equal(statSync(copy).mode & 0o777, 0o600)
  const copied = new Sqlite(copy, { readonly: true })
  assert.equal(copied.pragma('integrity_check', { simple: true }), 'ok')
  assert.deepEqual(copied.prepare('select id from sampleRule').pluck().all(), ['rul_kept'])
  assert.equal(readSchema(copied).sampleSetting!.unit, undefined)
  copied.close()
})

test('a new database needs no copy, and opening again changes nothing', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  const before = readdirSync(folder).toSorted()
  await (await openSampleDatabase(folder)).close()
  assert.deepEqual(readdirSync(folder).toSorted(), before)
  assert.equal(before.includes('backups'), false)
  assert.equal(statSync(join(folder, 'rulewright.db')).mode & 0o777, 0o600)
})

test('a migration that fails half way leaves the schema before it, and the next start tries again', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  const broken = withMigration(async (db, engine) => {
    await addColumn.migrations.at(-1)!.up(db, engine)
    await db.schema.createTable('half').addColumn('x', 'text').execute()
    throw new Error('power is gone')
  })
  await assert.rejects(openDatabase(folder, { schema: broken }), /power is gone/)
  const db = await openDatabase(folder, { schema: SAMPLE_SCHEMA })
  assert.deepEqual(readSchema(db.reader), describedSchema(SAMPLE_SCHEMA.tables))
  await db.close()
  const mended = await openDatabase(folder, { schema: addColumn })
  assert.ok(readSchema(mended.reader).sampleSetting!.unit)
  await mended.close()
})

test('when the copy cannot be made, nothing is migrated', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  const beforeMigrate = () => {
    throw new Error('no room for the copy')
  }
  await assert.rejects(openDatabase(folder, { schema: addColumn, beforeMigrate }), /no room/)
  const reader = openReader(join(folder, 'rulewright.db'))
  assert.deepEqual(readSchema(reader), describedSchema(SAMPLE_SCHEMA.tables))
  reader.close()
})

test('half a copy, left by an upgrade that was killed, goes with the next upgrade', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  mkdirSync(join(folder, 'backups'))
  const half = 'before-schema-8000-to-9001-20261121T010203Z.db.partial'
  writeFileSync(join(folder, 'backups', half), 'half')
  const now = () => Date.UTC(2026, 10, 22, 1, 2, 3)
  await (await openDatabase(folder, { schema: addColumn, now })).close()
  assert.deepEqual(readdirSync(join(folder, 'backups')), [
    'before-schema-9000-to-9001-20261122T010203Z.db',
  ])
})

test('an older version refuses a newer schema, and another build is refused too', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  await assert.rejects(openDatabase(folder), {
    code: 'unsupported',
    message: /newer version \(schema 9000; this version knows \d+\)/,
  })
  const renamed: DatabaseSchema = {
    ...SAMPLE_SCHEMA,
    migrations: SAMPLE_SCHEMA.migrations.map((one) => ({ ...one, name: `${one.name}-2` })),
  }
  await assert.rejects(openDatabase(folder, { schema: renamed }), {
    code: 'unsupported',
    message: /different build/,
  })
  assert.ok(PRODUCT_SCHEMA.migrations.length > 0, 'the premise')
})

test('a schema changed behind our back is reported at the next start', async (t) => {
  const folder = makeFolder(t)
  await (await openSampleDatabase(folder)).close()
  const file = openWriter(join(folder, 'rulewright.db'))
  file.exec('drop trigger auditEntryKept')
  file.close()
  const events: string[] = []
  const db = await openSampleDatabase(folder, { report: (event) => events.push(event) })
  await db.close()
  assert.deepEqual(events, ['schema_changed'])
})
