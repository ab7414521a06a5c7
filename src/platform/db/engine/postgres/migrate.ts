// Migrations on PostgreSQL, on the connection that holds the instance lock. The schema of
// PostgreSQL is transactional too, so the promises are the same.

import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Driver,
} from 'kysely'
import type pg from 'pg'
import { Bug } from '#kernel/error.ts'
import type { Applied, MigrationTarget } from '#platform/db/migrate.ts'
import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'
import { execute } from './queries.ts'
import { schemaDigest } from './schema.ts'
import { postgresSchema } from './schema-engine.ts'

export function migrationTarget(client: pg.Client): MigrationTarget {
  const db = openUnwalled(client)
  return {
    engine: postgresSchema,
    applied: () => readApplied(client),
    schemaDigest: () => schemaDigest(client),
    async transaction(body) {
      await client.query('begin')
      try {
        await body(db)
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
  }
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  const exists = await client.query(
    `select 1 from information_schema.tables
     where table_schema = current_schema() and table_name = 'schemaMigration'`,
  )
  if (exists.rowCount === 0) return []
  const { rows } = await client.query<Applied>(
    'select "number", "name" from "schemaMigration" order by "number"',
  )
  return rows
}

function openUnwalled(client: pg.Client): SchemaDatabase {
  const connection: DatabaseConnection = {
    executeQuery: async (query) => (await execute(client, query)) as never,
    // oxlint-disable-next-line require-yield -- kysely's interface asks for it
    async *streamQuery() {
      throw new Bug('migrations read in pages')
    },
  }
  const refuse = async () => {
    throw new Bug('a migration runs inside its transaction already')
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    destroy: async () => {},
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
  }
  return new Kysely({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
  })
}
