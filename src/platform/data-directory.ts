// The one writable directory of an instance: where its files are and who may touch them. Everything
// that persists is below it, unless a setting says otherwise.

import { constants, accessSync, existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import { errnoOf } from './errno.ts'

export interface DataDirectory {
  /** Absolute. */
  readonly path: string
  readonly database: string
  /** Rows read from targets, sealed; in no backup. */
  readonly evidence: string
  readonly masterSecret: string
  /** Held by the process that serves the directory. */
  readonly lock: string
  /** Where that process takes commands. */
  readonly socket: string
}

export function describeDataDirectory(dir: string): DataDirectory {
  return {
    path: dir,
    database: path.join(dir, 'rulewright.db'),
    evidence: path.join(dir, 'evidence.db'),
    masterSecret: path.join(dir, 'master.secret'),
    lock: path.join(dir, 'instance.lock'),
    socket: path.join(dir, 'control.sock'),
  }
}

/** Whether an instance lives there. */
export function hasInstance(dir: DataDirectory): boolean {
  return existsSync(dir.database)
}

/** Makes the directory, private to its owner. Throws `invalid` when it cannot be used. */
export function makeDataDirectory(dir: DataDirectory): void {
  try {
    mkdirSync(dir.path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unusable(dir, cause)
  }
  checkDataDirectory(dir)
}

const WRITABLE_BY_OTHERS = 0o022

/** Throws `invalid` with what to do when the directory is not there, not ours, or open to writers. */
export function checkDataDirectory(dir: DataDirectory): void {
  try {
    const { mode } = statSync(dir.path)
    accessSync(dir.path, constants.R_OK | constants.W_OK | constants.X_OK)
    // Who can write here can exchange the database, or put a socket of their own in its place.
    if ((mode & WRITABLE_BY_OTHERS) !== 0) {
      throw new AppError(
        'invalid',
        `others can write to the data directory ${dir.path}: run chmod 700 ${dir.path}`,
      )
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unusable(dir, cause)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below something that is no directory',
  EEXIST: 'is no directory',
  EACCES: 'is not ours to write: give it to the user this runs as, or name another with --data',
  EPERM: 'is not ours to write: give it to the user this runs as, or name another with --data',
  EROFS: 'lies on a read-only file system: name another with --data',
  ENOSPC: 'lies on a full disk: free some space',
}

function unusable(dir: DataDirectory, cause: unknown): AppError {
  const code = errnoOf(cause) ?? 'unknown error'
  const reason = REASONS[code] ?? `cannot be used (${code})`
  return new AppError('invalid', `the data directory ${dir.path} ${reason}`, { cause })
}
