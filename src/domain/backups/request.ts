// Asking for a backup now: the same job as the schedule's, so it shows its progress, can be stopped and
// counts among the ones that are kept.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { backupJob } from './jobs.ts'

/** `folder` is absolute. Audited when the backup is made. */
export async function requestBackup(
  house: House,
  caller: Caller,
  place: { readonly folder: string; readonly keep: number },
): Promise<JobId> {
  permit(caller, 'backup.create')
  return house.db.write(caller, (tx) =>
    house.jobs.enqueue(tx, caller, backupJob, place, { title: 'Back up the instance' }),
  )
}
