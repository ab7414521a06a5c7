// A consistent copy of a live database file: `VACUUM INTO` reads one snapshot and leaves the pages
// of deleted rows behind. The copy appears under its name only when it is whole and on the disk.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Connection } from './open.ts'

/** Writes `file`, mode 0600. The connection must not be inside a transaction. */
export function copyDatabase(connection: Connection, file: string): void {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  closeSync(openSync(partial, 'wx', 0o600)) // VACUUM INTO takes an empty file and keeps its mode
  connection.prepare('vacuum into ?').run(partial)
  syncPath(partial) // VACUUM INTO itself never syncs
  renameSync(partial, file)
  syncPath(folder)
}

function syncPath(target: string): void {
  const descriptor = openSync(target, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
