// How a segment ends: what its row and the audit log say, and which failures are not the end of it.

import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { RunTools, SegmentRun } from './run.ts'
import { isOver, type Search } from './search.ts'
import { getSegment, updateSegment, type SegmentChange, type SegmentRow } from './store.ts'

/** One run of one segment, and all it works with. */
export interface Work {
  readonly house: House
  readonly caller: Caller
  readonly run: SegmentRun
  readonly tools: RunTools
  readonly search: Search
  readonly segment: SegmentRow
}

/** Nobody can say what became of it: a person decides whether to ask again. */
export class LostSearch extends AppError {
  constructor(reason?: string) {
    super(
      'conflict',
      reason ??
        'The product stopped between asking and remembering what it asked: the search may have run. Ask again if that does no harm.',
    )
  }
}

/** What the row says when a run threw. A run that will be tried again, or a server that stops, ends nothing. */
export async function end(work: Work, error: unknown): Promise<void> {
  const { tools } = work
  if (tools.signal.aborted && tools.isCancelled()) {
    // Told already, unless it was cancelled before anything was sent.
    return endSegment(work, 'cancelled', 'Cancelled before the target was asked.', {})
  }
  if (error instanceof LostSearch) return endSegment(work, 'unknown', error.message, {})
  const reason = reasonOf(error)
  if (tools.signal.aborted && !isTimeout(error)) return
  if (tools.isLastRun || isFinal(error)) return endSegment(work, 'failed', reason, {})
  const { house, caller, run } = work
  await house.db.write(caller, (tx) =>
    updateSegment(tx, run.searchId, run.position, { reason: `${reason} It is tried again.` }),
  )
}

/** One text that people read: that it is refused, and in the target's own words why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'Something went wrong; the log has the details.'
  const problems = (error.details['problems'] ?? []) as readonly Problem[]
  const told = problems.map(({ message }) => message).filter((text) => text !== error.message)
  return [error.message, ...told].join(' ').slice(0, REASON_CHARS_MAX).toWellFormed()
}

/** A target may say as much as it likes. */
const REASON_CHARS_MAX = 2_000

function isTimeout(error: unknown): boolean {
  return error instanceof AppError && error.code === 'timeout'
}

/** As the runner's own judgement: these are not tried again. */
function isFinal(error: unknown): boolean {
  const again = ['rate_limited', 'upstream', 'timeout', 'busy', 'storage_full', 'cancelled']
  return error instanceof AppError && !again.includes(error.code)
}

export async function endSegment(
  { house, caller, run, tools, search }: Work,
  state: 'succeeded' | 'failed' | 'cancelled' | 'unknown',
  reason: string | null,
  change: SegmentChange,
): Promise<void> {
  const { searchId, position } = run
  await house.db.write(caller, async (tx) => {
    await tools.assertLeased(tx)
    const before = await getSegment(tx, tx.scope, searchId, position)
    if (isOver(before.state)) return
    const ending = { ...change, state, reason, endedAt: house.clock.now() }
    await updateSegment(tx, searchId, position, ending)
    const { targetId, rowCount, completeness } = { ...before, ...ending }
    await house.audit.record(tx, caller, {
      action: 'search.end',
      target: searchId,
      data: {
        segment: position,
        on: targetId,
        state,
        rows: rowCount,
        completeness,
        by: search.createdBy,
      },
    })
  })
}
