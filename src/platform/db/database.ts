// The database as the rest of the house sees it: reads on one connection, writes on another,
// one instance per directory. The lock is taken before the file is touched; opening runs the
// migrations.

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { AnyTables } from './columns.ts'
import { DATABASE_FILE, openSqlite } from './engine/sqlite/database.ts'
import { holdInstanceLock, type Lock } from './engine/sqlite/lock.ts'
import { sqliteCode, type Connection } from './engine/sqlite/open.ts'
import type { WalOptions } from './engine/sqlite/wal.ts'
import type { Migration } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import type { WorkspaceScope } from './scope.ts'
import type { Steps } from './steps.ts'
import { TABLES } from './tables.ts'
import type { Reader, Tx } from './tx.ts'

/** Who writes. The product's caller carries more (actor, now, request id). */
export interface WriteCaller {
  readonly scope: WorkspaceScope
}

export interface Database {
  read(scope: WorkspaceScope): Reader
  /**
   * What `ask` reads of a workspace, or read already if nothing was committed since: for counts over
   * many rows. `question` names all that the answer depends on besides rows.
   */
  remember<T>(scope: WorkspaceScope, question: Json, ask: () => Promise<T>): Promise<T>
  /**
   * Runs `body` in one transaction and resolves with its value once that is durable. Throws what
   * the body threw, `storage_full` while the disk takes no data, `busy` when too much waits.
   */
  write<T>(caller: WriteCaller, body: (tx: Tx) => Promise<T>): Promise<T>
  readonly isReadOnly: boolean
  /** Runs a procedure of the platform that only reads; it sees all workspaces. */
  inspect<T>(steps: Steps<T>): Promise<T>
  close(): Promise<void>
}

/** The embedded engine, for platform code that works on the file itself. */
export interface SqliteDatabase extends Database {
  readonly file: string
  /** Only reads; shared with `read`, so nothing may hold a transaction or a cursor open on it. */
  readonly reader: Connection
}

export type DatabaseEvent =
  'hook_failed' | 'read_only' | 'recovered' | 'migrating' | 'schema_changed' | 'wal_large'

export interface DatabaseOptions extends WalOptions {
  /** Runs on reopened storage before it may write again. Throws to stay read-only. */
  verify?(): Steps<void>
  /** Told of hooks that threw, of storage coming and going, and of the schema. */
  report?(event: DatabaseEvent, cause?: unknown): void
  /** Between attempts to write again after the storage failed. */
  probeEveryMs?: number
  /** How long a group of writes may hold the event loop before its COMMIT; `Infinity` for as long as it has. */
  groupMsMax?: number
  /**
   * Called once before the schema of an existing database changes; a throw stops the start. By
   * default a plain copy is written to `backups/` in the data directory.
   */
  beforeMigrate?(connection: Connection, change: SchemaChange): void | Promise<void>
  readonly now?: () => number
  /** Tests bring tables of their own. */
  schema?: DatabaseSchema
}

export interface SchemaChange {
  readonly from: number
  readonly to: number
  readonly at: number
}

export interface DatabaseSchema {
  readonly migrations: readonly Migration[]
  readonly tables: AnyTables
}

export const PRODUCT_SCHEMA: DatabaseSchema = { migrations: MIGRATIONS, tables: TABLES }

/**
 * Makes `folder` when it is missing. Throws `busy` when another process serves it, `invalid` when it
 * cannot be written or its database is damaged, `storage_full` when its disk takes no data,
 * `unsupported` for a schema this binary must not touch.
 */
export async function openDatabase(
  folder: string,
  options: DatabaseOptions = {},
): Promise<SqliteDatabase> {
  const lock = takeFolder(folder)
  try {
    const database = await openSqlite(folder, { schema: PRODUCT_SCHEMA, ...options })
    return {
      ...database,
      // Getters do not survive a spread.
      get isReadOnly() {
        return database.isReadOnly
      },
      async close() {
        await database.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw takesNoData(folder, error) ?? error
  }
}

function takeFolder(folder: string): Lock {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // SQLite would open what it may only read, the lock too, and fail later with a bare code.
    accessSync(folder, constants.W_OK)
    const file = path.join(folder, DATABASE_FILE)
    if (existsSync(file)) accessSync(file, constants.W_OK)
    return holdInstanceLock(path.join(folder, 'instance.lock'))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const full = takesNoData(folder, cause)
    if (full) throw full
    const { code } = cause as { code?: string }
    throw new AppError(
      'invalid',
      `Nothing can be written to the data directory ${folder} (${code}). Check that it is a folder of the user this runs as, on a volume mounted for writing.`,
      { cause },
    )
  }
}

function takesNoData(folder: string, cause: unknown): AppError | undefined {
  const code = sqliteCode(cause)
  if (code === undefined || !/^SQLITE_(FULL|IOERR)/.test(code)) return undefined
  return new AppError(
    'storage_full',
    `The data directory ${folder} takes no data (${code}): its disk is full or failing. Free space on the volume, then start again.`,
    { cause },
  )
}
