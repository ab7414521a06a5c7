// The database as the rest of the house sees it: reads on one connection, writes on another,
// one instance per directory. Opening runs the migrations; the lock is taken before the file is
// touched.

import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { AUDIT_SCHEMA } from '#platform/audit/schema.ts'
import type { Tx } from './body.ts'
import { openHandle, Statements, type Gate } from './driver.ts'
import type { WorkspaceScope } from './guard.ts'
import { holdInstanceLock, openReader, openWriter, type Connection } from './open.ts'
import { SCHEMA, type Tables } from './tables.ts'
import { Writer, type WriteCaller, type WriterOptions } from './writer.ts'

/** Selects only. Not assignable to Tx, nor Tx's extra powers reachable from it. */
export type Reader = Pick<Kysely<Tables>, 'selectFrom' | 'fn'>

export interface Database {
  read(scope: WorkspaceScope): Reader
  write<T>(caller: WriteCaller, body: (tx: Tx) => Promise<T>): Promise<T>
  readonly isReadOnly: boolean
  /** The read-only connection itself, for platform code that streams (verify, export). */
  readonly reader: Connection
  close(): Promise<void>
}

export type DatabaseOptions = Pick<WriterOptions, 'verify' | 'report' | 'probeEveryMs'>

/** `folder` assert exist. Throws `busy` when another process serves it. */
export function openDatabase(folder: string, options: DatabaseOptions = {}): Database {
  const lock = holdInstanceLock(join(folder, 'instance.lock'))
  try {
    return open(join(folder, 'rulewright.db'), options, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function open(file: string, options: DatabaseOptions, lock: { release(): void }): Database {
  migrate(file)
  const writer = new Writer({ ...options, open: () => openWriter(file) })
  const reader = openReader(file)
  const statements = new Statements(reader)
  const gate: Gate = { check: () => writer.assertOutsideBody(), failed: () => {} }
  return {
    read: (scope) => openHandle(statements, scope, gate),
    write: (caller, body) => writer.write(caller, body),
    get isReadOnly() {
      return writer.isReadOnly
    },
    reader,
    async close() {
      await writer.close()
      reader.close()
      lock.release()
    },
  }
}

function migrate(file: string): void {
  const connection = openWriter(file)
  connection.transaction(() => connection.exec(SCHEMA + AUDIT_SCHEMA)).immediate()
  connection.close()
}
