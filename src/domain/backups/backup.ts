// A backup of the instance: one encrypted file, proven by a trial restore before it counts.

import type { BackupId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export interface Backup {
  readonly id: BackupId
  /** Absolute path on the machine of the server. */
  readonly file: string
  readonly createdAt: Instant
  readonly sizeBytes: number
  /** Key id of the master secret that opens it. */
  readonly mkId: string
  /** Entries of the audit log it holds. */
  readonly auditSize: number
  /** Made by the schedule, and removed by it when newer ones are enough. */
  readonly isScheduled: boolean
}

/** Scheduled backups beyond the newest `keep`; what a person made is never among them. */
export function surplus(backups: readonly Backup[], keep: number): readonly Backup[] {
  const scheduled = backups.filter(({ isScheduled }) => isScheduled)
  return scheduled.toSorted((a, b) => b.createdAt - a.createdAt).slice(keep)
}

/** The kind of job that makes one into the folder of scheduled backups. */
export const BACKUP_JOB = 'backup.create'
export const BACKUP_TITLE = 'Back up the instance'
