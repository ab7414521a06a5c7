// Connections to PostgreSQL. Promises that what durability rests on is in force, by asking the
// server: with `fsync` or `synchronous_commit` off it acknowledges what a power cut takes back.

import pg from 'pg'
import { AppError, assert } from '#kernel/error.ts'

/** A connection, or a pool that picks one for each query. */
export type Client = Pick<pg.ClientBase, 'query'> | Pick<pg.Pool, 'query'>

export interface PostgresAddress {
  /** `postgres://user@host:5432/name?…`, as libpq reads it. Never logged: it may hold a password. */
  readonly url: string
  /** The schema all tables live in; made when it is missing. */
  readonly schema?: string
}

const VERSION_MIN = 140_000
const STATEMENT_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
const READERS_MAX = 4

const INT8 = 20
const NUMERIC = 1700

// Whole numbers of 64 bits come as text; ours stay within 2^53.
function toNumber(text: string): number {
  const value = Number(text)
  assert(!Number.isInteger(value) || Number.isSafeInteger(value), 'a number is too large')
  return value
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (oid === INT8 || oid === NUMERIC) && format !== 'binary'
      ? toNumber
      : pg.types.getTypeParser(oid, format),
}

export function schemaName(address: PostgresAddress): string {
  const schema = address.schema ?? 'rulewright'
  assert(/^[a-z][a-z0-9_]*$/.test(schema), 'not a schema name')
  return schema
}

/** The one connection that writes, its settings checked. Throws `unsupported` or what pg throws. */
export async function connectWriter(address: PostgresAddress): Promise<pg.Client> {
  const client = new pg.Client(configOf(address, ['-c synchronous_commit=on']))
  // A connection that breaks between queries reports here; the next query fails and says so.
  client.on('error', () => {})
  await client.connect()
  try {
    await assertDurable(client)
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}

/** Read-only for the server, whatever is asked. */
export function openReaders(address: PostgresAddress): pg.Pool {
  const options = ['-c default_transaction_read_only=on']
  const pool = new pg.Pool({ ...configOf(address, options), max: READERS_MAX })
  pool.on('error', () => {})
  return pool
}

function configOf(address: PostgresAddress, options: readonly string[]): pg.ClientConfig {
  const shared = [
    `-c search_path=${schemaName(address)}`,
    '-c timezone=UTC',
    '-c client_encoding=UTF8',
  ]
  return {
    connectionString: address.url,
    application_name: 'rulewright',
    options: [...shared, ...options].join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types,
  }
}

async function assertDurable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
     where name in ('server_version_num', 'fsync', 'synchronous_commit', 'full_page_writes')`,
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  if (Number(settings.get('server_version_num')) < VERSION_MIN)
    throw new AppError('unsupported', 'PostgreSQL 14 or newer is needed.')
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    if (settings.get(name) !== 'off') continue
    throw new AppError(
      'unsupported',
      `PostgreSQL runs with ${name} = off and would lose acknowledged changes in a power cut. Turn it on.`,
    )
  }
}

/** The connection is gone, the server is stopping or its disk is full: not the query's fault. */
export function isStorageError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') return /connection terminated|not queryable/i.test(error.message)
  return /^(08|53|57P|58|XX|25006)/.test(code) || /^E[A-Z]+$/.test(code)
}
