// Brings a database to the schema this binary knows, one migration after another, each in a
// transaction of its own together with the row that records it: an interruption leaves the schema
// before or after a migration, never between. A database that another build made, or a newer one,
// is refused untouched.

import { AppError, assert } from '#kernel/error.ts'
import type { SchemaDatabase, SchemaEngine } from './engine/schema-engine.ts'

export interface Migration {
  readonly number: number
  /** As in the file's name. Recorded, and compared when the database is opened again. */
  readonly name: string
  up(db: SchemaDatabase, engine: SchemaEngine): Promise<void>
}

export interface Applied {
  readonly number: number
  readonly name: string
}

/** What the runner needs of an engine. */
export interface MigrationTarget {
  readonly engine: SchemaEngine
  /** Oldest first; empty for a database without a schema. */
  applied(): Promise<readonly Applied[]>
  transaction(body: (db: SchemaDatabase) => Promise<void>): Promise<void>
  /** Hex SHA-256 over tables, indexes, constraints and triggers as they stand in this transaction. */
  schemaDigest(): Promise<string>
}

export interface MigrateOptions {
  now(): number
  /** Called once before an existing schema changes; a throw leaves everything as it is. */
  beforeChange(from: number, to: number): Promise<void>
}

/** Applies what is missing. Throws `unsupported` for a database this binary must not touch. */
export async function migrate(
  target: MigrationTarget,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<void> {
  assertAscending(migrations)
  const applied = await target.applied()
  assertKnown(applied, migrations)
  const missing = migrations.slice(applied.length)
  const from = applied.at(-1)?.number
  const to = missing.at(-1)?.number
  if (from !== undefined && to !== undefined) await options.beforeChange(from, to)
  for (const migration of missing) {
    await target.transaction(async (db) => {
      await migration.up(db, target.engine)
      await record(target, db, migration, options.now())
    })
  }
}

async function record(
  target: MigrationTarget,
  db: SchemaDatabase,
  { number, name }: Migration,
  appliedAt: number,
): Promise<void> {
  const { engine } = target
  await engine
    .table(db, 'schemaMigration')
    .ifNotExists()
    .addColumn('number', engine.integer, (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('schemaDigest', 'text', (c) => c.notNull())
    .addColumn('appliedAt', engine.integer, (c) => c.notNull())
    .execute()
  const schemaDigest = await target.schemaDigest()
  await db.insertInto('schemaMigration').values({ number, name, schemaDigest, appliedAt }).execute()
}

function assertKnown(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.number ?? 0
  const stranger = applied.find((one) => one.number > newest)
  if (stranger) {
    throw new AppError(
      'unsupported',
      `This data was written by a newer version (schema ${stranger.number}; this version knows ${newest}). ` +
        'Start that version, or restore the backup made before the upgrade.',
    )
  }
  const odd = applied.find(({ number, name }, i) => {
    const known = migrations[i]
    return known?.number !== number || known.name !== name
  })
  if (odd) {
    throw new AppError(
      'unsupported',
      `This data was written by a different build (its schema step ${odd.number} is "${odd.name}"). ` +
        'Start the version that wrote it.',
    )
  }
}

function assertAscending(migrations: readonly Migration[]): void {
  for (const [i, { number }] of migrations.entries()) {
    assert(number > (migrations[i - 1]?.number ?? 0), `migration ${number} is out of order`)
  }
}
