// Keeps the write-ahead log small. SQLite's automatic checkpoint copies pages back but leaves the
// file at its largest size, and restarts it only when no reader stands in it; a log that grows
// without bound fills the disk and makes every start slow.

import { statSync } from 'node:fs'
import { MINUTE, SECOND } from '#kernel/time.ts'
import { BUSY_TIMEOUT_MS, isStorageError, type Connection } from './open.ts'

export interface WalOptions {
  /** Quiet time after which the log is emptied. */
  readonly walIdleMs?: number
  /** Size from which it is emptied although writes go on. */
  readonly walBytesMax?: number
}

const IDLE_MS = 2 * SECOND
const BYTES_MAX = 64 * 1024 * 1024
const RETRY_MS = SECOND // while a reader stands in the log
const REPORT_EVERY_MS = MINUTE

export class WalKeeper {
  readonly #file: string
  readonly #idleMs: number
  readonly #bytesMax: number
  readonly #report: () => void
  #idle: NodeJS.Timeout | undefined
  #triedAt = -Infinity
  #reportedAt = -Infinity

  /** `report` is told when the log is too large and a reader keeps it so. */
  constructor(databaseFile: string, options: WalOptions, report: () => void) {
    this.#file = `${databaseFile}-wal`
    this.#idleMs = options.walIdleMs ?? IDLE_MS
    this.#bytesMax = options.walBytesMax ?? BYTES_MAX
    this.#report = report
  }

  /** Called after each COMMIT, outside any transaction. Throws what the storage throws. */
  afterCommit(connection: Connection): void {
    if (this.#idle) this.#idle.refresh()
    else this.#idle = setTimeout(() => this.#whenIdle(connection), this.#idleMs).unref()
    const now = performance.now()
    if (now - this.#triedAt < RETRY_MS || sizeOf(this.#file) <= this.#bytesMax) return
    this.#triedAt = now
    if (empty(connection) || now - this.#reportedAt < REPORT_EVERY_MS) return
    this.#reportedAt = now
    this.#report()
  }

  /** The connection is about to close, or must not be used again. */
  stop(): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
  }

  #whenIdle(connection: Connection): void {
    this.#idle = undefined
    if (connection.inTransaction || sizeOf(this.#file) === 0) return
    try {
      empty(connection)
    } catch (error) {
      if (!isStorageError(error)) throw error // the next write meets the same storage and says so
    }
  }
}

// Whether the log is empty now. Waits for nobody: this is the thread that answers requests.
function empty(connection: Connection): boolean {
  connection.pragma('busy_timeout = 0')
  try {
    const [outcome] = connection.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
    return outcome.busy === 0
  } finally {
    connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
