// What became of a change to many rules: how many were changed, which were refused and why.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Job } from '#platform/jobs/job.ts'
import * as store from './store.ts'

export interface BulkShown {
  readonly bulk: store.Bulk
  readonly job: Job
  readonly counts: store.BulkCounts
  /** The change that takes this one back; null when nobody asked for it. */
  readonly undoneBy: JobId | null
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getBulk(house: House, caller: Caller, jobId: JobId): Promise<BulkShown> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const bulk = await store.getBulk(reader, scope, jobId)
  return {
    bulk,
    job: await house.jobs.find(scope, jobId),
    counts: await store.countBulkItems(reader, scope, jobId),
    undoneBy: await store.findUndo(reader, scope, jobId),
  }
}

export interface BulkItemsWanted {
  readonly result?: store.BulkOutcome | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Rule by rule, in the order of their ids. Throws as getBulk. */
export async function listBulkItems(
  house: House,
  caller: Caller,
  jobId: JobId,
  { result, limit, cursor }: BulkItemsWanted,
): Promise<Page<store.BulkItem>> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  await store.getBulk(reader, scope, jobId)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'rule-bulk', jobId, result: result ?? null },
    limit,
    cursor,
    placeOf: ({ ruleId }: store.BulkItem) => ruleId,
    select: ({ limit: max, after }) =>
      store.selectBulkItems(reader, scope, jobId, {
        result,
        limit: max,
        after,
      }),
  })
}
