// A database two migrations old, and the way up from there with numbered points between everything
// it does. As a program it kills itself at the point it is given. argv: folder, point.

import { sql } from 'kysely'
import { openDatabase, type DatabaseSchema } from '#platform/db/database.ts'
import { createLog } from '#platform/audit/log.ts'
import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'
import { acme, openSampleDatabase, SAMPLE_SCHEMA, saveRule } from './database.ts'

export const OLD_RULES = 500

/** The sample schema and two more: columns, then every row rewritten and a table beside. */
export function schemaAhead(point: () => void = () => {}): DatabaseSchema {
  const step = async (db: SchemaDatabase, text: string) => {
    point()
    await sql.raw(text).execute(db)
  }
  const columns = async (db: SchemaDatabase) => {
    await step(db, 'alter table "sampleSetting" add column "unit" text')
    await step(db, 'alter table "sampleRule" add column "title" text')
  }
  const rows = async (db: SchemaDatabase) => {
    await step(db, `update "sampleRule" set "title" = 'Title of ' || "name"`)
    await step(db, 'create table "sampleTitle" ("title" text not null) strict')
    await step(db, 'insert into "sampleTitle" select "title" from "sampleRule"')
    await step(db, 'create index "sampleTitleText" on "sampleTitle" ("title")')
  }
  const ahead = [
    { number: 9_001, name: 'columns', up: columns },
    { number: 9_002, name: 'rows', up: rows },
  ]
  return { ...SAMPLE_SCHEMA, migrations: [...SAMPLE_SCHEMA.migrations, ...ahead] }
}

export async function makeOldDatabase(folder: string): Promise<void> {
  const db = await openSampleDatabase(folder)
  await db.write({ scope: acme }, async (tx) => createLog(tx))
  await db.write({ scope: acme }, async (tx) => {
    for (let i = 0; i < OLD_RULES; i++) await saveRule(tx, `rul_${i}`)
  })
  await db.close()
}

async function climb(folder: string, killAt: number): Promise<void> {
  let points = 0
  const point = () => {
    points += 1
    if (points === killAt) process.kill(process.pid, 'SIGKILL')
  }
  const now = () => {
    point() // before the copy, and before each migration is recorded
    return Date.now()
  }
  const db = await openDatabase(folder, { schema: schemaAhead(point), now, report: point })
  point()
  await db.close()
}

const [folder, killAt] = process.argv.slice(2)
if (import.meta.main) await climb(folder!, Number(killAt))
