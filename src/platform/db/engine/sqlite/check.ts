// Is this file one of ours, and whole? What a start looks at, and what the nightly check does.
//
// Known gap: SQLite keeps no checksums. A flipped bit inside a value is seen by neither check (of
// 300 single flips about 10 were); what must not be altered unseen carries a digest of its own.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { AppError } from '#kernel/error.ts'
import { isDamage, type Connection } from './open.ts'

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'
/** Larger files are checked by a job after the start: the check reads every page. */
const START_CHECK_BYTES_MAX = 64 * 1024 * 1024
const PROBLEMS_MAX = 10

/**
 * Reads the header without SQLite. Throws `invalid` for a file that is no database or lacks pages
 * at its end. Call it before any connection of this process has the file open: closing a
 * descriptor drops the locks that the process holds on it.
 */
export function checkHeader(file: string): void {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    if (size === 0) return // made, and nothing written yet
    // A crash inside a checkpoint leaves the file half written and all of it in the log.
    if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size) return
    const header = Buffer.alloc(HEADER_BYTES)
    const read = readSync(descriptor, header, 0, HEADER_BYTES, 0)
    if (read < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
      throw damaged(file, 'it has no database header')
    const pages = isCountValid(header) ? header.readUInt32BE(28) : 0
    if (size < pages * pageBytes(header)) throw damaged(file, 'its end is missing')
  } finally {
    closeSync(descriptor)
  }
}

/** At start: reads every page of a file that is small enough. Throws `invalid` for damage. */
export function checkAtStart(connection: Connection, file: string): void {
  const pages = connection.pragma('page_count', { simple: true }) as number
  const bytes = connection.pragma('page_size', { simple: true }) as number
  if (pages * bytes > START_CHECK_BYTES_MAX) return
  const [problem] = findDamage(connection, 'quick')
  if (problem) throw damaged(file, problem)
}

/**
 * What SQLite finds wrong, at most ten sentences; empty when nothing. `full` also compares every
 * index with its table. Reads the whole file: not on the thread that answers requests.
 */
export function findDamage(connection: Connection, depth: 'quick' | 'full'): readonly string[] {
  const pragma = depth === 'quick' ? 'quick_check' : 'integrity_check'
  try {
    const found = connection.prepare(`pragma ${pragma}(${PROBLEMS_MAX})`).pluck().all() as string[]
    if (found.length === 1 && found[0] === 'ok') return []
    const lines = found.flatMap((row) => row.split('\n'))
    return lines.filter((line) => !line.startsWith('***')).slice(0, PROBLEMS_MAX)
  } catch (error) {
    if (isDamage(error)) return [(error as Error).message]
    throw error
  }
}

/** Runs `open` and turns SQLite's word for damage into ours. */
export function refuseDamage<T>(file: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (isDamage(error)) throw damaged(file, (error as Error).message, error)
    throw error
  }
}

function damaged(file: string, what: string, cause?: unknown): AppError {
  return new AppError(
    'invalid',
    `The database ${file} is damaged: ${what}. Nothing was changed. Restore the newest backup.`,
    { cause },
  )
}

// SQLite trusts the page count only when the two counters agree (file format, section 1.3.8).
function isCountValid(header: Buffer): boolean {
  return header.readUInt32BE(24) === header.readUInt32BE(92)
}

function pageBytes(header: Buffer): number {
  const stored = header.readUInt16BE(16)
  return stored === 1 ? 65_536 : stored
}
