// Migrations on a SQLite file. The instance lock is held and nobody else has the file open.

import { Kysely, SqliteDialect } from 'kysely'
import type { Applied, MigrationTarget } from '#platform/db/migrate.ts'
import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'
import type { Connection } from './open.ts'
import { schemaDigest } from './schema.ts'
import { sqliteSchema } from './schema-engine.ts'

export function migrationTarget(connection: Connection): MigrationTarget {
  const db: SchemaDatabase = new Kysely({ dialect: new SqliteDialect({ database: connection }) })
  return {
    engine: sqliteSchema,
    applied: async () => readApplied(connection),
    schemaDigest: async () => schemaDigest(connection),
    async transaction(body) {
      connection.exec('begin immediate')
      try {
        await body(db)
        connection.exec('commit')
      } catch (error) {
        if (connection.inTransaction) connection.exec('rollback')
        throw error
      }
    },
  }
}

/** Oldest first; empty for a file without a schema. */
export function readApplied(connection: Connection): Applied[] {
  const exists = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'schemaMigration'")
    .get()
  if (!exists) return []
  return connection
    .prepare('select number, name from "schemaMigration" order by number')
    .all() as Applied[]
}
