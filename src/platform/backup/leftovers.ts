// What a process that died in the middle of a backup or a restore left in the data directory: plain
// copies of the database that nobody needs. Called at start, by the holder of the lock.

import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** Folder in which a restore prepares the database. */
export const RESTORING = 'restoring'

const COPY = /^backup-[0-9a-f]{16}\.tmp(-wal|-shm|-journal)?$/

/** The copy of a backup that is being made. */
export function copyName(random: Buffer): string {
  return `backup-${random.toString('hex')}.tmp`
}

export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const isOurs = name === RESTORING || COPY.test(name)
    if (isOurs) rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}
