// Runs kysely's queries and raw statements on one PostgreSQL connection.

import {
  PostgresAdapter,
  PostgresQueryCompiler,
  type CompiledQuery,
  type QueryResult,
} from 'kysely'
import type { QueryEngine } from '#platform/db/handle.ts'
import type { Statement, StepResult } from '#platform/db/steps.ts'
import type { Client } from './connect.ts'

export const postgresQueries: QueryEngine = {
  adapter: new PostgresAdapter(),
  compiler: new PostgresQueryCompiler(),
}

export async function execute(client: Client, query: CompiledQuery): Promise<QueryResult<unknown>> {
  const { rows, rowCount } = await send(client, query.sql, query.parameters)
  const isSelect = query.query.kind === 'SelectQueryNode'
  return isSelect ? { rows } : { rows, numAffectedRows: BigInt(rowCount ?? 0) }
}

export async function executeStatement(client: Client, statement: Statement): Promise<StepResult> {
  const { rows, rowCount } = await send(client, numbered(statement.text), statement.values)
  return { rows, changes: rowCount ?? 0 }
}

// Always the extended protocol: the simple one would run several statements sent as one text.
function send(client: Client, text: string, values: readonly unknown[]) {
  const config = { text, values: [...values], queryMode: 'extended' }
  return client.query<Record<string, unknown>>(config)
}

/** `?` to `$1`, `$2`, …; the platform's statements hold no other question marks. */
function numbered(text: string): string {
  const known = numberedTexts.get(text)
  if (known !== undefined) return known
  let count = 0
  const made = text.replaceAll('?', () => `$${++count}`)
  numberedTexts.set(text, made)
  return made
}

// Bounded by the number of statements in the program: their texts are constants.
const numberedTexts = new Map<string, string>()
