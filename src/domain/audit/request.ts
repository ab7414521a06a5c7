// Asking for the proof of the log now: the same job as the nightly one.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { verifyAuditJob } from './jobs.ts'

export async function requestAuditCheck(house: House, caller: Caller): Promise<JobId> {
  permit(caller, 'audit.verify')
  return house.db.write(caller, (tx) =>
    house.jobs.enqueue(tx, caller, verifyAuditJob, {}, { title: 'Verify the audit log' }),
  )
}
