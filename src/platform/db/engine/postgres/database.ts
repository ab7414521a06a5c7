// A database on a PostgreSQL server, for teams that outgrow one file. One process serves it: the
// writer's connection holds an advisory lock for as long as it lives.
//
// Known gap: no copy is made before a migration; the server's own backup is the operator's.

import type pg from 'pg'
import type { CompiledQuery } from 'kysely'
import { AppError } from '#kernel/error.ts'
import { PRODUCT_SCHEMA, type Database, type DatabaseOptions } from '#platform/db/database.ts'
import { openReader } from '#platform/db/handle.ts'
import { migrate } from '#platform/db/migrate.ts'
import type { Step, StepResult, Steps } from '#platform/db/steps.ts'
import { TableLists } from '#platform/db/table-lists.ts'
import { driveStepsAsync } from './body.ts'
import { connectWriter, openReaders, schemaName, type PostgresAddress } from './connect.ts'
import { migrationTarget } from './migrate.ts'
import { execute, executeStatement, postgresQueries } from './queries.ts'
import { PostgresWriter } from './writer.ts'

export type PostgresOptions = Pick<
  DatabaseOptions,
  'verify' | 'report' | 'probeEveryMs' | 'now' | 'schema'
> & { readonly bodyTimeoutMs?: number }

/** Throws `busy` when another process serves it, `unsupported` for a schema or server we refuse. */
export async function openPostgres(
  address: PostgresAddress,
  options: PostgresOptions = {},
): Promise<Database> {
  const schema = options.schema ?? PRODUCT_SCHEMA
  const client = await connectLocked(address)
  try {
    await client.query(`create schema if not exists ${schemaName(address)}`)
    await migrate(migrationTarget(client), schema.migrations, {
      now: options.now ?? (() => Date.now()),
      beforeChange: async () => options.report?.('migrating'),
    })
  } catch (error) {
    await client.end()
    throw error
  }
  const lists = new TableLists(schema.tables)
  const writer = new PostgresWriter(client, {
    ...options,
    lists,
    open: () => connectLocked(address),
  })
  const readers = openReaders(address)
  const run = async (query: CompiledQuery) => {
    writer.assertOutsideBody()
    return execute(readers, query)
  }
  return {
    read: (scope) => openReader({ engine: postgresQueries, lists, scope, run }),
    // Known gap: it does not tell whether anybody has committed, so each question is asked.
    remember: (_scope, _question, ask) => ask(),
    write: (caller, body) => writer.write(caller, body),
    get isReadOnly() {
      return writer.isReadOnly
    },
    inspect: (steps) => inspect(readers, steps),
    async close() {
      await writer.close()
      if (!readers.ending) await readers.end()
    },
  }
}

async function inspect<T>(readers: pg.Pool, steps: Steps<T>): Promise<T> {
  const client = await readers.connect()
  try {
    return await driveStepsAsync(steps, (step) => inspectStep(client, step))
  } finally {
    client.release()
  }
}

async function inspectStep(client: pg.PoolClient, step: Step): Promise<StepResult> {
  if (!('snapshot' in step)) return executeStatement(client, step)
  const text = step.snapshot === 'open' ? 'begin isolation level repeatable read' : 'commit'
  await client.query(text)
  return { rows: [], changes: 0 }
}

// The key is the schema's name: two installations may share a server, not a schema.
async function connectLocked(address: PostgresAddress): Promise<pg.Client> {
  const client = await connectWriter(address)
  const { rows } = await client.query<{ isHeld: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as "isHeld"',
    [`rulewright:${schemaName(address)}`],
  )
  if (rows[0]?.isHeld) return client
  await client.end()
  throw new AppError('busy', 'Another server is running on this database. Stop it first.')
}
