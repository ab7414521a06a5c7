// What the runner does to jobs that nobody runs: takes over what a dead owner left, and forgets what
// ended long ago.

import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { EventBus } from '#platform/events.ts'
import { endingOfDead } from './ending.ts'
import { settle } from './settle.ts'
import { deleteEnded, foreignLeases, type JobRow } from './store.ts'

/** A dead job is kept with its reason for a year at least. */
const KEEP_DEAD_MS = 365 * DAY
const FORGET_BATCH = 500

/** Ends the leases of every owner but this one. */
export async function takeBackForeign(
  tx: Tx,
  events: EventBus,
  { owner, now }: { readonly owner: string; readonly now: Instant },
): Promise<void> {
  await takeBack(tx, events, await foreignLeases(tx, owner), now)
}

/** Back to the queue, or to an end when it was tried often enough. */
export async function takeBack(
  tx: Tx,
  events: EventBus,
  rows: readonly JobRow[],
  now: Instant,
): Promise<void> {
  for (const row of rows) {
    const { id, fence, attempt } = row
    const ending = endingOfDead({ ...row, isCancelRequested: row.isCancelRequested === 1 })
    const lease = { jobId: id, fence }
    await settle(tx, events, { lease, attempt, ending, mayHaveSteps: true, now })
  }
}

/**
 * Deletes a batch of what ended before `keepMs`, of the kinds that say less what succeeded before that.
 * True when there may be more.
 */
export async function forgetEnded(
  tx: Tx,
  now: Instant,
  keepMs: number,
  kinds: readonly { readonly kind: string; readonly keptMs?: number }[],
): Promise<boolean> {
  const old = (ms: number) => ({ before: addMs(now, -ms), max: FORGET_BATCH })
  let isMore = false
  for (const { kind, keptMs = keepMs } of kinds) {
    if (keptMs >= keepMs) continue
    const gone = await deleteEnded(tx, { states: ['succeeded'], kind, ...old(keptMs) })
    isMore ||= gone === FORGET_BATCH
  }
  const finished = await deleteEnded(tx, { states: ['succeeded', 'cancelled'], ...old(keepMs) })
  const deadMs = Math.max(keepMs, KEEP_DEAD_MS)
  const dead = await deleteEnded(tx, { states: ['failed', 'unknown'], ...old(deadMs) })
  return isMore || finished === FORGET_BATCH || dead === FORGET_BATCH
}
