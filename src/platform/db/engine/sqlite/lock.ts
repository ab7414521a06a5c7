// One server per data directory.

import Sqlite from 'better-sqlite3'
import { AppError } from '#kernel/error.ts'
import { sqliteCode } from './open.ts'

export interface Lock {
  release(): void
}

/**
 * Holds the data directory for this process until it closes or dies, however it dies: the lock
 * is an exclusive transaction on a file of its own, which the kernel frees. (`locking_mode =
 * EXCLUSIVE` on the database itself would shut out our own readers.)
 * Nobody may open this file by other means: POSIX drops a process's locks on a file when *any*
 * descriptor of it closes. Throws `busy` when another process, or this one, holds it.
 */
export function holdInstanceLock(file: string): Lock {
  const lock = new Sqlite(file, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (cause) {
    lock.close()
    if (sqliteCode(cause) !== 'SQLITE_BUSY') throw cause
    throw new AppError('busy', 'Another server is running on this data directory. Stop it first.', {
      cause,
    })
  }
  return { release: () => lock.close() }
}
