// The same change to many rules: a tag, a group, a level, an owner, putting them away or taking them back.
// It edits their texts, so each change is a version with its reason, and what it does not name stays byte
// for byte. What became of each rule is kept, so that the change can be looked at and taken back.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import type { BulkRequest, BulkWork } from '#domain/rules/input.ts'
import { BULK_JOB, titleOf } from './change.ts'
import { editPages, undoPages } from './pages.ts'
import * as store from './store.ts'

/** Queues the change. Returns its job. Audited now, and again with each rule that it changes. */
export async function startBulkEdit(
  house: House,
  caller: Caller,
  request: BulkRequest,
): Promise<JobId> {
  permit(caller, 'rule.write')
  const data = { edit: { ...request.edit }, ruleCount: request.ids?.length ?? null }
  return house.db.write(caller, (tx) =>
    enqueue(tx, house, caller, { work: request, title: titleOf(request.edit), undoes: null, data }),
  )
}

/**
 * Queues a change that gives every rule the text or state back that this one took, unless it was changed
 * since. Throws `conflict` while it runs and when it was taken back already.
 */
export async function startUndo(house: House, caller: Caller, jobId: JobId): Promise<JobId> {
  permit(caller, 'rule.write')
  const { endedAt } = await house.jobs.find(caller.scope, jobId)
  return house.db.write(caller, async (tx) => {
    const { title } = await store.getBulk(tx, tx.scope, jobId)
    if (endedAt === null) throw new AppError('conflict', 'This change still runs. Cancel it first.')
    if ((await store.findUndo(tx, tx.scope, jobId)) !== null) {
      throw new AppError('conflict', 'This change was undone already.')
    }
    return enqueue(tx, house, caller, {
      work: { undo: jobId },
      title: `Undo: ${title}`.slice(0, TITLE_CHARS),
      undoes: jobId,
      data: { undoes: jobId },
    })
  })
}

const TITLE_CHARS = 300
/** As long as a job is kept. */
const KEPT_MS = 365 * DAY

interface Queued {
  readonly work: BulkWork
  readonly title: string
  readonly undoes: JobId | null
  readonly data: Json
}

async function enqueue(
  tx: Tx,
  house: House,
  caller: Caller,
  { work, title, undoes, data }: Queued,
): Promise<JobId> {
  const { now: createdAt, actor: createdBy } = caller
  await store.deleteBulksBefore(tx, addMs(createdAt, -KEPT_MS))
  const jobId = await house.jobs.enqueueKind(tx, caller, BULK_JOB, work, { title })
  await store.insertBulk(tx, { jobId, title, undoes, createdAt, createdBy })
  await house.audit.record(tx, caller, { action: BULK_JOB, target: jobId, data })
  return jobId
}

export interface BulkRun {
  readonly jobId: JobId
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

/** Safe to repeat: a rule that has the change already is left as it is, and so is what was told of it. */
export async function runBulkEdit(
  house: House,
  caller: Caller,
  work: BulkWork,
  { jobId, signal, report }: BulkRun,
): Promise<store.BulkCounts> {
  permit(caller, 'rule.write')
  const pages = 'undo' in work ? undoPages(work.undo) : editPages(work)
  const total = await pages.total(house, caller)
  for (let after: RuleId | null = null; ;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const last: RuleId | null = await pages.run(house, caller, { jobId, after })
    await nextTurn()
    const counts = await store.countBulkItems(house.db.read(caller.scope), caller.scope, jobId)
    const done = counts.changed + counts.same + counts.refused
    report({ done, total: Math.max(done, total), unit: 'rules', note: noteOf(counts) })
    if (last === null) return counts
    after = last
  }
}

function noteOf({ changed, same, refused }: store.BulkCounts): string {
  return `${changed} changed, ${same} had it already, ${refused} refused`
}
