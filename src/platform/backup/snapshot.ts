// A consistent copy of the live database, taken page by page through a connection of its own. The
// copy sees one moment: its read transaction is open before the first page, so the copying never
// starts over however busy the writer is. The copy is plain text; it stays in the data directory,
// readable by its owner only, and its maker removes it.

import { closeSync, openSync, rmSync } from 'node:fs'
import { AppError } from '#kernel/error.ts'
import { openReader, sqliteCode } from '#platform/db/engine/sqlite/open.ts'
import type { Watch } from './file.ts'

/** About 1 MB a step, 5 ms. */
const STEP_PAGES = 256

/** Throws `storage_full` when the copy does not fit; nothing is left then. */
export async function snapshotDatabase(
  database: string,
  copy: string,
  { signal, progress }: Watch = {},
): Promise<void> {
  removeCopy(copy)
  closeSync(openSync(copy, 'wx', 0o600))
  const connection = openReader(database)
  try {
    connection.exec('begin')
    connection.prepare('select count(*) from sqlite_schema').get()
    const pageBytes = connection.pragma('page_size', { simple: true }) as number
    await connection.backup(copy, {
      progress({ totalPages, remainingPages }) {
        signal?.throwIfAborted()
        const done = (totalPages - remainingPages) * pageBytes
        progress?.(done, totalPages * pageBytes, 'Copying the database')
        return STEP_PAGES
      },
    })
  } catch (error) {
    removeCopy(copy)
    if (!/^SQLITE_(FULL|IOERR)/.test(sqliteCode(error) ?? '')) throw error
    throw new AppError('storage_full', `Not enough room for a copy of the database at ${copy}.`, {
      cause: error,
    })
  } finally {
    connection.close()
  }
}

/** Reading a copy leaves a WAL and its index beside it. */
export function removeCopy(copy: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${suffix}`, { force: true })
}
