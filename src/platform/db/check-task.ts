// The full check of a live database in a worker thread, on a connection of its own that only reads:
// it reads every page and compares every index with its table, and the event loop does not notice.

import type { WorkerTask } from '#platform/worker.ts'
import { findDamage } from './engine/sqlite/check.ts'
import { openReader } from './engine/sqlite/open.ts'

/** What SQLite finds wrong in the file; empty when nothing. */
export const checkDatabaseFile: WorkerTask<{ readonly file: string }, readonly string[]> = {
  worker: 'compute',
  name: 'database.check',
}

export function checkDatabaseFileHere({ file }: { readonly file: string }): readonly string[] {
  const connection = openReader(file)
  try {
    return findDamage(connection, 'full')
  } finally {
    connection.close()
  }
}
